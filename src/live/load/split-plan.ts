import { rangeOfThread, selectMarks } from './marks.js';
import type { PlannedLoad, TenantPlan } from './plan.js';

/**
 * What one of several threads does of the plans. Requests of an open loop are dealt out one by one, clients
 * of a closed loop and its requests evenly. A capped loop counts what is in flight and stays whole, as does
 * a closed loop whose clients share threads, each on another thread. Every thread knows all tenants, so that their
 * numbers mean the same everywhere.
 */
export function planOfThread(plans: readonly TenantPlan[], thread: number, threads: number): TenantPlan[] {
  return plans.map((plan, index) => ({
    ...plan,
    stream: `${plan.stream} thread ${thread}`,
    load: loadOfThread(plan.load, { thread, threads, home: index % threads }),
  }));
}

interface Share {
  readonly thread: number;
  readonly threads: number;
  /** Where a load goes that cannot be divided. */
  readonly home: number;
}

function loadOfThread(load: PlannedLoad, { thread, threads, home }: Share): PlannedLoad {
  if (load.mode === 'closed') {
    if (load.client?.threads.kind === 'shared')
      return thread === home ? load : { ...load, concurrency: 0, maxRequests: 0 };
    const concurrency = evenShare(load.concurrency, thread, threads);
    // No client, no requests: what is left is dealt to those that have clients.
    const sharing = Math.min(threads, load.concurrency);
    const maxRequests = concurrency === 0 ? 0 : evenShare(load.maxRequests, thread, sharing);
    const contents = load.contents && rangeOfThread(load.contents, thread, threads);
    return { ...load, concurrency, maxRequests, ...(contents !== undefined && { contents }) };
  }
  const { marks } = load;
  // A server must see the requests of a sequence in their order.
  const turnOf = (row: number) => marks?.sequenceId?.[row] || row;
  const isMine =
    load.maxInFlight === Infinity ? (row: number) => turnOf(row) % threads === thread : () => thread === home;
  return {
    ...load,
    ...(marks !== undefined && { marks: selectMarks(marks, isMine) }),
    arrivalUs: load.arrivalUs.filter((_, row) => isMine(row)),
    variant: load.variant.filter((_, row) => isMine(row)),
  };
}

function evenShare(whole: number, thread: number, threads: number): number {
  if (whole === Infinity) return Infinity;
  return Math.floor(whole / threads) + (thread < whole % threads ? 1 : 0);
}
