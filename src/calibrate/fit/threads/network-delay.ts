import { mean, median } from 'simple-statistics';
import { joinByModel } from '../../../live/statistics.js';
import type { Serving, ThreadWaits } from '../../../profile/serving.js';
import { type Observation, observationsOf, type TogetherPoint } from '../../observation.js';
import { TURN_S, turnAt } from '../../turns.js';
import { bySparsity } from '../counted-loads.js';
import { requestMeans, requestsBeside, timeUs } from '../phases.js';
import { tenths } from '../rounding.js';
import { fitService } from '../service/service.js';
import { meanWaitUs } from './thread-waits.js';

/** The network delay to a model, and what perseus' own client takes of it besides. */
export type NetworkDelayFit = Pick<
  Serving,
  'requestDelayUs' | 'responseDelayUs' | 'networkDelayByRate' | 'generatorUs'
>;

/**
 * What perseus' own client takes of the network delay of both directions, and no more than so long. Measured on two cores:
 * 361 and 381 us of network delay with one client, where perf_analyzer took 317 and 245 with one client and 280 to 400 in open loops.
 */
const CLIENT_SHARE = 0.1;
const MOST_CLIENT_US = 120;
const LEAST_TRANSPORT_US = 20;

/** What requests wait that come while executions compute: that is not the network delay's. */
export interface WaitsBeside {
  /** Models whose executions compute. */
  readonly computing: ReadonlySet<string>;
  readonly threadWaits?: ThreadWaits | undefined;
  /** What the server's front end takes of a request, microseconds: the network delay is without it. */
  readonly frontEndUs?: number;
}

/** How a model's requests leave the server. */
interface Leaving {
  /** Of a batch one after the other: so long after the one before. The server counts each until the last has left. */
  readonly perResponseUs: number;
}

/**
 * What is left of a client's latency when the server's request time is taken from it. A sparse open loop finds cores
 * that have to wake; a dense one takes up to two thirds less where executions leave cores idle, and more where they
 * crowd them, which is not the network delay's. So the network delay depends on the rate where a dense load took less, or one of another model
 * beside, whose requests keep the same threads awake. Where nobody knows the rate it is the mean of the sparse and the dense
 * one. Where no open loop was measured it is that of a single client.
 */
export function fitNetworkDelay(
  observations: readonly Observation[],
  model: string,
  waits: WaitsBeside,
): NetworkDelayFit {
  const { frontEndUs = 0 } = waits;
  const closedLoopSeen = observationsOf(observations, 'sequential', model);
  const leaving = {
    perResponseUs: closedLoopSeen.length === 0 ? 0 : fitService(observations, model).responsePerRequestUs,
  };
  const { sparser, sparse } = sparseNetworkDelays(observations, model, { ...waits, ...leaving });
  const dense = meanNetworkDelay(
    networkDelaysOf(wholePoints('poisson', observations, model), model, { ...leaving, frontEndUs }),
  );
  const beside = networkDelayBeside(observations, model, { ...waits, ...leaving });
  const closedLoopClients = closedLoopSeen.toSorted(
    (a, b) => a.experiment.batchSize - b.experiment.batchSize,
  );
  const [closedLoopClient] = networkDelaysOf(closedLoopClients, model, { ...leaving, frontEndUs });
  const open = sparse === undefined ? dense?.us : Math.min(sparse.us, (sparse.us + (dense ?? sparse).us) / 2);
  const usual = delaysOf(open ?? closedLoopClient?.us ?? 0);
  return {
    ...usual,
    ...byRate([sparser, sparse, dense, beside], usual.generatorUs),
  };
}

/**
 * The median of all sparse loads, alone and beside others: a handful of requests that something held up for tens of
 * milliseconds is a third of the network delay of a point's mean. Of loads that are sparser still, and alone only, the same.
 */
function sparseNetworkDelays(
  observations: readonly Observation[],
  model: string,
  waits: WaitsBeside & Leaving,
): { readonly sparser?: NetworkDelayAtRate | undefined; readonly sparse?: NetworkDelayAtRate | undefined } {
  const alone = networkDelaysOf(wholePoints('alone', observations, model), model, waits);
  if (alone.length === 0) return {};
  const { usual, sparser } = bySparsity(alone);
  const together = networkDelaysOf(observationsOf(observations, 'together'), model, waits);
  const sparse = { ...usual[0]!, us: median([...usual, ...together].map(({ us }) => us)) };
  return { sparse, sparser: meanNetworkDelay(sparser) };
}

/**
 * Open loops of a model all of whose requests were answered in time: others, which a batcher that nobody wakes holds for seconds, are
 * in the server's counts and not in the client's.
 */
function wholePoints(
  kind: 'alone' | 'poisson',
  observations: readonly Observation[],
  model: string,
): readonly Observation[] {
  return observationsOf(observations, kind, model).filter(({ clients, statistics }) => {
    const counted = statistics.find((each) => each.model === model);
    return counted === undefined || counted.success.count <= clients[0]!.completed;
  });
}

/** Fewer models that it met say nothing: something may have held up its requests beside one. */
const LEAST_MET = 2;

