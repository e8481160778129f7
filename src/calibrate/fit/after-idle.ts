import type { AfterIdle } from '../../profile/profile.js';
import { type Observation, observationsOf } from '../observation.js';
import type { Drift } from './drift.js';
import { meanSingleUs, timeUs } from './phases.js';

/** Idling longer than this makes nothing colder: caches are lost to others within it. */
const COLD_AFTER_MS = 1;
/** A smaller part of an execution is the noise between points. */
const LEAST_EXTRA = 0.03;
const MOST_PER_IDLE_MS = 10;

/**
 * What an execution takes longer after its instance was idle: single executions under a sparse load (the `alone` point,
 * at the machine's usual speed) beside those of a dense one. Poisson arrivals find an idle instance idle for an exponential
 * time, so that the mean of what counts of it is known. Undefined where nothing shows.
 * @param denseUs mean inference of a single execution under a dense load
 */
export function fitAfterIdle(
  observations: readonly Observation[],
  model: string,
  denseUs: number,
  { factor }: Drift,
): AfterIdle | undefined {
  const [point] = observationsOf(observations, 'alone', model);
  const counted = point?.statistics.filter((each) => each.model === model) ?? [];
  const singleUs = meanSingleUs(counted);
  if (point === undefined || singleUs === undefined) return undefined;
  const extraUs = singleUs * factor - denseUs;
  if (extraUs < LEAST_EXTRA * denseUs) return undefined;
  const idleShare = Math.max(0.1, 1 - timeUs(counted, ['inferUs']) / (point.durationS * 1e6));
  const gapMs = (1000 * point.durationS) / point.clients[0]!.completed;
  const meanIdleMs = idleShare * gapMs * (1 - Math.exp(-COLD_AFTER_MS / gapMs));
  const msPerIdleMs = Math.min(MOST_PER_IDLE_MS, extraUs / 1000 / meanIdleMs);
  return { freeMs: 0, msPerIdleMs: Math.round(msPerIdleMs * 1e4) / 1e4, maxIdleMs: COLD_AFTER_MS };
}
