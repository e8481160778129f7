import { unknownCalls } from '../../trace/calls.js';
import type { RequestLog } from '../../trace/request-log.js';
import type { RequestColumns } from './request-rows.js';

/** The request log of a run: a client knows nothing of calls, nor how long requests were under way to the server and in it. */
export function buildLog(
  requests: RequestColumns,
  run: { readonly tenants: readonly string[]; readonly servers: readonly string[]; readonly endUs: number },
): RequestLog {
  const rows = requests.plannedUs.length;
  const unknownPart = () => new Float32Array(rows).fill(Number.NaN);
  const { dueUs: _, ...columns } = requests;
  return {
    ...columns,
    ...run,
    frontEndUs: unknownPart(),
    networkUs: unknownPart(),
    calls: unknownCalls(rows),
  };
}
