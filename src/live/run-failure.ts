import { Outcome, type RequestLog } from '../trace/request-log.js';
import { LiveError } from './inference-client.js';
import type { LoadResult } from './load/load-options.js';

/** More failed requests than this share of the answers are no accident: the others too show a server in trouble. */
export const FAILED_SHARE = 0.01;

/**
 * Why a live run is no measurement of the load that was planned; undefined where it is one, and where the user stopped it.
 * - The server went away, or could not take the load at all.
 * - It answered too often with errors. What queue policies refuse is a result, not a failure.
 * - The last answer to a tenant is an error: a model that has died answers slowly, so that few of many requests have failed when
 *   the run ends.
 * - It did not outlive the run, so that what it counted is lost.
 */
export function runFailure(
  run: Pick<LoadResult, 'endReason' | 'remark' | 'errors' | 'log'> & { readonly uncounted?: string },
): LiveError | undefined {
  const { endReason, remark, errors, log, uncounted } = run;
  if (endReason === 'serverGone') {
    return new LiveError('lost', remark, 'see the log of the server, start it again, and repeat the run');
  }
  if (endReason === 'overloaded') {
    return new LiveError('server', remark, 'lower the load, or cap the requests in flight');
  }
  const worst = errors.find(({ kind }) => kind !== 'queueFull' && kind !== 'queueTimeout');
  if (worst !== undefined && (failedShare(log) > FAILED_SHARE || endedInFailure(log)))
    return new LiveError(worst.kind, remark, worst.remedy);
  if (uncounted === undefined) return undefined;
  return new LiveError(
    'lost',
    `the server's counts of the run could not be had: ${uncounted}`,
    'repeat the run',
  );
}

function failedShare({ outcome }: RequestLog): number {
  const answered = outcome.filter((each) => each !== Outcome.unfinished);
  return answered.filter((each) => each === Outcome.failed).length / Math.max(1, answered.length);
}

/** Whether the last answer that any of the tenants got is an error. */
function endedInFailure({ tenants, tenant, outcome, endedUs }: RequestLog): boolean {
  const last = tenants.map(() => -1);
  outcome.forEach((each, row) => {
    if (each === Outcome.unfinished) return;
    const before = last[tenant[row]!]!;
    if (before < 0 || endedUs[row]! >= endedUs[before]!) last[tenant[row]!] = row;
  });
  return last.some((row) => row >= 0 && outcome[row] === Outcome.failed);
}
