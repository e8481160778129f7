import { rangeOfThread, selectMarks } from './marks.js';
import type { PlannedLoad, TenantPlan } from './plan.js';

/**
 * What one of several threads does of the plans. Requests of an open loop are dealt out one by one, clients
 * of a closed loop and its requests evenly. A load that {@link staysWhole} is done by one thread, each on another. Every thread
 * knows all tenants, so that their numbers mean the same everywhere.
 */
export function planOfThread(plans: readonly TenantPlan[], thread: number, threads: number): TenantPlan[] {
  return plans.map((plan, index) => ({
    ...plan,
    stream: `${plan.stream} thread ${thread}`,
    load: loadOfThread(plan, { thread, threads, home: index % threads }),
  }));
}

interface Share {
  readonly thread: number;
  readonly threads: number;
  /** Which thread does what stays whole. */
  readonly home: number;
}

function loadOfThread(plan: TenantPlan, { thread, threads, home }: Share): PlannedLoad {
  if (!staysWhole(plan)) return shareOf(plan.load, thread, threads);
  return thread === home ? plan.load : nothingOf(plan.load);
}

/** Whether its requests must know of each other: how many are in flight, who shares a client's threads, and who a stream. */
function staysWhole({ load, sharedStreams }: TenantPlan): boolean {
  if (sharedStreams !== undefined) return true;
  return load.mode === 'closed' ? load.client?.threads.kind === 'shared' : load.maxInFlight !== Infinity;
}

function nothingOf(load: PlannedLoad): PlannedLoad {
  return load.mode === 'closed' ? { ...load, concurrency: 0, maxRequests: 0 } : rowsOf(load, () => false);
}

function shareOf(load: PlannedLoad, thread: number, threads: number): PlannedLoad {
  if (load.mode === 'closed') {
    const concurrency = evenShare(load.concurrency, thread, threads);
    // No client, no requests: what is left is dealt to those that have clients.
    const sharing = Math.min(threads, load.concurrency);
    const maxRequests = concurrency === 0 ? 0 : evenShare(load.maxRequests, thread, sharing);
    const contents = load.contents && rangeOfThread(load.contents, thread, threads);
    return { ...load, concurrency, maxRequests, ...(contents !== undefined && { contents }) };
  }
  // A server must see the requests of a sequence in their order.
  const turnOf = (row: number) => load.marks?.sequenceId?.[row] || row;
  return rowsOf(load, (row) => turnOf(row) % threads === thread);
}

function rowsOf(load: PlannedLoad & { mode: 'trace' }, isMine: (row: number) => boolean): PlannedLoad {
  const { marks } = load;
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
