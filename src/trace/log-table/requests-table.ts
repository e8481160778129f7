import type { Table } from 'apache-arrow';
import { Outcome, type RequestLog, type ResponseColumns } from '../request-log.js';
import {
  countColumn,
  numbersOf,
  outcomeColumn,
  outcomesOf,
  requireColumns,
  rowNumbers,
  tableOfColumns,
  textColumn,
  textsOf,
  timeColumn,
} from './arrow-columns.js';

/** Name and version of the table of requests. */
export const REQUESTS_FORMAT = 'perseus-requests/2';

/** Keys of the metadata of both tables. */
export const FORMAT_KEY = 'perseus.format';
const END_KEY = 'perseus.end_us';

/** Requests of a log as an Arrow table: a row for each, in order of planned arrival; null where a time never came. */
export function requestsToTable(log: RequestLog): Table {
  const { count, firstUs, lastUs } = log.responses ?? singleResponses(log);
  return tableOfColumns(
    [
      ['request', countColumn(rowNumbers(log.tenant.length))],
      ['tenant', textColumn(log.tenant, log.tenants, 0)],
      ['server', textColumn(log.server, log.servers, 1)],
      ['batch_size', countColumn(log.batchSize)],
      ['planned_us', timeColumn(log.plannedUs)],
      ['sent_us', timeColumn(log.sentUs)],
      ['ended_us', timeColumn(log.endedUs)],
      ['front_end_us', timeColumn(log.frontEndUs)],
      ['network_us', timeColumn(log.networkUs)],
      ['outcome', outcomeColumn(log.outcome, 2)],
      ['responses', countColumn(count)],
      ['first_response_us', timeColumn(firstUs)],
      ...(lastUs === undefined ? [] : [[LAST, timeColumn(lastUs)] as const]),
    ],
    new Map([
      [FORMAT_KEY, REQUESTS_FORMAT],
      [END_KEY, String(log.endUs)],
    ]),
  );
}

/** Only where it may differ from the end of the request. */
const LAST = 'last_response_us';

const COLUMNS = [
  ...['request', 'tenant', 'server', 'batch_size', 'planned_us', 'sent_us', 'ended_us'],
  ...['front_end_us', 'network_us', 'outcome', 'responses', 'first_response_us'],
];

/** @throws Error where the table is none of requests */
export function requestsFromTable(table: Table): Omit<RequestLog, 'calls'> {
  requireColumns(table, COLUMNS);
  if (numbersOf(table, 'request', Uint32Array).some((request, row) => request !== row))
    throw new Error('its requests are not in their order');
  const tenant = textsOf(table, 'tenant');
  const server = textsOf(table, 'server');
  const log = {
    tenants: tenant.texts,
    servers: server.texts,
    tenant: tenant.indices,
    server: server.indices,
    batchSize: numbersOf(table, 'batch_size', Uint16Array),
    plannedUs: numbersOf(table, 'planned_us', Float64Array),
    sentUs: numbersOf(table, 'sent_us', Float64Array),
    endedUs: numbersOf(table, 'ended_us', Float64Array),
    frontEndUs: numbersOf(table, 'front_end_us', Float32Array),
    networkUs: numbersOf(table, 'network_us', Float32Array),
    outcome: outcomesOf(table),
    endUs: endOf(table, END_KEY),
  };
  const responses = {
    count: numbersOf(table, 'responses', Uint32Array),
    firstUs: numbersOf(table, 'first_response_us', Float64Array),
    ...(table.getChild(LAST) && { lastUs: numbersOf(table, LAST, Float64Array) }),
  };
  return isSame(responses, singleResponses(log)) ? log : { ...log, responses };
}

/** @throws Error where the table does not say when the run ended */
export function endOf(table: Table, key: string): number {
  const endUs = Number(table.schema.metadata.get(key));
  if (Number.isFinite(endUs) && endUs >= 0) return endUs;
  throw new Error('it does not say when the run ended');
}

/** Who was answered with a result had one response, at the end. */
function singleResponses({ outcome, endedUs }: Pick<RequestLog, 'outcome' | 'endedUs'>): ResponseColumns {
  const count = new Uint32Array(outcome.length);
  const firstUs = new Float64Array(outcome.length).fill(Number.NaN);
  for (let row = 0; row < outcome.length; row++) {
    if (outcome[row] !== Outcome.completed) continue;
    count[row] = 1;
    firstUs[row] = endedUs[row]!;
  }
  return { count, firstUs };
}

function isSame(a: ResponseColumns, b: ResponseColumns): boolean {
  return a.count.every((count, row) => count === b.count[row] && Object.is(a.firstUs[row], b.firstUs[row]));
}
