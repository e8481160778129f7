import type { ModelProfile, RatedDelays, ServicePoint } from '../../../profile/profile.js';
import type { ModelConfig } from '../../../scenario/model-config.js';
import type { Observation } from '../../observation.js';
import { millionths } from '../rounding.js';
import type { ServiceFit } from '../service.js';
import { coldnessOfSize } from './coldness.js';
import { type CoolingFit, fitCooling } from './cooling.js';
import { idleSamples } from './idle-line.js';
import { fitPausedSpread } from './paused-spread.js';
import { fitWarmth, meanWarmMs, type WarmthFit } from './warmth.js';

/** What executions cost after a pause, as a profile says it, and the service times that are left. */
export type PauseFit = Law & Pick<ModelProfile, 'pausedSpread'>;

/** One of the two laws, with the service times that it leaves. */
interface Law extends Pick<ModelProfile, 'afterIdle' | 'cooling' | 'warmth'> {
  readonly service: readonly ServicePoint[];
}

/** Fewer requests that found their instance idle say nothing. */
const LEAST_REQUESTS = 100;

/**
 * Two laws of which a machine follows one: what was in caches cools by doublings of the idle time before ({@link fitCooling});
 * clocks follow the share of the last tens of milliseconds in which the instance executed ({@link fitWarmth}). Taken is that
 * which leaves less of the latencies of sparse loads unexplained. How wide executions spread around it after a pause is read
 * from the same latencies. Undefined where neither law shows.
 */
export function fitPauses(
  observations: readonly Observation[],
  config: Pick<ModelConfig, 'name' | 'dynamicBatching'>,
  { service, perRequest }: Pick<ServiceFit, 'service' | 'perRequest'>,
  way: { readonly us: number; readonly byRate?: readonly RatedDelays[] | undefined },
): PauseFit | undefined {
  const { name: model } = config;
  const samples = idleSamples(observations, config, way.us);
  if (samples.reduce((sum, sample) => sum + sample.length, 0) < LEAST_REQUESTS) return undefined;
  const singleMs = service[0]!.inferMs;
  const cooled = fitCooling(samples, observations, model, 1000 * singleMs, way.byRate);
  const warmed = fitWarmth(samples, observations, model, { singleMs, wayUs: way.us });
  const law = closerLaw(service, perRequest.inferUs, cooled, warmed);
  if (law === undefined) return undefined;
  const pausedSpread = fitPausedSpread(samples, law, {
    wayUs: way.us,
    singleMs: law.service[0]!.inferMs,
  });
  return { ...law, ...(pausedSpread !== undefined && { pausedSpread }) };
}

function closerLaw(
  service: readonly ServicePoint[],
  perRequestUs: number,
  cooled: CoolingFit | undefined,
  warmed: WarmthFit | undefined,
): Law | undefined {
  if (warmed !== undefined && !(cooled !== undefined && cooled.squares <= warmed.squares))
    return { warmth: warmed.warmth, service: withoutCold(service, perRequestUs, warmed) };
  if (cooled === undefined) return undefined;
  const { cooling, afterIdle } = cooled;
  return { cooling, ...(afterIdle && { afterIdle }), service: withoutCooling(service, cooled) };
}

/** Executions of one request are those that mostly found their instance idle: what that cost is told apart. */
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

/** What the dense loads left cold is in their service times. */
function withoutCold(
  service: readonly ServicePoint[],
  perRequestUs: number,
  { warmth, denseColdness }: WarmthFit,
): ServicePoint[] {
  return service.map((point) => {
    const furtherMs = (perRequestUs * (point.batchSize - 1)) / 1000;
    const coldness = coldnessOfSize(denseColdness, point.batchSize);
    const warmMs = meanWarmMs(warmth, coldness, point.inferMs + furtherMs) - furtherMs;
    return { ...point, inferMs: millionths(Math.max(0, warmMs)) };
  });
}
