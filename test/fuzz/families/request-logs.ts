import { firstCall } from '../../../src/trace/calls.js';
import { requestLogFromArrow } from '../../../src/trace/log-table/request-log-arrow.js';
import { Outcome, type RequestLog } from '../../../src/trace/request-log.js';
import { requestLogToArrow } from '../../support/log-files.js';
import { chance, pick, type Random } from '../choose.js';
import { demand, type Family, INPUT_FILE } from '../family.js';
import { mistakenBytes } from '../mutate-bytes.js';
import { oddArrowTable } from '../odd-tables.js';
import { firstRows } from '../sample-run.js';

/** Request logs as Arrow files: the table of requests, and that of calls beside a table of requests without mistakes. */
export function requestLogFamilies(log: RequestLog): readonly Family[] {
  const samples = [0, 1, 40].map((rows) => requestLogToArrow(firstRows(log, rows)));
  const mistaken = (random: Random, tables: readonly Uint8Array[]) =>
    chance(random, 0.05) ? oddArrowTable(random) : mistakenBytes(random, () => pick(random, tables));
  const { requests } = samples.at(-1)!;
  return [
    {
      name: 'request-log',
      generate: (random: Random) =>
        mistaken(
          random,
          samples.map((sample) => sample.requests),
        ),
      read: (bytes: Uint8Array) => checkLog(requestLogFromArrow({ bytes, file: INPUT_FILE })),
    },
    {
      name: 'call-log',
      generate: (random: Random) =>
        mistaken(
          random,
          samples.map((sample) => sample.calls),
        ),
      read: (bytes: Uint8Array) =>
        checkLog(requestLogFromArrow({ bytes: requests }, { bytes, file: INPUT_FILE })),
    },
  ];
}

function checkLog(log: RequestLog): void {
  demand(Number.isFinite(log.endUs) && log.endUs >= 0, `the log ends at ${log.endUs}`);
  const rows = log.tenant.length;
  checkColumns(log, REQUEST_COLUMNS, rows);
  checkColumns(log.calls, CALL_COLUMNS, log.calls.model.length);
  demand(
    log.tenant.every((index) => index < log.tenants.length) &&
      log.server.every((index) => index < log.servers.length),
    'a row names no tenant or no server',
  );
  demand(
    log.calls.model.every((index) => index < log.calls.models.length) &&
      log.calls.server.every((index) => index < log.servers.length),
    'a call names no model or no server',
  );
  for (const outcomes of [log.outcome, log.calls.outcome])
    demand(
      outcomes.every((outcome) => outcome <= Outcome.failed),
      'a row has no such outcome',
    );
  demand(firstCall(log, rows) === log.calls.model.length, 'a call is of no request');
}

function checkColumns(
  table: object,
  kinds: Readonly<Record<string, new (length: number) => { readonly length: number }>>,
  rows: number,
): void {
  for (const [key, kind] of Object.entries(kinds)) {
    const column: unknown = table[key as keyof typeof table];
    demand(column instanceof kind, `${key} is no ${kind.name}`);
    demand((column as Uint8Array).length === rows, `${key} has not ${rows} rows`);
  }
}

const REQUEST_COLUMNS = {
  tenant: Uint16Array,
  server: Uint16Array,
  batchSize: Uint16Array,
  plannedUs: Float64Array,
  sentUs: Float64Array,
  endedUs: Float64Array,
  frontEndUs: Float32Array,
  networkUs: Float32Array,
  outcome: Uint8Array,
} as const;

const CALL_COLUMNS = {
  model: Uint16Array,
  server: Uint16Array,
  instance: Int16Array,
  queuedUs: Float64Array,
  startedUs: Float64Array,
  inputUs: Float32Array,
  inferUs: Float32Array,
  outputUs: Float32Array,
  responseUs: Float32Array,
  execution: Int32Array,
  executedBatch: Uint16Array,
  outcome: Uint8Array,
} as const;
