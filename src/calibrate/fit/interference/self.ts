import type { ModelStatistics } from '../../../live/inference-client.js';
import type { ThreadWaits } from '../../../profile/serving.js';
import { type Observation, observationsOf, type SelfPoint } from '../../observation.js';
import { TURN_S } from '../../turns.js';
import { meanSingleUs, timeUs } from '../phases.js';
import { thousandths } from '../rounding.js';
import type { RequestCpu } from '../threads/request-cpu.js';
import { waitsInInferenceUs } from '../threads/thread-waits.js';
import { sideInTurns, slowdownOf } from './side-by-side.js';

/**
 * What a second instance costs: instances that are never without work in turns with one client, and where that was not measured
 * two clients in turns with one. A batcher that puts requests of several clients into one execution shows nothing of two.
 * @param devices to which requests come evenly, each with as many instances
 */
export function fitSelf(
  { experiment, turns = [] }: SelfPoint,
  threadWaits?: ThreadWaits,
  devices = 1,
): number | undefined {
  const { model, batchSize, all: { instances } = { instances: 0 } } = experiment;
  const others = instances / devices - 1;
  const all = sideInTurns(turns, model, 'first', { instances, batchSize, met: 'all' });
  if (all !== undefined && others > 0) return slowdownOf(all, others * all.busyShare);
  // Two clients of instances on several devices seldom meet.
  if (devices > 1) return undefined;
  const measured = sideInTurns(turns, model, 'first', { instances: 2, batchSize });
  if (measured === undefined) return undefined;
  // Each of the two is beside the other for the share in which that one infers.
  const { busyShare } = measured;
  return slowdownOf(measured, busyShare, waitsInInferenceUs(threadWaits, busyShare));
}

/**
 * How many times as long executions of a crowd take as their share of the cores says (`coresLaw`), for one of twice as
 * many as there are cores; undefined where no crowd was measured. Of the cores its requests take a share too, the client's part included.
 */
export function fitCrowding(
  observations: readonly Observation[],
  model: string,
  { self, requestCpu = {} }: { readonly self: number; readonly requestCpu?: RequestCpu | undefined },
): number | undefined {
  const [point] = observationsOf(observations, 'self', model);
  if (point?.turns === undefined || point.experiment.crowd === undefined) return undefined;
  const cores = point.experiment.crowd / 2;
  const countedIn = (wanted: string) =>
    point.turns!.filter(({ turn }) => turn === wanted).flatMap(({ statistics }) => statistics);
  const crowd = countedIn('crowd').filter((each) => each.model === model);
  const aloneUs = meanSingleUs(countedIn('first'));
  const crowdUs = meanSingleUs(crowd);
  if (aloneUs === undefined || crowdUs === undefined) return undefined;
  const durationUs = crowd.length * TURN_S * 1e6;
  const executing = timeUs(crowd, ['inferUs']) / durationUs;
  if (executing <= cores * LEAST_CROWDED) return undefined;
  const busy = executing + requestsUs(crowd, requestCpu) / durationUs;
  const shareUs = aloneUs * (busy / cores) * (1 + (self - 1) * (cores - 1));
  const whole = (crowdUs / shareUs) ** (cores / (busy - cores));
  return thousandths(Math.max(1, Math.min(MOST_CROWDING, whole)));
}

/** Executions at once that make a crowd, as a multiple of the cores. */
const LEAST_CROWDED = 1.25;
/** Most that a crowd is believed to cost a model: more has another cause. */
const MOST_CROWDING = 3;

/** Core time of what was counted besides inferences, the clients' part included. */
function requestsUs(
  counted: readonly ModelStatistics[],
  { requestCpuUs = 0, clientCpuUs = 0, executionCpuUs = 0 }: RequestCpu,
): number {
  return counted.reduce(
    (sum, { success, executionCount }) =>
      sum + success.count * (requestCpuUs + clientCpuUs) + executionCount * executionCpuUs,
    0,
  );
}
