import { fitSpreadToQuantiles } from '../../effects/service-time-variability/fit.js';
import type { Spread } from '../../profile/profile.js';
import { isSolo, type SummaryObservation } from './observation.js';

/** Requests read by a handler thread come in unequal pieces; keeps loops from running in step forever. */
export const HANDLER_CV = 0.5;

/** From the percentiles of one client: with more, waiting spreads the latency as well. */
export function spreadOf(observations: readonly SummaryObservation[]): Spread {
  return fitSpreadToQuantiles(
    observations.filter(isSolo).flatMap(({ meanLatencyMs, percentilesMs = [] }) =>
      percentilesMs.map(({ percentile, ms }) => ({
        probability: percentile / 100,
        ratio: ms / meanLatencyMs,
      })),
    ),
  );
}
