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
