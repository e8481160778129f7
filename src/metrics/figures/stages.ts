import { callEndedUs, firstCall, meanExecutedBatch } from '../../trace/calls.js';
import { Outcome, type RequestLog } from '../../trace/request-log.js';
import type { StreamSummary } from '../summary.js';
import { addPartsUs, meanSplitMs, PARTS } from './split.js';
import { type StepSummary, StepTally } from './steps.js';
import { summarizeStreams } from './streams.js';
import type { TimelineTally } from './timeline.js';

/** Where the requests of one tenant spent their time, by row of its columns. */
export interface TenantStages {
  /** Tells when it waited in queues; `leftUs`: when it was no longer in the system. */
  addWaits(row: number, leftUs: number, timeline: TimelineTally): void;
  /** Inferences of its execution; 0: it had none. */
  executedBatch(row: number): number;
  /** Microseconds of a completed request in each part after the client, in the order of `PARTS`, from index 1 on. */
  partsUs(row: number, into: Float64Array): void;
  /** What clients got of streams of responses; absent where each request has one. */
  stream?(fromUs: number, isFromSent: boolean): StreamSummary | undefined;
  /** Adds the steps of a completed request; absent where each is one call. */
  addSteps?(row: number, steps: StepTally): void;
}

/** Of the requests in these rows of a log. */
export function stagesOfLog(log: RequestLog, rows: Uint32Array): TenantStages {
  return {
    addWaits: (row, leftUs, timeline) => addWaitsOf(log, rows[row]!, leftUs, timeline),
    executedBatch: (row) => meanExecutedBatch(log, rows[row]!),
    partsUs: (row, into) => addPartsUs(log, rows[row]!, into.fill(0)),
    ...(log.calls.tree && { addSteps: (row: number, steps: StepTally) => steps.add(log, rows[row]!) }),
    stream: (fromUs, isFromSent) => summarizeStreams(log, rows, fromUs, () => isFromSent),
  };
}

function addWaitsOf(log: RequestLog, row: number, leftUs: number, timeline: TimelineTally): void {
  for (let call = firstCall(log, row); call < firstCall(log, row + 1); call++) {
    const untilUs = leftQueueUs(log, call, leftUs);
    if (untilUs !== undefined) timeline.queue(log.calls.queuedUs[call]!, untilUs);
  }
}

/** When a call was in no queue any more; undefined where it never was in one, as its response comes from a cache. */
function leftQueueUs({ calls }: RequestLog, call: number, leftUs: number): number | undefined {
  const startedUs = calls.startedUs[call]!;
  if (!Number.isNaN(startedUs)) return startedUs;
  if (calls.outcome[call] === Outcome.completed) return undefined;
  const endedUs = callEndedUs(calls, call);
  return Number.isNaN(endedUs) ? leftUs : endedUs;
}

export interface StageSums {
  /** Microseconds in each part, in the order of `PARTS`. */
  readonly partsUs: Float64Array;
  readonly completed: number;
  /** Inferences of their executions, of so many requests that had one. */
  readonly executedBatch: number;
  readonly executed: number;
}

/** Means of these requests; NaN where nothing is known. */
export function stageMeans(sums: StageSums | undefined) {
  const { partsUs, completed, executedBatch, executed } = sums ?? UNKNOWN;
  return { splitMs: meanSplitMs(partsUs, completed), executedBatch: executedBatch / executed };
}

const UNKNOWN: StageSums = {
  partsUs: new Float64Array(PARTS.length).fill(Number.NaN),
  completed: 0,
  executedBatch: 0,
  executed: 0,
};

/** Of several tenants together; undefined where it is not known of one. */
export function addStages(all: readonly (StageSums | undefined)[]): StageSums | undefined {
  const sum = { ...UNKNOWN, partsUs: new Float64Array(PARTS.length) };
  for (const one of all) {
    if (one === undefined) return undefined;
    for (const [part, us] of one.partsUs.entries()) sum.partsUs[part]! += us;
    sum.completed += one.completed;
    sum.executedBatch += one.executedBatch;
    sum.executed += one.executed;
  }
  return sum;
}

export class StageTally {
  readonly #stages: TenantStages;
  readonly #sumsUs = new Float64Array(PARTS.length);
  readonly #partsUs = new Float64Array(PARTS.length);
  readonly #steps = new StepTally();
  #completed = 0;
  #executedBatch = 0;
  #executed = 0;

  constructor(stages: TenantStages) {
    this.#stages = stages;
  }

  add(row: number, clientUs: number): void {
    const partsUs = this.#partsUs;
    const sumsUs = this.#sumsUs;
    this.#stages.partsUs(row, partsUs);
    sumsUs[0]! += clientUs;
    for (let part = 1; part < sumsUs.length; part++) sumsUs[part]! += partsUs[part]!;
    const batch = this.#stages.executedBatch(row);
    this.#completed++;
    this.#executedBatch += batch;
    if (batch > 0) this.#executed++;
    this.#stages.addSteps?.(row, this.#steps);
  }

  steps(): StepSummary[] | undefined {
    return this.#stages.addSteps && this.#steps.steps();
  }

  sums(): StageSums {
    return {
      partsUs: this.#sumsUs,
      completed: this.#completed,
      executedBatch: this.#executedBatch,
      executed: this.#executed,
    };
  }
}
