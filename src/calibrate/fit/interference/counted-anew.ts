import { given } from '../../../base/given.js';
import type { ModelStatistics } from '../../../live/inference-client.js';
import type { Observation, TurnObservation } from '../../observation.js';

/**
 * A point in which the server counted something else of a model.
 * @param anew undefined where it is as it was; with the turn of a count that is one of a turn
 */
export function countedAnew(
  { statistics, slices, turns, ...observation }: Observation,
  model: string,
  anew: (counted: ModelStatistics, turn?: TurnObservation['turn']) => ModelStatistics | undefined,
): Observation {
  const all = (counts: readonly ModelStatistics[], turn?: TurnObservation['turn']) =>
    counts.map((each) => (each.model === model ? (anew(each, turn) ?? each) : each));
  return {
    ...observation,
    statistics: all(statistics),
    ...given({
      slices: slices && all(slices),
      turns: turns?.map((each) => ({ ...each, statistics: all(each.statistics, each.turn) })),
    }),
  };
}

/** With other inference times by batch size, nanoseconds: what requests took as a whole is as it was. */
export function withInferNs(
  counted: ModelStatistics,
  nsOf: (before: { readonly batchSize: number; readonly count: number; readonly ns: number }) => number,
): ModelStatistics {
  return {
    ...counted,
    batches: counted.batches.map((batch) => {
      const ns = Math.round(nsOf({ batchSize: batch.batchSize, ...batch.computeInfer }));
      return { ...batch, computeInfer: { ...batch.computeInfer, ns } };
    }),
  };
}
