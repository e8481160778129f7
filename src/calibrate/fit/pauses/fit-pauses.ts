import { atRate } from '../../../effects/rate/at-rate.js';
import type { ModelProfile, ServicePoint } from '../../../profile/profile.js';
import type { RatedDelays } from '../../../profile/serving.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import type { Observation } from '../../observation.js';
import { bySparsity } from '../counted-loads.js';
import { millionths } from '../rounding.js';
import type { ServiceFit } from '../service/service.js';
import { idleSamples } from './idle-line.js';
import { type Level, levelsOf } from './levels.js';
import { fitLogIdlePenalty, type LogIdlePenaltyFit } from './log-idle-penalty.js';
import { warmUpDeficitOfSize } from './warm-up-deficit.js';
import { fitWarmUpState, meanWarmMs, type WarmUpStateFit } from './warm-up-state.js';

/** What executions cost after a pause, by one of two laws, and the service times that are left. */
export interface PauseFit extends Pick<ModelProfile, 'linearIdlePenalty' | 'logIdlePenalty' | 'warmUpState'> {
  readonly service: readonly ServicePoint[];
}

/** With fewer requests that found their instance idle nothing is fitted. */
const LEAST_REQUESTS = 100;

/**
 * Two laws of which a machine follows one: what was in caches cools by doublings of the idle time before ({@link fitLogIdlePenalty});
 * clocks follow the share of the last tens of milliseconds in which the instance executed ({@link fitWarmUpState}). Taken is that
 * which comes closer to the latencies of sparse loads and to how much longer these made executions ({@link misfitOfLaw}). Undefined where neither law shows.
 */
export function fitPauses(
  observations: readonly Observation[],
  config: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
  { service }: Pick<ServiceFit, 'service'>,
  networkDelay: NetworkDelayOfModel,
): PauseFit | undefined {
  const { name: model } = config;
  const networkDelayUs = (requestsPerS: number) => networkDelayAt(networkDelay, requestsPerS);
  const samples = idleSamples(observations, config, networkDelayUs);
  if (samples.reduce((sum, sample) => sum + sample.length, 0) < LEAST_REQUESTS) return undefined;
  const holds = (config.dynamicBatching?.maxQueueDelayUs ?? 0) > 0;
  const evidence = { samples, levels: levelsOf(observations, model, holds) };
  const singleMs = service[0]!.inferMs;
  const idlePenaltyFit = fitLogIdlePenalty(
    evidence,
    observations,
    model,
    1000 * singleMs,
    denserNetworkDelays(networkDelay, evidence.levels),
  );
  const warmed = fitWarmUpState(evidence, observations, model, singleMs);
  return closerLaw(service, idlePenaltyFit, warmed);
}

/** What a model's requests and responses take on their way, both directions together; by the rate where that is known. */
interface NetworkDelayOfModel {
  readonly us: number;
  readonly byRate?: readonly RatedDelays[] | undefined;
}

function networkDelayAt({ us, byRate }: NetworkDelayOfModel, requestsPerS: number): number {
  if (byRate === undefined) return us;
  const { requestDelayUs, responseDelayUs } = atRate(byRate, requestsPerS, [
    'requestDelayUs',
    'responseDelayUs',
  ]);
  return requestDelayUs + responseDelayUs;
}

/**
 * The rates from the usual sparse load on: below it requests are so rare that a longer pause hardly costs their way any more.
 */
function denserNetworkDelays(
  { byRate }: NetworkDelayOfModel,
  levels: readonly Level[],
): NetworkDelayOfModel['byRate'] {
  const leastPerS = Math.min(...bySparsity(levels).usual.map(({ requestsPerS }) => requestsPerS));
  const denser = byRate?.filter(({ requestsPerS }) => requestsPerS >= leastPerS);
  return denser === undefined || denser.length < 2 ? undefined : denser;
}

function closerLaw(
  service: readonly ServicePoint[],
  idlePenaltyFit: LogIdlePenaltyFit | undefined,
  warmed: WarmUpStateFit | undefined,
): PauseFit | undefined {
  if (warmed !== undefined && !(idlePenaltyFit !== undefined && idlePenaltyFit.misfit <= warmed.misfit))
    return { warmUpState: warmed.warmUpState, service: withoutWarmUpDeficit(service, warmed) };
  if (idlePenaltyFit === undefined) return undefined;
  const { logIdlePenalty, linearIdlePenalty } = idlePenaltyFit;
  return {
    logIdlePenalty,
    ...(linearIdlePenalty && { linearIdlePenalty }),
    service: withoutLogIdlePenalty(service, idlePenaltyFit),
  };
}

/**
 * Takes what pauses cost out of the time of a single request: executions of one are those that mostly found their instance
 * idle.
 */
function withoutLogIdlePenalty(
  service: readonly ServicePoint[],
  { denseExtraUs }: LogIdlePenaltyFit,
): ServicePoint[] {
  return service.map((point) =>
    point.batchSize > 1
      ? point
      : {
          ...point,
          inferMs: millionths(Math.max(point.inferMs / 2, point.inferMs - denseExtraUs / 1000)),
        },
  );
}

/** Service times of a warm instance: under dense loads, too, executions began somewhat cold, and their times hold that. */
function withoutWarmUpDeficit(
  service: readonly ServicePoint[],
  { warmUpState, denseWarmUpDeficit }: WarmUpStateFit,
): ServicePoint[] {
  return service.map((point) => {
    const warmUpDeficit = warmUpDeficitOfSize(denseWarmUpDeficit, point.batchSize);
    return { ...point, inferMs: millionths(meanWarmMs(warmUpState, warmUpDeficit, point.inferMs)) };
  });
}
