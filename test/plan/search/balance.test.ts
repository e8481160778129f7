import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { meetsAll } from '../../../src/plan/evaluate.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import type { PlanResult } from '../../../src/plan/plan.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { answered } from '../support/answered.js';
import { linearProfile, smallPlan } from '../support/small-plans.js';

/** Models that take 10 ms for each request, busy for these shares of a GPU, all with the same SLO. */
function problemOf(busy: Record<string, number>, plan: Record<string, unknown> = {}): PlanProblem {
  const models = Object.keys(busy);
  return smallPlan(
    models.map((model) => ({ model, ratePerS: 100 * busy[model]!, limitMs: 600, percentile: 95 })),
    models.map((model) => linearProfile(model, 'GPU', { fixedMs: 9, perItemMs: 1 })),
    { batching: { maxBatchSizes: [1] }, mostReplicas: 1, ...plan },
  );
}

function chosen({ candidates, chosen: index }: PlanResult) {
  return candidates[index!]!.days[0]!;
}

/** Of the tightest SLO: what it has left of its limit. */
function leastRoom(answer: PlanResult): number {
  return Math.min(...chosen(answer).verdicts.map(({ latencyMs }) => 1 - latencyMs / 600));
}

function busyShares(answer: PlanResult): number[] {
  return chosen(answer)
    .summary.devices.map(({ busyShare }) => busyShare)
    .sort((a, b) => a - b);
}

describe('of placements that cost the same', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('that one is given in which no GPU is full beside one that is nearly idle', () => {
    const answer = answered(problemOf({ a: 0.45, b: 0.45, c: 0.15, d: 0.15 }), solve);
    expect(meetsAll(chosen(answer))).toBe(true);
    const [least, most] = busyShares(answer);
    expect(most! - least!).toBeLessThan(0.15);
    expect(leastRoom(answer)).toBeGreaterThan(0.85);
  });

  it('a GPU with little to do takes a part of the requests of a model that fills another', () => {
    const busy = { a: 0.93, b: 0.25 };
    const alone = answered(problemOf(busy), solve);
    const shared = answered(problemOf(busy, { mostReplicas: 2 }), solve);
    expect(chosen(shared).usdPerHour).toBe(chosen(alone).usdPerHour);
    expect(leastRoom(shared)).toBeGreaterThan(leastRoom(alone) + 0.1);
  });

  it('every failure is still survived', () => {
    const answer = answered(
      problemOf({ a: 0.4, b: 0.4, c: 0.1 }, { mostReplicas: 2, survive: 'gpu' }),
      solve,
    );
    expect(answer.failures.length).toBeGreaterThan(0);
    expect(answer.failures.every(({ met }) => met)).toBe(true);
  });
});
