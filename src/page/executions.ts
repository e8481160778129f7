import type { RequestLog } from '../trace/request-log.js';

/** One execution of a model on an instance. */
export interface Execution {
  /** `server, model, instance`: a row of the picture. */
  readonly lane: string;
  readonly model: string;
  readonly startUs: number;
  readonly inputUs: number;
  readonly inferUs: number;
  readonly outputUs: number;
  readonly batch: number;
}

export interface Executions {
  /** By start. */
  readonly executions: readonly Execution[];
  readonly fromUs: number;
  /** Until when they are all: the end of the run, or where there were too many. */
  readonly untilUs: number;
  readonly endUs: number;
}

/** Executions that begin or last beyond a time, the first so many of them. */
export function executionsFrom(
  { calls, servers, endUs }: RequestLog,
  fromUs: number,
  most: number,
): Executions {
  const seen = new Set<number>();
  const found: Execution[] = [];
  for (let call = 0; call < calls.execution.length; call++) {
    const execution = calls.execution[call]!;
    const [inputUs, inferUs, outputUs] = [calls.inputUs[call]!, calls.inferUs[call]!, calls.outputUs[call]!];
    const startUs = calls.startedUs[call]!;
    // Of executions that never ended the times are not numbers.
    if (execution < 0 || !(startUs + inputUs + inferUs + outputUs >= fromUs) || seen.has(execution)) continue;
    seen.add(execution);
    const model = calls.models[calls.model[call]!]!.name;
    const lane = `${servers[calls.server[call]!]}, ${model}, instance ${calls.instance[call]}`;
    found.push({ lane, model, startUs, inputUs, inferUs, outputUs, batch: calls.executedBatch[call]! });
  }
  found.sort((a, b) => a.startUs - b.startUs);
  const beyond = found[most];
  return { executions: found.slice(0, most), fromUs, untilUs: beyond?.startUs ?? endUs, endUs };
}
