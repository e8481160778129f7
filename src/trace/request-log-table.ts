import {
  Dictionary,
  makeData,
  makeVector,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint16,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { InputError } from '../base/problem.js';
import type { RequestLog } from './request-log.js';

/** Numeric columns of a log file, by their names there. */
const COLUMNS = {
  batch_size: 'batchSize',
  planned_us: 'plannedUs',
  sent_us: 'sentUs',
  queued_us: 'queuedUs',
  started_us: 'startedUs',
  ended_us: 'endedUs',
  input_us: 'inputUs',
  infer_us: 'inferUs',
  output_us: 'outputUs',
  response_us: 'responseUs',
  front_end_us: 'frontEndUs',
  network_us: 'networkUs',
  execution: 'execution',
  executed_batch: 'executedBatch',
  outcome: 'outcome',
} as const;

/** A request log as an Arrow table: names as dictionaries, times in microseconds, NaN where one never came. */
export function requestLogToTable(log: RequestLog): Table {
  const numeric = Object.entries(COLUMNS).map(([name, key]) => [name, makeVector(log[key])]);
  const columns = {
    tenant: dictionary(log.tenant, log.tenants),
    server: dictionary(log.server, log.servers),
    ...Object.fromEntries(numeric),
  };
  const table = new Table(columns);
  table.schema.metadata.set('end_us', String(log.endUs));
  return table;
}

export function requestLogToArrow(log: RequestLog): Uint8Array {
  return tableToIPC(requestLogToTable(log), 'file');
}

/** @throws InputError when the bytes are no request log */
export function requestLogFromArrow(bytes: Uint8Array, file?: string): RequestLog {
  const fail = (what: string) =>
    InputError.of(what, 'give a file written by --log or --out', file === undefined ? {} : { file });
  let table: Table;
  try {
    table = tableFromIPC(bytes);
  } catch {
    throw fail('this is no Arrow file');
  }
  const endUs = Number(table.schema.metadata.get('end_us'));
  const missing = ['tenant', 'server', ...Object.keys(COLUMNS)].filter(
    (name) => table.getChild(name) === null,
  );
  if (missing.length > 0 || !Number.isFinite(endUs))
    throw fail(`this is no request log (without ${missing.join(', ') || 'end_us'})`);
  const tenant = codes(table, 'tenant');
  const server = codes(table, 'server');
  const numeric = Object.entries(COLUMNS).map(([name, key]) => [key, table.getChild(name)!.toArray()]);
  return {
    tenants: tenant.names,
    servers: server.names,
    tenant: tenant.codes,
    server: server.codes,
    ...(Object.fromEntries(numeric) as Omit<
      RequestLog,
      'tenants' | 'servers' | 'tenant' | 'server' | 'endUs'
    >),
    endUs,
  };
}

function dictionary(indices: Uint16Array, names: readonly string[]) {
  const type = new Dictionary(new Utf8(), new Uint16());
  return makeVector(makeData({ type, data: indices, dictionary: vectorFromArray(names, new Utf8()) }));
}

function codes(table: Table, column: string): { names: string[]; codes: Uint16Array } {
  const names: string[] = [];
  const known = new Map<string, number>();
  const values = table.getChild(column)!;
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const name = String(values.get(i));
    let code = known.get(name);
    if (code === undefined) {
      code = names.push(name) - 1;
      known.set(name, code);
    }
    result[i] = code;
  }
  return { names, codes: result };
}
