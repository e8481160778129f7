import { quantileOfSorted } from '../../../metrics/statistics/quantiles.js';
import { COUNTED_UP_TO, type IdleStart } from './idle-starts.js';

type Samples = readonly (readonly IdleStart[])[];

/**
 * How far latencies are from being in proportion to what a law expects of them, in any unit: the sum of squared distances. Each
 * sample has its own proportion, the closest, and latencies far above it are left out.
 */
export function squaresOfProportion(samples: Samples, expectedOf: (start: IdleStart) => number): number {
  return samples.reduce(
    (sum, sample) =>
      sum + squaresLeft(sample.map((start): Seen => ({ expected: expectedOf(start), us: start.serverUs }))),
    0,
  );
}

/** The same where all latencies of a sample are expected to be alike. */
export function squaresWithoutLaw(samples: Samples): number {
  return squaresOfProportion(samples, () => 1);
}

/** A request: what the law expects, and its latency without the network delay. */
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
