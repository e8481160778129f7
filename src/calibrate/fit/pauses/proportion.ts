import { quantileOfSorted } from '../../../metrics/quantiles.js';
import { COUNTED_UP_TO, type IdleStart } from './idle-line.js';

type Samples = readonly (readonly IdleStart[])[];

/**
 * What is left of the squares of latencies that are, each sample by itself, in proportion to what a law expects, in any unit:
 * with the closest proportion, and without those far above it.
 */
export function squaresOfProportion(samples: Samples, expectedOf: (start: IdleStart) => number): number {
  return samples.reduce(
    (sum, sample) =>
      sum + squaresLeft(sample.map((start): Seen => ({ expected: expectedOf(start), us: start.serverUs }))),
    0,
  );
}

/** The same without any law. */
export function squaresWithoutLaw(samples: Samples): number {
  return squaresOfProportion(samples, () => 1);
}

/** An execution: by the law, and as it was. */
interface Seen {
  readonly expected: number;
  readonly us: number;
}

function squaresLeft(sample: readonly Seen[]): number {
  if (sample.length === 0) return 0;
  const ratioOf = ({ expected, us }: Seen) => us / expected;
  const mostRatio = quantileOfSorted(Float64Array.from(sample, ratioOf).sort(), COUNTED_UP_TO);
  const kept = sample.filter((each) => ratioOf(each) <= mostRatio);
  const both = kept.reduce((sum, { expected, us }) => sum + expected * us, 0);
  const proportion = both / kept.reduce((sum, { expected }) => sum + expected * expected, 0);
  return kept.reduce((sum, { expected, us }) => sum + (us - proportion * expected) ** 2, 0);
}
