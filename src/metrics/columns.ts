import { Outcome, type RequestLog } from '../trace/request-log.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { limitUsOf } from './same-latency.js';
import { streamLimits } from './stream-limits.js';

/** Columns derived from a request log, row by row, that every figure is made of. */
export interface DerivedColumns {
  /** Microseconds from where the tenant's latency begins to the answer; NaN unless completed. */
  readonly latencyUs: Float64Array;
  /** How the request stands to its tenant's SLO: see {@link SloOutcome}. */
  readonly met: Uint8Array;
  /** By index of the tenant: whether its latency begins when a request left the client, not when it was planned. */
  readonly isFromSent: readonly boolean[];
}

/** Values of the `met` column. */
export const SloOutcome = {
  /** Not answered with a result within the limit. */
  missed: 0,
  /** Completed within the limit; without an SLO, completed. */
  met: 1,
  /** Unanswered at the end of the run, but not yet too late: left out of the attainment. */
  open: 2,
} as const;

/** Derives the columns. Tenants of the log that are not in `tenants` have no SLO. */
export function deriveColumns(log: RequestLog, tenants: readonly MeasuredTenant[]): DerivedColumns {
  const specs = log.tenants.map((name) => tenants.find((tenant) => tenant.name === name));
  const limitUs = specs.map((spec) => (spec?.slo === undefined ? Infinity : limitUsOf(spec.slo.limitMs)));
  const streams = specs.map((spec) => spec?.slo && streamLimits(spec.slo, log.responses));
  const isFromSent = specs.map((spec) => spec?.latencyFrom === 'sent');
  const length = log.plannedUs.length;
  const latencyUs = new Float64Array(length).fill(Number.NaN);
  const met = new Uint8Array(length);
  for (let row = 0; row < length; row++) {
    const tenant = log.tenant[row]!;
    const startUs = (isFromSent[tenant] ? log.sentUs : log.plannedUs)[row]!;
    const outcome = log.outcome[row]!;
    if (outcome === Outcome.completed) {
      const latency = log.endedUs[row]! - startUs;
      latencyUs[row] = latency;
      const isInTime = latency <= limitUs[tenant]!;
      if (isInTime && streams[tenant]?.(startUs, log.endedUs[row]!, row) !== false) met[row] = SloOutcome.met;
    } else if (outcome === Outcome.unfinished && !(log.endUs - startUs > limitUs[tenant]!)) {
      met[row] = SloOutcome.open;
    }
  }
  return { latencyUs, met, isFromSent };
}

/** Rows of each tenant, in the order of the log. */
export function rowsByTenant(log: RequestLog): Uint32Array[] {
  const counts = new Uint32Array(log.tenants.length);
  for (const tenant of log.tenant) counts[tenant]!++;
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < log.tenant.length; row++) {
    const tenant = log.tenant[row]!;
    rows[tenant]![counts[tenant]!++] = row;
  }
  return rows;
}

/** Rows of the requests of a tenant that were planned at `fromUs` or later, in the order of the log; none where it has no such tenant. */
export function rowsOfTenant(log: RequestLog, tenant: string, fromUs: number): number[] {
  const index = log.tenants.indexOf(tenant);
  const rows: number[] = [];
  for (let row = 0; row < log.tenant.length; row++) {
    if (log.tenant[row] === index && log.plannedUs[row]! >= fromUs) rows.push(row);
  }
  return rows;
}

/** Every row of the log. */
export function allRows(log: RequestLog): Uint32Array {
  return new Uint32Array(log.tenant.length).map((_, row) => row);
}

/**
 * When a request was no longer in the system, in microseconds: its answer, of whatever kind. Infinity
 * when the run ended first. A refusal whose answer was not recorded left when it was sent.
 */
export function leftUs({ outcome, endedUs, sentUs, plannedUs }: RequestLog, row: number): number {
  return leftAtUs(outcome[row]!, endedUs[row]!, sentUs[row]!, plannedUs[row]!);
}

/** The same, given what became of the request, when it ended, when it was sent and for when it was planned. */
export function leftAtUs(became: number, ended: number, sent: number, planned: number): number {
  if (became === Outcome.unfinished) return Number.POSITIVE_INFINITY;
  if (!Number.isNaN(ended)) return ended;
  return Number.isNaN(sent) ? planned : sent;
}
