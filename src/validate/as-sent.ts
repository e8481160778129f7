import { rowsByTenant } from '../metrics/figures/log-rows.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import type { RequestLog } from '../trace/request-log.js';

/** A scenario under the arrivals that a live run's load generator really sent. */
export interface AsSent {
  readonly scenario: Scenario;
  /** The log of its simulation, latency counted from the plan again: what the generator was late by is in it. */
  readonly fromPlan: (log: RequestLog) => RequestLog;
}

/**
 * Open loops arrive as they were sent, because a generator that shares cores with the server is late, now and then, and
 * what it is late by is not the server's. Loads that wait for answers stay as they are, and so do tenants
 * whose requests were not all sent, in the order of the plan.
 */
export function asSent(scenario: Scenario, live: RequestLog): AsSent {
  const sent = rowsByTenant(live);
  const lateUs = new Map<string, Float64Array>();
  const tenants = scenario.tenants.map((tenant): Tenant => {
    const { load, name } = tenant;
    if (load.mode !== 'open') return tenant;
    const rows = Array.from(sent[live.tenants.indexOf(name)] ?? []);
    const arrivalUs = Float64Array.from(rows, (row) => Math.round(live.sentUs[row]!));
    if (rows.length > load.trace.arrivalUs.length || !isAscending(arrivalUs)) return tenant;
    lateUs.set(
      name,
      Float64Array.from(rows, (row) => live.sentUs[row]! - live.plannedUs[row]!),
    );
    const whole = new Float64Array(load.trace.arrivalUs);
    whole.set(arrivalUs);
    // What the run did not come to stays behind its end.
    for (let i = rows.length; i < whole.length; i++) whole[i] = Math.max(whole[i]!, whole[i - 1] ?? 0);
    return { ...tenant, load: { ...load, trace: { ...load.trace, arrivalUs: whole } } };
  });
  return { scenario: { ...scenario, tenants }, fromPlan: (log) => laterBy(log, lateUs) };
}

function isAscending(values: Float64Array): boolean {
  return values.every((value, i) => !Number.isNaN(value) && (i === 0 || values[i - 1]! <= value));
}

function laterBy(log: RequestLog, lateUs: ReadonlyMap<string, Float64Array>): RequestLog {
  const plannedUs = new Float64Array(log.plannedUs);
  const next = new Map<string, number>();
  for (let row = 0; row < plannedUs.length; row++) {
    const name = log.tenants[log.tenant[row]!]!;
    const nth = next.get(name) ?? 0;
    next.set(name, nth + 1);
    plannedUs[row]! -= lateUs.get(name)?.[nth] ?? 0;
  }
  return { ...log, plannedUs };
}
