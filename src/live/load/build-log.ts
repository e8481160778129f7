import { unknownCalls } from '../../trace/calls.js';
import { Outcome, type RequestLog, type ResponseColumns } from '../../trace/request-log.js';
import type { RequestColumns } from './request-rows.js';

/** The request log of a run: a client knows nothing of calls, nor how long requests were under way to the server and in it. */
export function buildLog(
  requests: RequestColumns,
  run: { readonly tenants: readonly string[]; readonly servers: readonly string[]; readonly endUs: number },
): RequestLog {
  const rows = requests.plannedUs.length;
  const unknownPart = () => new Float32Array(rows).fill(Number.NaN);
  const { dueUs: _, responses: __, firstUs: ___, ...columns } = requests;
  const responses = responsesOf(requests);
  return {
    ...columns,
    ...run,
    ...(responses !== undefined && { responses }),
    frontEndUs: unknownPart(),
    networkUs: unknownPart(),
    calls: unknownCalls(rows),
  };
}

/** Of a request that was not completed nothing is told, as of a simulated one. Undefined where no tenant got streams. */
function responsesOf(requests: RequestColumns): ResponseColumns | undefined {
  const { tenant, outcome, endedUs, responses, firstUs } = requests;
  const streaming = new Set(tenant.filter((_, row) => responses[row]! > 0));
  if (streaming.size === 0) return undefined;
  const isCompleted = (row: number) => outcome[row] === Outcome.completed;
  const countOf = (row: number) => (streaming.has(tenant[row]!) ? responses[row]! : 1);
  return {
    count: responses.map((_, row) => (isCompleted(row) ? countOf(row) : 0)),
    firstUs: firstUs.map((us, row) => (isCompleted(row) ? us || endedUs[row]! : Number.NaN)),
  };
}
