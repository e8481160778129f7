import { mean } from 'simple-statistics';
import { quantileOfSorted } from '../../../metrics/statistics/quantiles.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import { type ClientObservation, type Observation, observationsOf } from '../../observation.js';
import { TURNS, turnIndex, turnOf } from '../../turns.js';
import { BusyHistory } from './warm-up-deficit.js';

/** Quantile of the latencies up to which they are fitted: what is above has other causes than a pause. */
export const COUNTED_UP_TO = 0.95;

/**
 * Requests that found their instance idle under sparse loads while no other model got any: one sample for each load.
 * @param networkDelayUs what of a latency is not the execution, at so many requests per second
 */
export function idleSamples(
  observations: readonly Observation[],
  { name: model, dynamicBatching }: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
  networkDelayUs: (requestsPerS: number) => number,
): IdleStart[][] {
  // Just after an execution the batcher does not hold a request back: that would look like a warm one.
  const leastIdleUs = 2 * (dynamicBatching?.maxQueueDelayUs ?? 0);
  const ruleOf = ({ completed }: ClientObservation, seconds: number) => ({
    leastIdleUs,
    networkDelayUs: networkDelayUs(completed / seconds),
  });
  return [
    ...observationsOf(observations, 'alone', model).map(({ clients: [client], durationS }) =>
      idleStarts(client!, ruleOf(client!, durationS), () => true),
    ),
    ...observationsOf(observations, 'together').flatMap(({ clients, experiment, durationS }) => {
      const client = clients.find((each) => each.model === model);
      if (client === undefined) return [];
      const own = experiment.model === model ? 'first' : 'second';
      const sendsFor = (durationS * TURNS_OF_EACH) / TURNS.length;
      return [idleStarts(client, ruleOf(client, sendsFor), (us) => turnOf(turnIndex(us)) === own)];
    }),
  ];
}

/** Two models are measured together in turns of both, the one alone, and the other alone: each gets requests in two of them. */
const TURNS_OF_EACH = 2;

/** A request that found its instance idle. */
export interface IdleStart {
  readonly idleMs: number;
  readonly latencyUs: number;
  /** The latency without the network delay of both directions. */
  readonly serverUs: number;
  /** Whether it was answered before the next one was sent. */
  readonly stayedAlone: boolean;
  /** How cold its instance was, by each of {@link TIME_CONSTANTS_MS}. */
  readonly warmUpDeficit: readonly number[];
}

/**
 * The requests of a client that were sent when all before had been answered. The first one of a turn does not count: nobody
 * knows for how long its instance had idled.
 */
function idleStarts(
  { sentUs = [], latenciesUs = [] }: ClientObservation,
  { leastIdleUs, networkDelayUs }: { readonly leastIdleUs: number; readonly networkDelayUs: number },
  counts: (sentUs: number) => boolean,
): IdleStart[] {
  const found: IdleStart[] = [];
  const history = new BusyHistory();
  let freeUs: number | undefined;
  for (const [i, us] of sentUs.entries()) {
    const latencyUs = latenciesUs[i] ?? -1;
    if (latencyUs < 0) {
      freeUs = undefined;
      continue;
    }
    const warmUpDeficit = history.executes(us + networkDelayUs / 2, us + latencyUs - networkDelayUs / 2);
    if (!counts(us)) {
      freeUs = undefined;
      continue;
    }
    if (freeUs !== undefined && us > freeUs + leastIdleUs)
      found.push({
        idleMs: (us - freeUs) / 1000,
        latencyUs,
        serverUs: latencyUs - networkDelayUs,
        stayedAlone: !((sentUs[i + 1] ?? Number.POSITIVE_INFINITY) < us + latencyUs),
        warmUpDeficit,
      });
    freeUs = Math.max(freeUs ?? 0, us + latencyUs);
  }
  return found;
}

/** What lengthened the execution of a request, and its latency. */
interface Seen {
  readonly x: number;
  readonly latencyUs: number;
}

/** A line through latencies, over what lengthens them. */
export interface Line {
  readonly slopeUs: number;
  /** Sum of the squared distances of the latencies from it. */
  readonly squares: number;
}

/** Least squares with a line's own height for each sample; once more without those far above their line. */
export function lineThrough(
  starts: readonly (readonly IdleStart[])[],
  xOf: (start: IdleStart) => number,
): Line {
  const samples = starts.map((sample) =>
    sample.map((start): Seen => ({ x: xOf(start), latencyUs: start.latencyUs })),
  );
  const first = leastSquares(samples).slopeUs;
  return leastSquares(samples.map((sample) => withoutTail(sample, first)));
}

function leastSquares(samples: readonly (readonly Seen[])[]): Line {
  let [both, squaresX, squaresY] = [0, 0, 0];
  for (const sample of samples) {
    if (sample.length === 0) continue;
    const meanX = mean(sample.map(({ x }) => x));
    const meanY = mean(sample.map(({ latencyUs }) => latencyUs));
    for (const { x, latencyUs } of sample) {
      both += (x - meanX) * (latencyUs - meanY);
      squaresX += (x - meanX) ** 2;
      squaresY += (latencyUs - meanY) ** 2;
    }
  }
  const slopeUs = squaresX === 0 ? 0 : both / squaresX;
  return { slopeUs, squares: squaresY - slopeUs * both };
}

function withoutTail(sample: readonly Seen[], slope: number): Seen[] {
  const aboveUs = ({ x, latencyUs }: Seen) => latencyUs - slope * x;
  const sorted = Float64Array.from(sample, aboveUs).sort();
  const mostUs = sorted.length === 0 ? 0 : quantileOfSorted(sorted, COUNTED_UP_TO);
  return sample.filter((each) => aboveUs(each) <= mostUs);
}
