import { mean } from 'simple-statistics';
import { quantileOfSorted } from '../../metrics/quantiles.js';
import { idleDoublings } from '../../profile/cooling.js';
import { type ClientObservation, type Observation, observationsOf } from '../observation.js';
import { turnIndex, turnOf } from '../turns.js';
import type { Idle } from './pauses.js';

/** A tail of latencies has other causes. */
const COUNTED_UP_TO = 0.95;

/** Of sparse loads of a model without another one, one sample for each. */
export function idleSamples(
  observations: readonly Observation[],
  model: string,
  leastIdleUs: number,
): IdleStart[][] {
  return [
    ...observationsOf(observations, 'alone', model).map((point) =>
      idleStarts(point.clients[0]!, leastIdleUs, () => true),
    ),
    ...observationsOf(observations, 'together').flatMap((point) => {
      const client = point.clients.find((each) => each.model === model);
      if (client === undefined) return [];
      const own = point.experiment.model === model ? 'first' : 'second';
      return [idleStarts(client, leastIdleUs, (us) => turnOf(turnIndex(us)) === own)];
    }),
  ];
}

/** A request that found its instance idle. */
export interface IdleStart {
  readonly idleMs: number;
  readonly latencyUs: number;
}

/** Those of a client whose answers all came before it sent again; the first one after a pause of its turn is none. */
function idleStarts(
  { sentUs = [], latenciesUs = [] }: ClientObservation,
  leastIdleUs: number,
  counts: (sentUs: number) => boolean,
): IdleStart[] {
  const found: IdleStart[] = [];
  let freeUs: number | undefined;
  for (const [i, us] of sentUs.entries()) {
    const latencyUs = latenciesUs[i] ?? -1;
    if (latencyUs < 0 || !counts(us)) {
      freeUs = undefined;
      continue;
    }
    if (freeUs !== undefined && us > freeUs + leastIdleUs)
      found.push({ idleMs: (us - freeUs) / 1000, latencyUs });
    freeUs = Math.max(freeUs ?? 0, us + latencyUs);
  }
  return found;
}

interface Seen {
  readonly doublings: number;
  readonly latencyUs: number;
}

/** Latency over the doublings of the idle time before. */
export interface Line {
  readonly slopeUs: number;
  /** What it leaves over, squared and added up. */
  readonly squares: number;
}

/** Least squares with a line's own height for each sample; once more without those far above their line. */
export function lineThrough(starts: readonly (readonly IdleStart[])[], idle: Idle): Line {
  const samples = starts.map((sample) =>
    sample.map(({ idleMs, latencyUs }): Seen => ({ doublings: idleDoublings(idle, idleMs), latencyUs })),
  );
  const first = leastSquares(samples).slopeUs;
  return leastSquares(samples.map((sample) => withoutTail(sample, first)));
}

function leastSquares(samples: readonly (readonly Seen[])[]): Line {
  let [both, squaresX, squaresY] = [0, 0, 0];
  for (const sample of samples) {
    if (sample.length === 0) continue;
    const meanX = mean(sample.map(({ doublings }) => doublings));
    const meanY = mean(sample.map(({ latencyUs }) => latencyUs));
    for (const { doublings, latencyUs } of sample) {
      both += (doublings - meanX) * (latencyUs - meanY);
      squaresX += (doublings - meanX) ** 2;
      squaresY += (latencyUs - meanY) ** 2;
    }
  }
  const slopeUs = squaresX === 0 ? 0 : both / squaresX;
  return { slopeUs, squares: squaresY - slopeUs * both };
}

function withoutTail(sample: readonly Seen[], slope: number): Seen[] {
  const aboveUs = ({ doublings, latencyUs }: Seen) => latencyUs - slope * doublings;
  const sorted = Float64Array.from(sample, aboveUs).sort();
  const mostUs = sorted.length === 0 ? 0 : quantileOfSorted(sorted, COUNTED_UP_TO);
  return sample.filter((each) => aboveUs(each) <= mostUs);
}
