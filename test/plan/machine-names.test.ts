import { describe, expect, it } from 'vitest';
import type { PlacedGpu, Placement, Slot } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { machineNames, namedSlots } from '../../src/plan/scenario-of.js';

const PROBLEM = {
  machines: [
    { name: 'big', gpus: 2 },
    { name: 'small', gpus: 1 },
  ],
} as unknown as PlanProblem;

const SLOT: Slot = { kind: 0, modelReplicas: [] };
const gpu = (slots = 1): PlacedGpu => Array.from({ length: slots }, () => SLOT);
const PLACEMENT: Placement = {
  machines: [
    { kind: 0, gpus: [gpu(), gpu(2)] },
    { kind: 1, gpus: [gpu()] },
    { kind: 0, gpus: [gpu()] },
    { kind: 1, gpus: [gpu()] },
  ],
};

describe('machines of a placement', () => {
  it('are numbered within their kind, so that there is no small-2 where there is one small machine', () => {
    expect(namedSlots(PROBLEM, PLACEMENT).map(({ name }) => name)).toEqual([
      'big-1-gpu1',
      'big-1-gpu2-slice1',
      'big-1-gpu2-slice2',
      'small-1',
      'big-2-gpu1',
      'small-2',
    ]);
    expect(machineNames(PROBLEM, PLACEMENT)).toEqual(['big-1', 'small-1', 'big-2', 'small-2']);
  });
});
