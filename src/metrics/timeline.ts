import { callEndedUs, firstCall } from '../trace/calls.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';
import { deriveColumns, leftUs, rowsByTenant } from './columns.js';
import type { MeasuredTenant } from './measured-tenant.js';
import { Occupancy } from './occupancy.js';
import { quantileOfSorted } from './statistics/quantiles.js';

/** One tenant over the whole run, warm-up included, in equal slices. */
export interface Timeline {
  readonly tenant: string;
  readonly bins: readonly TimelineSlice[];
}

/** Figures of one slice; `p99Ms` is NaN where nothing was completed in it. */
export interface TimelineSlice {
  /** Start of the slice in seconds since the start of the run. */
  readonly timeS: number;
  /** Mean number of requests planned and not yet answered, those still at the client included. */
  readonly inSystem: number;
  /** Mean number of calls waiting in a model's queue; a plain request is one call. */
  readonly queued: number;
  /** Requests completed per second. */
  readonly throughputPerS: number;
  /** Latency that 99 % of the requests completed in the slice did not exceed. */
  readonly p99Ms: number;
}

/** What a time line is drawn from. */
export interface LoggedRun {
  readonly log: RequestLog;
  readonly tenants: readonly MeasuredTenant[];
}

/** A time line of `slices` slices for every tenant of the log. */
export function timelines({ log, tenants }: LoggedRun, slices: number): Timeline[] {
  const { latencyUs } = deriveColumns(log, tenants);
  return rowsByTenant(log).map((rows, index) => ({
    tenant: log.tenants[index]!,
    bins: timelineOf({ log, latencyUs, rows, slices }),
  }));
}

interface TimelineInput {
  readonly log: RequestLog;
  readonly latencyUs: Float64Array;
  readonly rows: Uint32Array;
  readonly slices: number;
}

function timelineOf(input: TimelineInput): TimelineSlice[] {
  const { log, rows, slices } = input;
  const inSystem = new Occupancy({ fromUs: 0, toUs: log.endUs, slices });
  const queued = new Occupancy({ fromUs: 0, toUs: log.endUs, slices });
  for (const row of rows) {
    const left = leftUs(log, row);
    inSystem.add(log.plannedUs[row]!, left);
    for (let call = firstCall(log, row); call < firstCall(log, row + 1); call++) {
      const until = leftQueueUs(log, call, left);
      if (until !== undefined) queued.add(log.calls.queuedUs[call]!, until);
    }
  }
  const completed = sortedBySlice(input);
  const queuedMeans = queued.means();
  const sliceS = log.endUs / slices / 1e6;
  return inSystem.means().map((mean, slice) => ({
    timeS: slice * sliceS,
    inSystem: mean,
    queued: queuedMeans[slice]!,
    throughputPerS: completed[slice]!.length / sliceS,
    p99Ms: quantileOfSorted(completed[slice]!, 0.99) / 1000,
  }));
}

/** When a call was in no queue any more; undefined where it never was in one, as its response comes from a cache. */
function leftQueueUs({ calls }: RequestLog, call: number, leftUs: number): number | undefined {
  const startedUs = calls.startedUs[call]!;
  if (!Number.isNaN(startedUs)) return startedUs;
  if (calls.outcome[call] === Outcome.completed) return undefined;
  const endedUs = callEndedUs(calls, call);
  return Number.isNaN(endedUs) ? leftUs : endedUs;
}

/** Latencies of the requests completed in each slice, ascending. */
function sortedBySlice({ log, latencyUs, rows, slices }: TimelineInput): Float64Array[] {
  const sliceOf = (row: number) => Math.min(slices - 1, Math.floor((log.endedUs[row]! * slices) / log.endUs));
  const completed = rows.filter(
    (row) => log.outcome[row] === Outcome.completed && log.endedUs[row]! <= log.endUs,
  );
  const counts = new Uint32Array(slices);
  for (const row of completed) counts[sliceOf(row)]!++;
  const bySlice = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (const row of completed) {
    const slice = sliceOf(row);
    bySlice[slice]![counts[slice]!++] = latencyUs[row]!;
  }
  return bySlice.map((latencies) => latencies.sort());
}
