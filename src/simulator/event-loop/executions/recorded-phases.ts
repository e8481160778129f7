import type { World } from '../world.js';
import { isStepwise, recordSteps } from './engine-steps.js';
import { type Execution, Phase, rowAt } from './execution.js';

/**
 * Leaves in the table of requests what a phase of their execution took, which is over. Triton counts input and output without the
 * threads' waking, which falls into the inference between its two time stamps.
 */
export function recordPhase(world: World, execution: Execution): void {
  const { served, from, to, phase, phaseStartNs, waitNs, waitedNs } = execution;
  if (isStepwise(served) && phase !== Phase.output) return recordSteps(world, execution);
  const { requests, nowNs } = world;
  const tookNs = nowNs - phaseStartNs + (phase === Phase.infer ? waitedNs : -waitNs);
  if (tookNs === 0 && waitNs === 0 && served.iterations === undefined) return;
  const column = [requests.inputUs, requests.inferUs, requests.outputUs][phase]!;
  for (let position = from; position < to; position++) {
    const row = rowAt(served, position);
    column[row] = tookNs / 1000;
    if (phase === Phase.output) requests.inferUs[row]! += waitNs / 1000;
  }
}
