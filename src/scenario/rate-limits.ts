import type { GroupLimits } from './model-config.js';
import type { LimitedResource } from './scenario.js';

/** How much of each resource, by the pool that it comes from: that of a device, or the server's only one. */
export type Amounts = ReadonlyMap<string, number>;

const GLOBAL = 'global';

function poolOf(name: string, device: number | typeof GLOBAL): string {
  return `${device} ${name}`;
}

/**
 * What an execution of an instance holds.
 * @param device Triton's id; instances on the host, at -1, are on device 0 (core `backend_model.cc:611-615`)
 */
export function demandOf({ resources }: GroupLimits, device: number): Amounts {
  return new Map(
    resources.map(({ name, count, global }) => [poolOf(name, global ? GLOBAL : Math.max(0, device)), count]),
  );
}

/** The most that anyone asks for of each resource. */
function largestOf(demands: Iterable<Amounts>): Map<string, number> {
  const largest = new Map<string, number>();
  for (const demand of demands)
    for (const [pool, count] of demand) largest.set(pool, Math.max(count, largest.get(pool) ?? 0));
  return largest;
}

/** A global pool has the most that is written of its resource, be it for a device; one of a device what is written for it or for each. */
function writtenFor(pool: string, written: readonly LimitedResource[]): number {
  const fitting = written.filter(({ name, device }) =>
    [poolOf(name, GLOBAL), poolOf(name, device ?? Number.parseInt(pool, 10))].includes(pool),
  );
  return fitting.reduce((most, { count }) => Math.max(most, count), 0);
}

/** What there is of each resource that instances with these demands ask for (core `rate_limiter.cc`, UpdateResourceLimits). */
export function capacityOf(
  demands: Iterable<Amounts>,
  written: readonly LimitedResource[],
): Map<string, number> {
  const largest = largestOf(demands);
  if (written.length === 0) return largest;
  return new Map([...largest.keys()].map((pool) => [pool, writtenFor(pool, written)]));
}

/** Why Triton would not load models with these demands, in its own words. */
export function whyNotLoaded(demands: readonly Amounts[], written: readonly LimitedResource[]): string[] {
  const capacity = capacityOf(demands, written);
  const largest = [...largestOf(demands)];
  const nameOf = (pool: string) => pool.slice(pool.indexOf(' ') + 1);
  const isGlobal = (pool: string) => pool.startsWith(`${GLOBAL} `);
  const both = new Set(
    largest.flatMap(([pool]) =>
      !isGlobal(pool) && capacity.has(poolOf(nameOf(pool), GLOBAL)) ? [nameOf(pool)] : [],
    ),
  );
  return [
    ...largest
      .filter(([pool, count]) => capacity.get(pool)! < count)
      .map(
        ([pool, count]) =>
          `Resource count for "${nameOf(pool)}" is limited to ${capacity.get(pool)} which will prevent scheduling of one or more ` +
          `model instances, the minimum required count is ${count}`,
      ),
    ...[...both].map(
      (name) =>
        `Resource "${name}" is present as both global and device-specific resource in the model configuration`,
    ),
  ];
}
