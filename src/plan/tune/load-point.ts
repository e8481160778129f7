import type { ScenarioSpec } from '../../scenario/spec.js';

/**
 * A load under which settings are tried: the callers of every closed loop, a factor on the rate of
 * every other load, or the load as the scenario has it (neither).
 */
export interface LoadPoint {
  readonly concurrency?: number;
  readonly rateFactor?: number;
}

/** `concurrency 8`, `1.5 × the rate`, or `the load as it is`. */
export function describeLoad({ concurrency, rateFactor = 1 }: LoadPoint): string {
  const parts = [
    ...(concurrency === undefined ? [] : [`concurrency ${concurrency}`]),
    ...(rateFactor === 1 ? [] : [`${rateFactor} × the rate`]),
  ];
  return parts.length === 0 ? 'the load as it is' : parts.join(', ');
}

/** The scenario file under that load: read again, it gives exactly what was tried. */
export function specWithLoad(spec: ScenarioSpec, point: LoadPoint): ScenarioSpec {
  const { concurrency, rateFactor = 1 } = point;
  const tenants = spec.tenants.map((tenant) => {
    const { closedLoop, process, trace } = tenant.load;
    const load = {
      ...tenant.load,
      ...(closedLoop && concurrency !== undefined && { closedLoop: { ...closedLoop, concurrency } }),
      ...(process && rateFactor !== 1 && { process: scaleProcess(process, rateFactor) }),
      ...(trace && rateFactor !== 1 && { trace: { ...trace, scaleRate: trace.scaleRate * rateFactor } }),
    };
    return { ...tenant, load };
  });
  return { ...spec, tenants };
}

/** Every rate of the process times `factor`; its shape stays. */
function scaleProcess<P extends object>(process: P, factor: number): P {
  return scaleFields(process, factor) as P;
}

/** `ratePerS`, `meanRatePerS`, … and the counts of bins are all there is of rates in a process. */
function scaleFields(value: unknown, factor: number): unknown {
  if (Array.isArray(value)) return value.map((part) => scaleFields(part, factor));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => {
    if (typeof part === 'number') return [key, /ratePerS$/i.test(key) ? part * factor : part];
    if (key === 'counts') return [key, (part as readonly number[]).map((count) => count * factor)];
    return [key, scaleFields(part, factor)];
  });
  return Object.fromEntries(entries);
}
