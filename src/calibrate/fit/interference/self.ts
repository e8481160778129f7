import type { ThreadWaits } from '../../../profile/serving.js';
import type { SelfPoint } from '../../observation.js';
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
