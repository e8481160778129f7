import type { RunReport } from '../report/run-report.js';

export interface PageAnswer {
  readonly report: RunReport;
  /** Name of the figures: the command line gives the same for the same scenario. */
  readonly hash: string;
  /** Whether the whole scenario was simulated, and not a short window of it. */
  readonly isWhole: boolean;
}
