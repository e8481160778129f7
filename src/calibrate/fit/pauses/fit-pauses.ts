import { atRate } from '../../../profile/by-rate.js';
import type { ModelProfile, ServicePoint } from '../../../profile/profile.js';
import type { RatedDelays } from '../../../profile/serving.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import type { Observation } from '../../observation.js';
import { bySparsity } from '../counted-loads.js';
import { millionths } from '../rounding.js';
import type { ServiceFit } from '../service.js';
import { coldnessOfSize } from './coldness.js';
import { type CoolingFit, fitCooling } from './cooling.js';
import { idleSamples } from './idle-line.js';
import { type Level, levelsOf } from './levels.js';
import { fitWarmth, meanWarmMs, type WarmthFit } from './warmth.js';

/** What executions cost after a pause, by one of two laws, and the service times that are left. */
export interface PauseFit extends Pick<ModelProfile, 'afterIdle' | 'cooling' | 'warmth'> {
  readonly service: readonly ServicePoint[];
}

/** With fewer requests that found their instance idle nothing is fitted. */
const LEAST_REQUESTS = 100;

/**
 * Two laws of which a machine follows one: what was in caches cools by doublings of the idle time before ({@link fitCooling});
 * clocks follow the share of the last tens of milliseconds in which the instance executed ({@link fitWarmth}). Taken is that
 * which comes closer to the latencies of sparse loads and to how much longer these made executions ({@link misfitOfLaw}). Undefined where neither law shows.
 */
export function fitPauses(
  observations: readonly Observation[],
  config: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
  { service }: Pick<ServiceFit, 'service'>,
  way: WayOfModel,
): PauseFit | undefined {
  const { name: model } = config;
  const wayUs = (requestsPerS: number) => wayAt(way, requestsPerS);
  const samples = idleSamples(observations, config, wayUs);
  if (samples.reduce((sum, sample) => sum + sample.length, 0) < LEAST_REQUESTS) return undefined;
  const holds = (config.dynamicBatching?.maxQueueDelayUs ?? 0) > 0;
  const evidence = { samples, levels: levelsOf(observations, model, holds) };
  const singleMs = service[0]!.inferMs;
  const cooled = fitCooling(evidence, observations, model, 1000 * singleMs, denserWays(way, evidence.levels));
  const warmed = fitWarmth(evidence, observations, model, singleMs);
  return closerLaw(service, cooled, warmed);
}

/** What a model's requests and responses take on their way, both directions together; by the rate where that is known. */
interface WayOfModel {
  readonly us: number;
  readonly byRate?: readonly RatedDelays[] | undefined;
}

function wayAt({ us, byRate }: WayOfModel, requestsPerS: number): number {
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
function denserWays({ byRate }: WayOfModel, levels: readonly Level[]): WayOfModel['byRate'] {
  const leastPerS = Math.min(...bySparsity(levels).usual.map(({ requestsPerS }) => requestsPerS));
  const denser = byRate?.filter(({ requestsPerS }) => requestsPerS >= leastPerS);
  return denser === undefined || denser.length < 2 ? undefined : denser;
}

function closerLaw(
  service: readonly ServicePoint[],
  cooled: CoolingFit | undefined,
  warmed: WarmthFit | undefined,
): PauseFit | undefined {
  if (warmed !== undefined && !(cooled !== undefined && cooled.misfit <= warmed.misfit))
    return { warmth: warmed.warmth, service: withoutCold(service, warmed) };
  if (cooled === undefined) return undefined;
  const { cooling, afterIdle } = cooled;
  return { cooling, ...(afterIdle && { afterIdle }), service: withoutCooling(service, cooled) };
}

/**
 * Takes what pauses cost out of the time of a single request: executions of one are those that mostly found their instance
 * idle.
 */
function withoutCooling(service: readonly ServicePoint[], { denseExtraUs }: CoolingFit): ServicePoint[] {
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
function withoutCold(service: readonly ServicePoint[], { warmth, denseColdness }: WarmthFit): ServicePoint[] {
  return service.map((point) => {
    const coldness = coldnessOfSize(denseColdness, point.batchSize);
    return { ...point, inferMs: millionths(meanWarmMs(warmth, coldness, point.inferMs)) };
  });
}
