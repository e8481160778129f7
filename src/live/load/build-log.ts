import type { RequestLog } from '../../trace/request-log.js';
import type { RequestColumns } from './request-rows.js';

/** The request log of a run; what a client cannot know is NaN, -1 or 0. */
export function buildLog(
  requests: RequestColumns,
  run: { readonly tenants: readonly string[]; readonly servers: readonly string[]; readonly endUs: number },
): RequestLog {
  const rows = requests.plannedUs.length;
  const unknownTime = () => new Float64Array(rows).fill(Number.NaN);
  const unknownPart = () => new Float32Array(rows).fill(Number.NaN);
  const { dueUs: _, ...columns } = requests;
  return {
    ...columns,
    ...run,
    queuedUs: unknownTime(),
    startedUs: unknownTime(),
    inputUs: unknownPart(),
    inferUs: unknownPart(),
    outputUs: unknownPart(),
    responseUs: unknownPart(),
    frontEndUs: unknownPart(),
    networkUs: unknownPart(),
    execution: new Int32Array(rows).fill(-1),
    executedBatch: new Uint16Array(rows),
  };
}
