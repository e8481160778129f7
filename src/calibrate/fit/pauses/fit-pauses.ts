import { atRate } from '../../../effects/rate/at-rate.js';
import type { ModelProfile, ServicePoint } from '../../../profile/profile.js';
import type { RatedDelays } from '../../../profile/serving.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import type { Observation } from '../../observation.js';
import { millionths } from '../rounding.js';
import type { ServiceFit } from '../service/service.js';
import { idleSamples } from './idle-starts.js';
import { levelsOf } from './levels.js';
import { warmUpDeficitOfSize } from './warm-up-deficit.js';
import { fitWarmUpState, meanWarmMs, type WarmUpStateFit } from './warm-up-state.js';

/** What executions cost after a pause, and the service times that are left. */
export interface PauseFit extends Required<Pick<ModelProfile, 'warmUpState'>> {
  readonly service: readonly ServicePoint[];
}

/** With fewer requests that found their instance idle nothing is fitted. */
const LEAST_REQUESTS = 100;

/** How much slower a model's instance computes that has executed little lately; undefined where that does not show. */
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
  const fit = fitWarmUpState(evidence, observations, model, service[0]!.inferMs);
  return fit && { warmUpState: fit.warmUpState, service: withoutWarmUpDeficit(service, fit) };
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
