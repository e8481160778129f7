import { expect } from 'vitest';
import type { ExecutionCounts } from '../../src/simulator/result.js';
import { callEndedUs, callsOf } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';

/**
 * Demands that calls are within the calls that made them, in order of time, and that all executions are theirs.
 * @param isCounted whether a call of a model has one execution
 */
export function expectCallTrees(
  log: RequestLog,
  executions: readonly ExecutionCounts[],
  isCounted: (model: string) => boolean = () => true,
): void {
  const { calls } = log;
  if (calls.tree === undefined) return;
  const inExecutions = new Set<number>();
  // One assertion for all: there are many thousands of calls.
  const broken: string[] = [];
  for (let request = 0; request < log.outcome.length; request++) {
    const own = new Set(callsOf(log, request));
    if (own.size === 0) broken.push(`request ${request} has no call`);
    for (const call of own) {
      const law = brokenLaw(log, call, own);
      if (law !== undefined) broken.push(`call ${call} of request ${request} ${law}`);
      const execution = calls.execution[call]!;
      if (execution >= 0 && isCounted(calls.models[calls.model[call]!]!.name)) inExecutions.add(execution);
    }
  }
  expect(broken).toEqual([]);
  const counted = executions
    .filter(({ model }) => isCounted(model))
    .reduce((sum, { byBatchSize }) => sum + byBatchSize.reduce((all, count) => all + count, 0), 0);
  expect(inExecutions.size).toBe(counted);
}

function brokenLaw({ calls }: RequestLog, call: number, own: ReadonlySet<number>): string | undefined {
  const parent = calls.tree!.parent[call]!;
  const endedUs = callEndedUs(calls, call);
  const [queuedUs, startedUs] = [calls.queuedUs[call]!, calls.startedUs[call]!];
  if (calls.outcome[call] === Outcome.completed && calls.execution[call]! >= 0) {
    if (!(startedUs >= queuedUs)) return 'begins before it is in the queue';
    if (!(endedUs >= startedUs)) return 'ends before it begins';
  }
  if (parent < 0) return undefined;
  if (parent >= call || !own.has(parent)) return 'comes before the one that makes it';
  if (queuedUs < calls.queuedUs[parent]!) return 'is in a queue before the one that makes it';
  // An error may be told while other steps go on.
  if (calls.outcome[parent] !== Outcome.completed || endedUs <= callEndedUs(calls, parent) + 1e-6)
    return undefined;
  return Number.isNaN(endedUs) ? 'never ends' : 'ends after the one that makes it';
}
