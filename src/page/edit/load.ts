import { loadTimes } from '../../scenario/load-times.js';
import type { ScenarioSpec } from '../../scenario/spec.js';
import { meanRatePerS } from '../../trace/synthesis/mean-rate.js';

type TenantSpec = ScenarioSpec['tenants'][number];

/** What a slider of a tenant's load is of: requests per second, closed-loop clients, or times what its trace has. */
export interface LoadAmount {
  readonly unit: 'requests/s' | 'clients' | 'times the trace';
  readonly value: number;
}

/** How much a tenant sends. */
export function loadAmount({ load }: TenantSpec, durationS: number): LoadAmount {
  if (load.closedLoop !== undefined) return { unit: 'clients', value: load.closedLoop.concurrency };
  if (load.trace !== undefined) return { unit: 'times the trace', value: load.trace.scaleRate };
  return { unit: 'requests/s', value: meanRatePerS(load.process!, durationS) };
}

/** So many clients, and at least one more or less: a step of a slider is less than a client where there are few. */
export function wholeClients(present: number, wanted: number): number {
  const rounded = Math.round(wanted);
  return Math.max(1, rounded === present ? present + Math.sign(wanted - present) : rounded);
}

/** The scenario with so much load of one tenant, of the same shape. */
export function withLoadAmount(spec: ScenarioSpec, index: number, amount: number): ScenarioSpec {
  const tenant = spec.tenants[index]!;
  const factor = amount / loadAmount(tenant, spec.durationS ?? 1).value;
  if (!(factor > 0)) return spec;
  const load = loadTimes(tenant.load, factor);
  return { ...spec, tenants: spec.tenants.map((one, i) => (i === index ? { ...one, load } : one)) };
}
