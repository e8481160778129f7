import type { Values } from './coordinates.js';
import { isSolo, type SummaryObservation, type SummarySetup } from './observation.js';
import { LEAST_MS, type PerInference, perInference, soloRows } from './table-rows.js';

/** What one more inference may add to a lone request where no row tells it. */
const SLOPE_SHARE = 0.2;

/** Shares of the network delay that belong to the handler thread, from which a search starts. */
export const HANDLER_SHARES = [0.25, 0.6] as const;

/**
 * Where the search begins: phases by the row with the most clients (those in an execution are throughput
 * times compute, by Little's law), what the lone requests need beyond them is the network delay.
 */
export function firstGuess(
  observations: readonly SummaryObservation[],
  setup: SummarySetup,
  handlerShare: number,
): Values {
  const solo = soloRows(observations);
  const busiest = observations
    .filter((row) => !isSolo(row) && row.splitMs !== undefined)
    .sort((a, b) => b.concurrency - a.concurrency)[0];
  const busy: Partial<PerInference> = busiest === undefined ? {} : perInference(busiest, setup);
  const smallest = solo[0]?.meanLatencyMs ?? leastUnqueuedMs(observations) ?? 1;
  const slope = soloSlopeMs(solo) ?? busy.total ?? SLOPE_SHARE * smallest;
  const networkDelay = Math.max(0.1 * slope, slope - (busy.total ?? slope));
  const guess: Values = {
    inferFixedMs: 0.4 * smallest,
    inferMs: (0.8 * (busy.infer ?? slope)) / (setup.instances > 1 ? 1.5 : 1),
    inputMs: busy.input ?? 0.1 * slope,
    outputMs: busy.output ?? 0.01 * slope,
    responseMs: 0.02 * smallest,
    handlerMs: networkDelay * handlerShare,
    linkMs: networkDelay * (1 - handlerShare),
    roundTripMs: 0.1 * smallest,
    slowdownExcess: 0.5,
  };
  return Object.fromEntries(
    Object.entries(guess).map(([name, ms]) => [name, Math.max(LEAST_MS, ms)]),
  ) as unknown as Values;
}

/** What a request takes without its wait in the queue, which can be a thousand times as long: a search would not find back from there. */
function leastUnqueuedMs(observations: readonly SummaryObservation[]): number | undefined {
  const known = observations.flatMap(({ meanLatencyMs, splitMs }) =>
    splitMs === undefined ? [] : [meanLatencyMs - splitMs.queue],
  );
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Milliseconds by which a lone request takes longer for one more inference in it. */
function soloSlopeMs(solo: readonly SummaryObservation[]): number | undefined {
  const small = solo[0];
  const large = solo[solo.length - 1];
  if (small === undefined || large === undefined || small.requestBatch === large.requestBatch)
    return undefined;
  const rise = large.meanLatencyMs - small.meanLatencyMs;
  return Math.max(LEAST_MS, rise / (large.requestBatch - small.requestBatch));
}
