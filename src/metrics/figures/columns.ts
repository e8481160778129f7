import type { RequestLog, ResponseColumns } from '../../trace/request-log.js';
import { stagesOfLog, type TenantStages } from './stages.js';

/** What became of one tenant's requests, row by row in order of planned arrival; times in microseconds. */
export interface TenantColumns {
  readonly plannedUs: Float64Array;
  /** When each left the client; the same column as `plannedUs` where nothing holds requests back. */
  readonly sentUs: Float64Array;
  /** When its answer was there; NaN where none came before the end of the run. */
  readonly endedUs: Float64Array;
  /** As in a request log. */
  readonly outcome: Uint8Array;
  /** Inferences of each request; absent: `batchSize` in every one. */
  readonly sizes?: Uint16Array;
  readonly batchSize: number;
  /** What clients had of streams of responses; absent where each request has one. */
  readonly responses?: ResponseColumns;
  /** Where they spent their time; absent where it was not asked for. */
  readonly stages?: TenantStages;
}

type Column = Float64Array | Uint32Array | Uint16Array | Uint8Array;

export function columnsOfLog(log: RequestLog, rows: Uint32Array): TenantColumns {
  const { responses } = log;
  const isWhole = rows.length === log.tenant.length;
  const own = <T extends Column>(column: T) => (isWhole ? column : gathered(column, rows));
  return {
    plannedUs: own(log.plannedUs),
    sentUs: own(log.sentUs),
    endedUs: own(log.endedUs),
    outcome: own(log.outcome),
    sizes: own(log.batchSize),
    batchSize: 1,
    ...(responses && {
      responses: {
        count: own(responses.count),
        firstUs: own(responses.firstUs),
        ...(responses.lastUs && { lastUs: own(responses.lastUs) }),
      },
    }),
    stages: stagesOfLog(log, rows),
  };
}

function gathered<T extends Column>(column: T, rows: Uint32Array): T {
  const own = new (column.constructor as new (length: number) => T)(rows.length);
  for (let i = 0; i < rows.length; i++) own[i] = column[rows[i]!]!;
  return own;
}
