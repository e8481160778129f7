import type { Scenario } from '../../scenario/scenario.js';
import { type MemoryNeed, needOf } from './memory-need.js';

/** What of a run decides how much memory it takes. */
export interface RunSize {
  readonly runs?: number;
  readonly threads?: number;
  readonly bounds?: boolean;
}

/*
 * Bytes that a run takes for each of its requests, measured as the peak of the process over that of a run of a few seconds,
 * with an execution for every request.
 */

/** Arrivals, rows of the simulator, the log that is made of them, and what its summary sorts. */
const ONE_RUN = 230;
/** The log and the latencies of a run that is over, which the summary of all of them needs. */
const KEPT_RUN = 100;
/** A tenant alone with devices without limit is simulated while the log is kept. */
const BOUNDS = 100;

/** What the replications of a scenario take with their report. */
export function runNeed(scenario: Scenario, { runs = 1, bounds = true }: RunSize): MemoryNeed {
  return needOf([scenario], ONE_RUN + (runs - 1) * KEPT_RUN + (bounds ? BOUNDS : 0));
}