/** At the rate of both, in the turns in which another model got requests, too: the medians over all that it met. */
function networkDelayBeside(
  observations: readonly Observation[],
  model: string,
  waits: WaitsBeside & Leaving,
): NetworkDelayAtRate | undefined {
  const met = observationsOf(observations, 'together').flatMap((point) => {
    const load = loadOfBoth(point, model);
    if (load === undefined) return [];
    const requests = load.statistics.reduce((sum, { success }) => sum + success.count, 0);
    return networkDelaysOf([load], model, waits).map(({ us }) => ({
      us,
      requestsPerS: requests / load.durationS,
    }));
  });
  if (met.length < LEAST_MET) return undefined;
  const medianOf = (key: keyof NetworkDelayAtRate) => median(met.map((each) => each[key]));
  return { requestsPerS: medianOf('requestsPerS'), us: medianOf('us') };
}

type SeenLoad = Pick<Observation, 'clients' | 'statistics' | 'durationS'>;

/** Fewer requests are no mean. */
const LEAST_SEEN = 20;

/** The turns of both in a point with two models, as its client saw them; undefined where latencies were not kept. */
function loadOfBoth({ clients, turns = [] }: TogetherPoint, model: string): SeenLoad | undefined {
  const client = clients.find((each) => each.model === model);
  const both = turns.filter(({ turn }) => turn === 'both');
  const seenUs = (client?.latenciesUs ?? []).filter(
    (us, i) => us >= 0 && turnAt(client!.sentUs![i]!) === 'both',
  );
  if (client === undefined || seenUs.length < LEAST_SEEN) return undefined;
  return {
    clients: [{ ...client, completed: seenUs.length, meanUs: mean(seenUs) }],
    statistics: joinByModel(both.flatMap(({ statistics }) => statistics)),
    durationS: both.length * TURN_S,
  };
}

/** Network delays of two rates that differ by less than this part do so by chance. */
const LEAST_SHORTER = 0.05;

/** From the sparsest load on as long as the network delay becomes shorter; undefined where it does not. */
function byRate(
  networkDelays: readonly (NetworkDelayAtRate | undefined)[],
  generatorUs: number,
): Pick<NetworkDelayFit, 'networkDelayByRate'> {
  const measured = networkDelays
    .filter((networkDelay) => networkDelay !== undefined)
    .map((networkDelay) => ({ ...networkDelay, requestsPerS: tenths(networkDelay.requestsPerS) }))
    .sort((a, b) => a.requestsPerS - b.requestsPerS);
  const shorter = measured.filter(({ requestsPerS, us }, i) =>
    measured.slice(0, i).every((before) => before.us > us && before.requestsPerS < requestsPerS),
  );
  if (shorter.length < 2 || shorter.at(-1)!.us > (1 - LEAST_SHORTER) * shorter[0]!.us) return {};
  const networkDelayByRate = shorter.map(({ requestsPerS, us }) => {
    const { requestDelayUs, responseDelayUs } = delaysOf(us, generatorUs);
    return { requestsPerS, requestDelayUs, responseDelayUs };
  });
  return { networkDelayByRate };
}

/** What clients waited outside of the server, microseconds, under so many requests per second. */
interface NetworkDelayAtRate {
  readonly requestsPerS: number;
  readonly us: number;
}

/** One for each of the points that a client of the model took part in. */
function networkDelaysOf(
  points: readonly SeenLoad[],
  model: string,
  { perResponseUs, computing, threadWaits, frontEndUs = 0 }: Leaving & Partial<WaitsBeside>,
): NetworkDelayAtRate[] {
  return points.flatMap(({ clients, statistics, durationS }) => {
    const client = clients.find((each) => each.model === model);
    const counted = statistics.find((each) => each.model === model);
    if (client === undefined || counted === undefined) return [];
    const beside = statistics.filter((each) => computing?.has(each.model));
    const busyShare = timeUs(beside, ['inferUs']) / (durationS * 1e6);
    const leftUs = requestMeans(counted).requestUs - (perResponseUs * requestsBeside(counted)) / 2;
    const us = client.meanUs - leftUs - frontEndUs - meanWaitUs(threadWaits, busyShare);
    return [{ requestsPerS: client.completed / durationS, us }];
  });
}

/** Machines drift: all points of a kind count. */
function meanNetworkDelay(networkDelays: readonly NetworkDelayAtRate[]): NetworkDelayAtRate | undefined {
  if (networkDelays.length === 0) return undefined;
  return {
    requestsPerS: mean(networkDelays.map((each) => each.requestsPerS)),
    us: mean(networkDelays.map(({ us }) => us)),
  };
}

function delaysOf(networkDelayUs: number, clientUs?: number): NetworkDelayFit {
  const us = Math.max(LEAST_TRANSPORT_US, networkDelayUs);
  const generatorUs = tenths(clientUs ?? Math.min(CLIENT_SHARE * us, MOST_CLIENT_US));
  const oneDirectionUs = tenths(Math.max(0, us - generatorUs) / 2);
  return { requestDelayUs: oneDirectionUs, responseDelayUs: oneDirectionUs, generatorUs };
}
