import type { Table } from 'apache-arrow';
import { type CalledModel, type CallTable, type CallTree, callEndedUs, requestOf } from '../calls.js';
import type { RequestLog } from '../request-log.js';
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
import { FORMAT_KEY } from './requests-table.js';

/** Name and version of the table of calls. */
export const CALLS_FORMAT = 'perseus-calls/2';

/** Calls of a log as an Arrow table: a row for each, in order of their requests; null where a time never came. */
export function callsToTable(log: RequestLog): Table {
  const { calls } = log;
  const numbers = rowNumbers(calls.model.length);
  return tableOfColumns(
    [
      ['call', countColumn(numbers)],
      ['request', countColumn(requestNumbers(log))],
      ['parent', countColumn(calls.tree?.parent ?? new Int32Array(numbers.length).fill(-1))],
      [
        'model',
        textColumn(
          calls.model,
          calls.models.map(({ name }) => name),
          0,
        ),
      ],
      [
        'version',
        textColumn(
          calls.model,
          calls.models.map(({ version }) => version),
          1,
        ),
      ],
      ['server', textColumn(calls.server, log.servers, 2)],
      ['instance', countColumn(calls.instance)],
      ['execution', countColumn(calls.execution)],
      ['executed_batch', countColumn(calls.executedBatch)],
      ['queued_us', timeColumn(calls.queuedUs)],
      ['started_us', timeColumn(calls.startedUs)],
      ['input_us', timeColumn(calls.inputUs)],
      ['infer_us', timeColumn(calls.inferUs)],
      ['output_us', timeColumn(calls.outputUs)],
      ['response_us', timeColumn(calls.responseUs)],
      ['ended_us', timeColumn(calls.tree?.endedUs ?? endsOf(calls))],
      ['outcome', outcomeColumn(calls.outcome, 3)],
    ],
    new Map([[FORMAT_KEY, CALLS_FORMAT]]),
  );
}

/** The request of each call; in memory of its own, as the arrow package would write a column that is two as one. */
function requestNumbers(log: RequestLog): Uint32Array {
  const numbers = rowNumbers(log.calls.model.length);
  return log.calls.tree === undefined ? numbers : numbers.map((call) => requestOf(log, call));
}

function endsOf(calls: CallTable): Float64Array {
  const endedUs = new Float64Array(calls.model.length);
  for (let call = 0; call < endedUs.length; call++) endedUs[call] = callEndedUs(calls, call);
  return endedUs;
}

const COLUMNS = [
  ...['call', 'request', 'parent', 'model', 'version', 'server', 'instance', 'execution', 'executed_batch'],
  ...['queued_us', 'started_us', 'input_us', 'infer_us', 'output_us', 'response_us', 'ended_us', 'outcome'],
];

/**
 * @param log the requests for which the calls were made
 * @throws Error where the table is none of calls, or its calls are not those of these requests
 */
export function callsFromTable(table: Table, log: Omit<RequestLog, 'calls'>): CallTable {
  requireColumns(table, COLUMNS);
  const server = textsOf(table, 'server');
  const unknown = server.texts.find((name) => !log.servers.includes(name));
  if (unknown !== undefined) throw new Error(`no request was sent to its server "${unknown}"`);
  const calls: CallTable = {
    ...modelsOf(table),
    server: server.indices.map((index) => log.servers.indexOf(server.texts[index]!)),
    instance: numbersOf(table, 'instance', Int16Array),
    execution: numbersOf(table, 'execution', Int32Array),
    executedBatch: numbersOf<CallTable['executedBatch']>(table, 'executed_batch', Uint16Array, Uint32Array),
    queuedUs: numbersOf(table, 'queued_us', Float64Array),
    startedUs: numbersOf(table, 'started_us', Float64Array),
    inputUs: numbersOf(table, 'input_us', Float32Array),
    inferUs: numbersOf(table, 'infer_us', Float32Array),
    outputUs: numbersOf(table, 'output_us', Float32Array),
    responseUs: numbersOf(table, 'response_us', Float32Array),
    outcome: outcomesOf(table),
  };
  const tree = treeOf(table, log.tenant.length);
  return isSingle(calls, tree) ? calls : { ...calls, tree };
}

/** Names and versions are columns of their own; together they are models. */
function modelsOf(table: Table): Pick<CallTable, 'models' | 'model'> {
  const [names, versions] = [textsOf(table, 'model'), textsOf(table, 'version', { allowNull: true })];
  const models: CalledModel[] = [];
  const known = new Map<number, number>();
  const model = names.indices.map((index, row) => {
    const key = index * 2 ** 16 + versions.indices[row]!;
    const version = versions.texts[versions.indices[row]!]!;
    const found =
      known.get(key) ?? models.push({ name: names.texts[index]!, ...(version !== '' && { version }) }) - 1;
    known.set(key, found);
    return found;
  });
  return { models, model };
}

function treeOf(table: Table, requests: number): CallTree {
  const request = numbersOf(table, 'request', Uint32Array);
  const parent = numbersOf(table, 'parent', Int32Array);
  const first = new Uint32Array(requests + 1).fill(request.length);
  for (let call = request.length - 1; call >= 0; call--) {
    const of = request[call]!;
    if (of >= requests) throw new Error(`call ${call} is of request ${of}, which there is not`);
    if (call > 0 && request[call - 1]! > of) throw new Error('its calls are not in the order of requests');
    first[of] = call;
  }
  for (let i = requests - 1; i >= 0; i--) first[i] = Math.min(first[i]!, first[i + 1]!);
  parent.forEach((each, call) => {
    const isEarlier = each >= first[request[call]!]! && each < call;
    if (each !== -1 && !isEarlier)
      throw new Error(`the parent of call ${call} is no earlier call of its request`);
  });
  return { first, parent, endedUs: numbersOf(table, 'ended_us', Float64Array) };
}

/** Whether call i is the only one of request i, and its end follows from the rest. */
function isSingle(calls: CallTable, { first, parent, endedUs }: CallTree): boolean {
  return (
    first.length === parent.length + 1 &&
    first.every((call, request) => call === request) &&
    endedUs.every((us, call) => Object.is(us, callEndedUs(calls, call)))
  );
}
