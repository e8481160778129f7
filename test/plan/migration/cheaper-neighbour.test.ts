import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { meetsAll } from '../../../src/plan/evaluate.js';
import { goalOf } from '../../../src/plan/goal.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { IS_SLOW } from '../../support/cases.js';
import { answered } from '../support/answered.js';
import { linearProfile, machinesFor, smallPlan } from '../support/small-plans.js';

const MODELS = ['a', 'b', 'c', 'd', 'e', 'f'];

function problemOf(seed: number, survive: string) {
  const profiles = MODELS.map((model, i) =>
    linearProfile(model, 'gpu', { fixedMs: 1 + ((i * seed) % 5), perItemMs: 0.5 + ((i + seed) % 4) }),
  );
  const tenants = MODELS.map((model, i) => ({
    model,
    ratePerS: 30 + ((i * 37 * seed) % 120),
    limitMs: 20 + ((i * 53 * seed) % 60),
  }));
  const machines = machinesFor(profiles, { limit: 1000 });
  return smallPlan(tenants, profiles, { machines, mostReplicas: 8, survive, days: { count: 1 } });
}

describe('an answer', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it.each(IS_SLOW ? ['nothing', 'gpu'] : ['nothing'])(
    'is never dearer than a placement beside it that meets every SLO, however short the search (survive: %s)',
    (survive) => {
      for (const seed of [1, 2]) {
        const problem = problemOf(seed, survive);
        const { candidates, chosen } = answered(problem, solve, 1);
        const answer = candidates[chosen!]!;
        expect(answer.days.every(meetsAll) && answer.failures.every(({ met }) => met)).toBe(true);
        const met = candidates.filter(
          ({ days, failures }) => days.every(meetsAll) && failures.every((failure) => failure.met),
        );
        const goals = met.map(({ placement }) => goalOf(problem, placement));
        expect(goalOf(problem, answer.placement)).toBeCloseTo(Math.min(...goals), 3);
      }
    },
  );
});
