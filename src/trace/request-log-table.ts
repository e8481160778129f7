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
import { checkArrowBounds } from './arrow-check.js';
import { placeOf } from './collect.js';
import { Outcome, type RequestLog } from './request-log.js';

/** Numeric columns of a log file, by their names there, and what they are kept in. */
const COLUMNS = {
  batch_size: { key: 'batchSize', kind: Uint16Array },
  planned_us: { key: 'plannedUs', kind: Float64Array },
  sent_us: { key: 'sentUs', kind: Float64Array },
  queued_us: { key: 'queuedUs', kind: Float64Array },
  started_us: { key: 'startedUs', kind: Float64Array },
  ended_us: { key: 'endedUs', kind: Float64Array },
  input_us: { key: 'inputUs', kind: Float32Array },
  infer_us: { key: 'inferUs', kind: Float32Array },
  output_us: { key: 'outputUs', kind: Float32Array },
  response_us: { key: 'responseUs', kind: Float32Array },
  front_end_us: { key: 'frontEndUs', kind: Float32Array },
  network_us: { key: 'networkUs', kind: Float32Array },
  execution: { key: 'execution', kind: Int32Array },
  executed_batch: { key: 'executedBatch', kind: Uint16Array },
  outcome: { key: 'outcome', kind: Uint8Array },
} as const;

/** A request log as an Arrow table: names as dictionaries, times in microseconds, NaN where one never came. */
export function requestLogToTable(log: RequestLog): Table {
  const numeric = Object.entries(COLUMNS).map(([name, { key }]) => [name, makeVector(log[key])]);
  const columns = {
    tenant: dictionary(log.tenant, log.tenants, 0),
    server: dictionary(log.server, log.servers, 1),
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
  try {
    checkArrowBounds(bytes);
    return readTable(tableFromIPC(bytes));
  } catch (error) {
    // Arrow throws whatever broken bytes make it trip over, so every error is the input's.
    const reason = error instanceof Error ? error.message : String(error);
    throw InputError.of(
      `this is no request log (${reason})`,
      'give a file written by --log or --out',
      placeOf({ file }),
    );
  }
}

function readTable(table: Table): RequestLog {
  const missing = ['tenant', 'server', ...Object.keys(COLUMNS)].filter(
    (name) => table.getChild(name) === null,
  );
  if (missing.length > 0) throw new Error(`it has no ${missing.join(', ')}`);
  const endUs = Number(table.schema.metadata.get('end_us'));
  if (!(Number.isFinite(endUs) && endUs >= 0)) throw new Error('it does not say when the run ended');
  const tenant = codes(table, 'tenant');
  const server = codes(table, 'server');
  const numeric = Object.entries(COLUMNS).map(([name, { key, kind }]) => [key, numbers(table, name, kind)]);
  const log = {
    tenants: tenant.names,
    servers: server.names,
    tenant: tenant.codes,
    server: server.codes,
    ...Object.fromEntries(numeric),
    endUs,
  } as RequestLog;
  if (log.outcome.some((outcome) => outcome > Outcome.failed))
    throw new Error('a request has no known outcome');
  return log;
}

type NumericColumn = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array;

function numbers(table: Table, name: string, kind: new (length: number) => NumericColumn): NumericColumn {
  const column = table.getChild(name)!;
  const values: unknown = column.toArray();
  if (values instanceof kind && values.length === table.numRows && column.nullCount === 0) return values;
  throw new Error(`${name} is not a full column of ${kind.name.replace('Array', '')}`);
}

function dictionary(indices: Uint16Array, names: readonly string[], id: number) {
  // Without an id of our own the package counts one up, and the same log would not give the same bytes twice.
  const type = new Dictionary(new Utf8(), new Uint16(), id);
  return makeVector(makeData({ type, data: indices, dictionary: vectorFromArray(names, new Utf8()) }));
}

function codes(table: Table, column: string): { names: string[]; codes: Uint16Array } {
  const names: string[] = [];
  const known = new Map<string, number>();
  const values = table.getChild(column)!;
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const name: unknown = values.get(i);
    if (typeof name !== 'string') throw new Error(`a request has no ${column}`);
    let code = known.get(name);
    if (code === undefined) {
      code = names.push(name) - 1;
      known.set(name, code);
    }
    result[i] = code;
  }
  return { names, codes: result };
}
