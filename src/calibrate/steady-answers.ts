import { BATCHER_SLEEP_NS } from '../simulator/server/batcher-thread.js';
import type { SteadyAnswers } from './observation.js';

/** Answers closer to the first one than this share of the usual distance of executions are of the same one. */
const SAME_EXECUTION = 0.25;

const SLEEP_US = BATCHER_SLEEP_NS / 1000;
/** Longer executions are too much like a sleep. */
const LONGEST_EXECUTION_US = SLEEP_US / 4;
/** The batcher may lie down before the answer leaves that comes before its sleep: 487 and 498 ms were seen between answers. */
const LEAST_SLEEP_US = 0.9 * SLEEP_US;

/**
 * What {@link SteadyAnswers} says of one part, from when its answers came, how long an execution took and how many
 * requests it held. Where payloads are bound late, requests may arrive between the end of an execution and its instance's
 * being idle: nobody wakes the batcher for them, and as all clients wait, it sleeps its time out. Such sleeps are no time of
 * the instance.
 */
export function steadyAnswersOf(
  endedUs: Float64Array,
  { executionUs, requests }: { readonly executionUs: number; readonly requests: number },
): SteadyAnswers | undefined {
  if (endedUs.length < 2) return undefined;
  const ended = endedUs.toSorted();
  const sleeps = executionUs > LONGEST_EXECUTION_US ? 0 : sleepsBetween(ended);
  const us = ended.at(-1)! - ended[0]! - SLEEP_US * sleeps;
  if (!(us > 0)) return undefined;
  const nextUs = ended[0]! + (SAME_EXECUTION * requests * us) / (ended.length - 1);
  return { completed: ended.filter((each) => each > nextUs).length, us, sleeps };
}

/** How often a batcher slept its time out between answers of these times, ascending. */
export function sleepsBetween(endedUs: Float64Array): number {
  return endedUs.subarray(1).filter((us, i) => us - endedUs[i]! > LEAST_SLEEP_US).length;
}
