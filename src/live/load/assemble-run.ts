import { plural } from '../../base/plural.js';
import { ErrorTally } from './answers.js';
import { buildLog } from './build-log.js';
import type { RunPart } from './drive.js';
import { generatorHealth } from './health.js';
import type { EndReason, ErrorCount, LoadOptions, LoadResult } from './load-options.js';
import { mergeRequests, untilEnd } from './merge-requests.js';
import type { Stalls } from './stall-meter.js';

export function assembleRun(
  { tenants, servers }: Pick<LoadOptions, 'tenants' | 'servers'>,
  parts: readonly RunPart[],
  stalls: Stalls,
): LoadResult {
  const { endUs, endReason } = endOf(parts);
  const requests = mergeRequests(
    parts.map((part) => part.requests),
    endUs,
  );
  // A run that ends with its last answer has none after it.
  const inTime = endReason === 'exhausted' ? requests : untilEnd(requests, endUs);
  const errors = errorsOf(parts);
  return {
    log: buildLog(inTime, {
      tenants: tenants.map(({ name }) => name),
      servers: servers.map(({ name }) => name),
      endUs,
    }),
    answers: { endedUs: requests.endedUs, outcome: requests.outcome },
    generator: generatorHealth(requests, endUs, stalls),
    endReason,
    remark: remark(endReason, endUs, errors),
    errors,
    answeredLate: parts.reduce((sum, part) => sum + part.answeredLate, 0),
  };
}

/** Whether a run ended before its time, for a reason from outside the load. */
export function isEarlyEnd(reason: EndReason): boolean {
  return reason !== 'duration' && reason !== 'exhausted';
}

/** An early end of one thread is the end of the run: what the others did after it lacks a part of the load. */
function endOf(parts: readonly RunPart[]): { endUs: number; endReason: EndReason } {
  const early = parts.filter(({ endReason }) => isEarlyEnd(endReason));
  if (early.length > 0) return early.reduce((first, part) => (part.endUs < first.endUs ? part : first));
  const endUs = Math.max(...parts.map((part) => part.endUs));
  return { endUs, endReason: parts.some((part) => part.endReason === 'duration') ? 'duration' : 'exhausted' };
}

function errorsOf(parts: readonly RunPart[]): ErrorCount[] {
  const tally = new ErrorTally();
  for (const { errors } of parts) for (const { count, ...error } of errors) tally.add(error, count);
  return tally.counts();
}

function remark(endReason: EndReason, endUs: number, errors: readonly ErrorCount[]): string {
  const early = {
    duration: undefined,
    exhausted: undefined,
    aborted: 'stopped',
    serverGone: 'the server is gone: stopped',
    overloaded: 'the server is slower than the load and unanswered requests fill the memory: stopped',
  }[endReason];
  const stopped = early && `${early} after ${(endUs / 1e6).toFixed(1)} s`;
  // Full queues and queue timeouts are results of the server, not trouble with it.
  const [worst] = errors.filter(({ kind }) => kind !== 'queueFull' && kind !== 'queueTimeout');
  const failed =
    worst &&
    `${worst.count} ${plural(worst.count, 'request')} failed (${worst.kind}), the first with: ${worst.message}`;
  return [stopped, failed].filter((part) => part !== undefined).join('; ');
}
