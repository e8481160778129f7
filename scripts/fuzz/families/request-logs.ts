import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';
import { requestLogFromArrow, requestLogToArrow } from '../../../src/trace/request-log-table.js';
import { chance, pick, type Random } from '../choose.js';
import { demand, type Family, INPUT_FILE } from '../family.js';
import { mistakenBytes } from '../mutate-bytes.js';
import { oddArrowTable } from '../odd-tables.js';
import { firstRows } from '../sample-run.js';

/** Request logs as Arrow files. */
export function requestLogFamilies(log: RequestLog): readonly Family[] {
  const samples = [0, 1, 40].map((rows) => requestLogToArrow(firstRows(log, rows)));
  const generate = (random: Random) =>
    chance(random, 0.05) ? oddArrowTable(random) : mistakenBytes(random, () => pick(random, samples));
  return [{ name: 'request-log', generate, read: readLog }];
}

function readLog(bytes: Uint8Array): void {
  const log = requestLogFromArrow(bytes, INPUT_FILE);
  demand(Number.isFinite(log.endUs) && log.endUs >= 0, `the log ends at ${log.endUs}`);
  const rows = log.tenant.length;
  for (const [key, kind] of Object.entries(COLUMN_KINDS)) {
    const column = log[key as keyof RequestLog];
    demand(column instanceof kind, `${key} is no ${kind.name}`);
    demand(column.length === rows, `${key} has ${column.length} rows of ${rows}`);
  }
  demand(
    log.tenant.every((index) => index < log.tenants.length) &&
      log.server.every((index) => index < log.servers.length),
    'a row names no tenant or no server',
  );
  demand(
    log.outcome.every((outcome) => outcome <= Outcome.failed),
    'a row has no such outcome',
  );
}

const COLUMN_KINDS = {
  tenant: Uint16Array,
  server: Uint16Array,
  batchSize: Uint16Array,
  plannedUs: Float64Array,
  sentUs: Float64Array,
  queuedUs: Float64Array,
  startedUs: Float64Array,
  endedUs: Float64Array,
  inputUs: Float32Array,
  inferUs: Float32Array,
  outputUs: Float32Array,
  responseUs: Float32Array,
  frontEndUs: Float32Array,
  networkUs: Float32Array,
  execution: Int32Array,
  executedBatch: Uint16Array,
  outcome: Uint8Array,
} as const;
