import { InputError } from '../../base/problem.js';
import { someOf } from '../../base/some-of.js';
import { quoteValue } from '../row-problems.js';
import { filterRows, takeRows } from '../rows.js';
import type { Trace } from '../trace.js';

/** The requests of one tenant, as a trace of its own over the same duration. @throws InputError */
export function selectTenant(trace: Trace, name: string): Trace {
  return selectTenants(trace, [name]);
}

/** The requests of some tenants, numbered in the order given. @throws InputError on an unknown name */
export function selectTenants(trace: Trace, names: readonly string[]): Trace {
  checkKnown(trace, names);
  const targetOf = indicesOf(names);
  const selected = filterRows(trace, (row) => targetOf.has(tenantName(trace, row)));
  return renumber(selected, [...targetOf.keys()], (name) => targetOf.get(name) ?? 0);
}

/** The trace of every tenant, in their order, in one pass over the requests. */
export function splitTenants(trace: Trace): Trace[] {
  const counts = new Uint32Array(trace.tenants.length);
  for (const tenant of trace.tenant) counts[tenant] = (counts[tenant] as number) + 1;
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(counts.length);
  for (const [row, tenant] of trace.tenant.entries()) {
    const at = filled[tenant] as number;
    (rows[tenant] as Uint32Array)[at] = row;
    filled[tenant] = at + 1;
  }
  return rows.map((own, tenant) => ({
    ...takeRows(trace, own),
    tenants: [trace.tenants[tenant] as string],
    tenant: new Uint16Array(own.length),
  }));
}

/**
 * Gives tenants other names; those not mentioned keep theirs. Two tenants given one name become
 * one tenant.
 *
 * @throws InputError on a tenant that the trace does not have
 */
export function renameTenants(trace: Trace, names: Readonly<Record<string, string>>): Trace {
  checkKnown(trace, Object.keys(names));
  const rename = (name: string) => (Object.hasOwn(names, name) ? (names[name] as string) : name);
  const targetOf = indicesOf(trace.tenants.map(rename));
  return renumber(trace, [...targetOf.keys()], (name) => targetOf.get(rename(name)) as number);
}

export interface MapSourcesOptions {
  /**
   * `stripe` deals the sources out in turn, so that neighbours (often of one owner) part; `block` gives
   * each tenant a run of neighbours. Default `stripe`.
   */
  readonly by?: 'stripe' | 'block' | undefined;
}

/**
 * Maps many sources (the tenants of `trace`: functions, clients) onto few tenants. Every source
 * goes to exactly one tenant, and no tenant gets over one source more than another.
 *
 * @throws InputError without a tenant
 */
export function mapSources(trace: Trace, tenants: readonly string[], options: MapSourcesOptions = {}): Trace {
  if (tenants.length === 0) throw InputError.of('there are no tenants to map the sources onto');
  const sources = trace.tenants.length;
  const names = [...new Set(tenants)];
  const target =
    options.by === 'block'
      ? (_: string, source: number) => Math.floor((source * names.length) / sources)
      : (_: string, source: number) => source % names.length;
  return renumber(trace, names, target);
}

function tenantName(trace: Trace, row: number): string {
  return trace.tenants[trace.tenant[row] as number] as string;
}

/** Distinct names, numbered in the order in which they first come. */
function indicesOf(names: readonly string[]): Map<string, number> {
  return new Map(Array.from(new Set(names), (name, index) => [name, index]));
}

function checkKnown(trace: Trace, names: readonly string[]): void {
  const known = new Set(trace.tenants);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const remedy = `it has ${someOf(trace.tenants.map(quoteValue), 10)}`;
  throw new InputError(
    unknown.map((name) => ({ what: `the trace has no tenant ${quoteValue(name)}`, remedy })),
  );
}

function renumber(
  trace: Trace,
  tenants: readonly string[],
  target: (name: string, index: number) => number,
): Trace {
  const targets = trace.tenants.map(target);
  return { ...trace, tenants, tenant: trace.tenant.map((index) => targets[index] as number) };
}
