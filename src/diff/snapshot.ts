import type { RunReport } from '../report/run-report.js';
import type { RequestLog } from '../trace/request-log.js';

/** What is known of one run when it is compared with another. */
export interface RunSnapshot {
  readonly name: string;
  readonly report: RunReport;
  /** Every request of the first replication, where the run kept it. */
  readonly log?: RequestLog;
  /** The scenario with its defaults filled in, as plain data, where the run kept it. */
  readonly scenario?: unknown;
}
