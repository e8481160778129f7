import { Outcome, type RequestLog } from '../../trace/request-log.js';

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

/**
 * When a request was no longer in the system, in microseconds: its answer, of whatever kind. Infinity
 * when the run ended first. A refusal whose answer was not recorded left when it was sent.
 */
export function leftAtUs(became: number, ended: number, sent: number, planned: number): number {
  if (became === Outcome.unfinished) return Number.POSITIVE_INFINITY;
  if (!Number.isNaN(ended)) return ended;
  return Number.isNaN(sent) ? planned : sent;
}
