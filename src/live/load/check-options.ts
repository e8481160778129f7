import { ProblemList } from '../../base/problem.js';
import type { LoadOptions } from './load-options.js';

/** Throws an `InputError` with everything that makes a run impossible. */
export function checkOptions(options: LoadOptions): void {
  const problems = new ProblemList();
  const { durationUs, threads = 1, tenants, servers } = options;
  if (!(durationUs > 0)) {
    problems.add({ path: 'durationUs', what: `is ${durationUs}`, remedy: 'write a time above 0' });
  }
  for (const name of ['drainMs', 'giveUpMs', 'memoryBudgetMb'] as const) {
    const value = options[name] ?? 0;
    if (!(value >= 0)) problems.add({ path: name, what: `is ${value}`, remedy: 'write 0 or more' });
  }
  if (!Number.isInteger(threads) || threads < 1) {
    problems.add({ path: 'threads', what: `is ${threads}`, remedy: 'write a whole number of 1 or more' });
  }
  if (threads > 1 && servers.some(({ connect }) => connect === undefined)) {
    problems.add({
      path: 'threads',
      what: 'needs to know how a thread connects',
      remedy: 'give every server its connect',
    });
  }
  if (tenants.length === 0) problems.add({ path: 'tenants', what: 'is empty', remedy: 'say who sends' });
  if (servers.length === 0) problems.add({ path: 'servers', what: 'is empty', remedy: 'name a server' });
  if (
    durationUs === Infinity &&
    tenants.some(({ load }) => load.mode === 'closed' && load.maxRequests === Infinity)
  ) {
    problems.add({
      path: 'durationUs',
      what: 'is without end, and so is a closed loop',
      remedy: 'set durationUs, or maxRequests of the loop',
    });
  }
  problems.throwIfAny();
}
