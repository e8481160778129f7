import { callsOf } from '../../trace/calls.js';
import type { RequestLog } from '../../trace/request-log.js';
import { visitCriticalPath } from './critical-path.js';

/** What the calls of one model cost the requests of a tenant, means of a completed request. */
export interface StepSummary {
  readonly model: string;
  readonly callsPerRequest: number;
  /** Milliseconds that it waits in the model's queue, of the calls that its answer waits for. */
  readonly queueMs: number;
  /** The same of executions, without what the model waits for others that it calls. */
  readonly executionMs: number;
  /** From the end of its execution to the last of its responses that something waits for; absent where that is no time. */
  readonly streamMs?: number;
}

/** Adds up the steps of completed requests that are trees of calls. */
export class StepTally {
  readonly #byModel = new Map<
    string,
    { calls: number; queueUs: number; executionUs: number; streamUs: number }
  >();
  #requests = 0;

  add(log: RequestLog, request: number): void {
    this.#requests++;
    for (const call of callsOf(log, request)) this.#of(log, call).calls++;
    visitCriticalPath(log, request, (call, { queue, input, infer, output, streamed }) => {
      const step = this.#of(log, call);
      step.queueUs += queue;
      step.executionUs += input + infer + output;
      step.streamUs += streamed;
    });
  }

  /** Those of which any time is known, in the order in which requests came to them. */
  steps(): StepSummary[] {
    const requests = this.#requests;
    return [...this.#byModel]
      .map(([model, { calls, queueUs, executionUs, streamUs }]) => ({
        model,
        callsPerRequest: calls / requests,
        queueMs: queueUs / requests / 1000,
        executionMs: executionUs / requests / 1000,
        ...(streamUs > 0 && { streamMs: streamUs / requests / 1000 }),
      }))
      .filter(({ queueMs, executionMs, streamMs = 0 }) => queueMs + executionMs + streamMs > 0);
  }

  #of({ calls }: RequestLog, call: number) {
    const { name } = calls.models[calls.model[call]!]!;
    const known = this.#byModel.get(name);
    if (known !== undefined) return known;
    const step = { calls: 0, queueUs: 0, executionUs: 0, streamUs: 0 };
    this.#byModel.set(name, step);
    return step;
  }
}
