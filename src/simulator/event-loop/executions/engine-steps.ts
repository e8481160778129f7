import { deviceUs } from '../../outcome/device-use.js';
import type { EngineStep } from '../../server/engine/engine-batch.js';
import type { Calls } from '../calls/calls.js';
import type { Served } from '../served.js';
import type { World } from '../world.js';
import { type Execution, Phase, rowAt } from './execution.js';

// What steps leave in the table of requests: those of an engine, and executions of iterative sequences. A request is part of many,
// and counts as in execution from the first on.

/** Whether each of its requests is part of several executions. */
export function isStepwise({ engine, iterations }: Served): boolean {
  return engine !== undefined || iterations !== undefined;
}

/** A step begins: all its requests are in it, whatever becomes of them there. */
export function stepStarted(
  { requests, nowNs }: World,
  { admitted }: Served,
  { sequences }: EngineStep,
  number: number,
): void {
  for (const position of sequences) {
    const row = admitted.rowAt(position);
    if (Number.isNaN(requests.startedNs[row]!)) requests.startedNs[row] = nowNs;
    requests.execution[row] = number;
  }
}

/** The inference of a step is over, or the run is: its requests share what it had of the device. */
export function countStep({ setup, requests }: World, execution: Execution, endNs: number): void {
  const { executions, durationNs } = setup;
  const rows = rowsOf(execution);
  const eachUs = deviceUs(executions.inferStartNs[execution.number]!, endNs, durationNs) / rows.length;
  for (const row of rows) requests.deviceUs![row] = (requests.deviceUs![row] ?? 0) + eachUs;
}

function rowsOf({ served, instance, from, to }: Execution): number[] {
  const step = served.engine?.stepOf(instance);
  if (step !== undefined) return step.sequences.map((position) => served.admitted.rowAt(position));
  return Array.from({ length: to - from }, (_, i) => rowAt(served, from + i));
}

/** The tokens of a step are there: all but the last of an answer leave now, as responses of their own. */
export function stepComputed(
  { requests, nowNs }: World,
  { served, instance }: Execution,
  calls: Calls,
): void {
  if (!served.model.engine!.streams) return;
  const firstNs = nowNs + served.networkDelay.responseDelayUs * 1000;
  const { beginning, continuing } = served.engine!.stepOf(instance)!;
  for (const { position, tokens } of beginning)
    requests.responses!.set(served.admitted.rowAt(position), { count: tokens, firstNs });
  if (requests.calls === undefined) return;
  for (const position of continuing) calls.responded(served.admitted.rowAt(position));
}

/** Of the requests that end with a step: all steps together are their inference. */
export function recordSteps({ requests, nowNs }: World, execution: Execution): void {
  if (execution.phase !== Phase.infer) return;
  for (let position = execution.from; position < execution.to; position++) {
    const row = rowAt(execution.served, position);
    requests.inferUs[row] = (nowNs - requests.startedNs[row]!) / 1000;
  }
}
