import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { placementScenario } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { planToHtml } from '../../src/report/html/plan-page.js';
import { planReport } from '../../src/report/plan/plan-report.js';
import { planToText } from '../../src/report/plan/plan-text.js';
import { simulate } from '../../src/simulator/simulate.js';
import { answered } from './support/answered.js';
import { linearProfile, smallPlan, traceAt } from './support/small-plans.js';

describe('what a plan warns of', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  it('is what a run of its answer warns of: batches larger than any that was measured, say', () => {
    const measured = linearProfile('a', 'GPU', { fixedMs: 8, perItemMs: 0.1 });
    const profile = {
      ...measured,
      service: measured.service.filter(({ batchSize }) => batchSize <= 4),
      region: { ...measured.region, batchSizes: [1, 2, 4] },
    };
    const problem = smallPlan([{ model: 'a', ratePerS: 900, limitMs: 60 }], [profile], {
      batching: { maxBatchSizes: [16] },
    });
    const result = answered(problem, solve);
    const report = planReport(problem, result);
    const { placement } = result.candidates[result.chosen!]!;
    const { warnings } = simulate(placementScenario(problem, placement, problem.days[0]!));
    expect(report.warnings).toEqual(expect.arrayContaining([...warnings]));
    expect(report.warnings.map(({ code }) => code)).toContain('extrapolated-batch-size');
    expect(report.warnings.at(-1)!.code).toBe('interpolated-batch-size');
    expect(planToText(report)).toContain('lie outside the measured 1 to 4');
    const hrefs = { scenarioHref: String, stepHref: String };
    expect(planToHtml(report, hrefs)).toContain('lie outside the measured 1 to 4');
  });

  it('is told once where every day says it with other figures: runs too short for an interval, say', () => {
    const profile = linearProfile('a', 'GPU', { fixedMs: 8, perItemMs: 0.1 });
    const tenant = { model: 'a', ratePerS: 50, limitMs: 60 };
    const problem = smallPlan([tenant], [profile], { days: { count: 3 } });
    const result = answered(problem, solve);
    const { days } = result.candidates[result.chosen!]!;
    const codesOf = (day: (typeof days)[number]) => day.summary.warnings.map(({ code }) => code);
    for (const day of days) expect(codesOf(day)).toContain('short-run');
    const told = planReport(problem, result).warnings.map(({ code }) => code);
    expect(told.filter((code) => code === 'short-run')).toHaveLength(1);
    expect(told).toEqual(expect.arrayContaining([...new Set(days.flatMap(codesOf))]));
  });

  it('is told of a trace that is longer than the run: the answer is for its beginning only', () => {
    const profile = linearProfile('a', 'GPU', { fixedMs: 1, perItemMs: 1 });
    const arrivalsS = Array.from({ length: 600 }, (_, i) => i / 10);
    const load = { trace: { file: 'log' } };
    const tenants = [{ name: 'a', model: 'a', load, slo: { percentile: 99, limitMs: 60 } }];
    const setting = { durationS: 20, days: { count: 2 }, tenants };
    const problem = smallPlan([], [profile], setting, { log: traceAt(arrivalsS, 60) });
    const told = planReport(problem, answered(problem, solve)).warnings.filter(
      ({ code }) => code === 'trace-changed',
    );
    expect(told.map(({ message }) => message)).toEqual([
      'its trace is cut off after 20 s: 200 of 600 requests are used',
    ]);
  });
});
