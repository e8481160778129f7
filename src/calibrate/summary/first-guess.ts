import type { Values } from './coordinates.js';
import { computeMs, isSolo, type SummaryObservation, type SummarySetup } from './observation.js';

/** Smallest value of a parameter that is searched by its logarithm. */
const LEAST_MS = 1e-4;

/** What one more inference may add to a lone request where no row tells it. */
const SLOPE_SHARE = 0.2;

/** Shares of the way's time that belong to the handler thread, from which a search starts. */
export const HANDLER_SHARES = [0.25, 0.6] as const;

/**
 * Where the search begins: phases by the row with the most callers (those in an execution are throughput
 * times compute, by Little's law), what the lone requests need beyond them is the way.
 */
export function firstGuess(
  observations: readonly SummaryObservation[],
  setup: SummarySetup,
  handlerShare: number,
): Values {
  const solo = observations.filter(isSolo).sort((a, b) => a.requestBatch - b.requestBatch);
  const busiest = observations
    .filter((row) => !isSolo(row) && row.splitMs !== undefined)
    .sort((a, b) => b.concurrency - a.concurrency)[0];
  const perInference = busiest === undefined ? undefined : phasesPerInference(busiest, setup);
  const smallest = solo[0]?.meanLatencyMs ?? busiest?.meanLatencyMs ?? 1;
  const slope = soloSlopeMs(solo) ?? perInference?.total ?? SLOPE_SHARE * smallest;
  const way = Math.max(0.1 * slope, slope - (perInference?.total ?? slope));
  const guess: Values = {
    inferFixedMs: 0.4 * smallest,
    inferMs: (0.8 * (perInference?.infer ?? slope)) / (setup.instances > 1 ? 1.5 : 1),
    inputMs: perInference?.input ?? 0.1 * slope,
    outputMs: perInference?.output ?? 0.01 * slope,
    responseMs: 0.02 * smallest,
    handlerMs: way * handlerShare,
    linkMs: way * (1 - handlerShare),
    roundTripMs: 0.1 * smallest,
    slowdownExcess: 0.5,
  };
  return Object.fromEntries(
    Object.entries(guess).map(([name, ms]) => [name, Math.max(LEAST_MS, ms)]),
  ) as unknown as Values;
}

/** Mean batch = requests in execution over instances: throughput x compute time / instances. */
function phasesPerInference({ splitMs, inferencesPerS }: SummaryObservation, { instances }: SummarySetup) {
  const batch = Math.max(1, (inferencesPerS * computeMs(splitMs!)) / 1000 / instances);
  const { input, infer, output } = splitMs!;
  return {
    input: input / batch,
    infer: infer / batch,
    output: output / batch,
    total: computeMs(splitMs!) / batch,
  };
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
