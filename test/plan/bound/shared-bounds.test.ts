import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { planBounds, runBound } from '../../../src/plan/bound/bounds.js';
import { isInfeasible } from '../../../src/plan/bound/infeasible-slot.js';
import { evaluate, meetsAll } from '../../../src/plan/evaluate.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { placementOf } from '../../../src/plan/master.js';
import type { Slot } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { cases } from '../../support/cases.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from '../support/small-plans.js';

/** A tenant of the one model, with requests at given times. */
interface Sender {
  readonly arrivalsS: readonly number[];
  readonly limitMs: number;
  readonly requestBytes: number;
}

const DURATION_S = 20;
const EXECUTION_MS = 1050;
const QUEUE_DELAY_MS = 20;

/** Machines with a link of 1 Mbit/s each way, and a model that executes up to two requests at once. */
function problemOf(senders: readonly Sender[]): PlanProblem {
  const profiles = [linearProfile('a', 'gpu', { fixedMs: EXECUTION_MS, perItemMs: 0 })];
  const traces = senders.map(({ arrivalsS }, i) => [`${i}`, traceAt(arrivalsS, DURATION_S)]);
  const tenants = senders.map(({ limitMs, requestBytes }, i) => ({
    name: `tenant-${i}`,
    model: 'a',
    load: { trace: { file: `${i}` } },
    slo: { percentile: 99, limitMs },
    requestBytes,
  }));
  const more = {
    machines: machinesFor(profiles, { network: { bandwidthMbps: 1 } }),
    durationS: DURATION_S,
    warmUpS: 0,
    batching: { maxBatchSizes: [2], queueDelaysMs: [QUEUE_DELAY_MS] },
    tenants,
  };
  return smallPlan([], profiles, more, Object.fromEntries(traces));
}

function onOneGpu(problem: PlanProblem): Slot {
  return { kind: 0, modelReplicas: [{ workload: 0, replicas: 1, option: problem.options[0]! }] };
}

function oneGpuDoes(problem: PlanProblem): boolean {
  return meetsAll(evaluate(problem, placementOf(problem, [onOneGpu(problem)]), problem.days[0]!));
}

/** Ten times, one every 1.8 s: a device has time for one execution each. */
function tenTimes(fromS: number): number[] {
  return Array.from({ length: 10 }, (_, i) => fromS + 1.8 * i);
}

describe('the lower bound of a model whose tenants send requests of different size', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });
  const boundsOf = (problem: PlanProblem) => [
    runBound(problem, solve, { timeLimitS: 5 }),
    planBounds(problem, solve, { timeLimitS: 5 }).deviceTime,
  ];

  it('is one GPU where a request of one byte joins the execution of one that was 1.5 s on its way', () => {
    const problem = problemOf([
      { arrivalsS: tenTimes(0), limitMs: 2600, requestBytes: 187_500 },
      { arrivalsS: tenTimes(1.49), limitMs: 1100, requestBytes: 1 },
    ]);
    expect(oneGpuDoes(problem)).toBe(true);
    for (const bound of boundsOf(problem)) expect(bound).toBeCloseTo(1, 3);
  });

  it('is two GPUs where it comes too late for that execution', () => {
    const problem = problemOf([
      { arrivalsS: tenTimes(0), limitMs: 2600, requestBytes: 187_500 },
      { arrivalsS: tenTimes(1.6), limitMs: 1100, requestBytes: 1 },
    ]);
    expect(oneGpuDoes(problem)).toBe(false);
    for (const bound of boundsOf(problem)) expect(bound).toBeCloseTo(2, 3);
  });

  it('is never above the cost of one GPU that does', () => {
    const drawn = fc.record({
      kilobytes: fc.integer({ min: 1, max: 190 }),
      /** How much later the short request is sent than the long one reaches the server. */
      laterMs: fc.integer({ min: -60, max: 20 }),
      slackMs: fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })),
    });
    fc.assert(
      fc.property(drawn, ({ kilobytes, laterMs, slackMs }) => {
        const networkDelayMs = kilobytes * 8;
        const limitsMs = slackMs.map((ms) => EXECUTION_MS + QUEUE_DELAY_MS + ms);
        const long = { arrivalsS: tenTimes(0.1), limitMs: limitsMs[0]! + networkDelayMs };
        const short = { arrivalsS: tenTimes(0.1 + (networkDelayMs + laterMs) / 1000), limitMs: limitsMs[1]! };
        const problem = problemOf([
          { ...long, requestBytes: kilobytes * 1000 },
          { ...short, requestBytes: 1 },
        ]);
        fc.pre(oneGpuDoes(problem));
        expect(isInfeasible(problem, onOneGpu(problem))).toBe(false);
        for (const bound of boundsOf(problem)) expect(bound).toBeLessThan(1.001);
      }),
      { numRuns: cases(60) },
    );
  });

  it('takes no limit that is exactly as long as an execution for too short', () => {
    // In doubles 0.1 + 0.1 + 0.1 is more than 0.3.
    const profile = linearProfile('a', 'gpu', { fixedMs: 0.1, perItemMs: 0, copyMs: 0.1 });
    const problem = smallPlan([{ model: 'a', ratePerS: 1, limitMs: 0.3 }], [profile]);
    expect(isInfeasible(problem, onOneGpu(problem))).toBe(false);
    for (const bound of boundsOf(problem)) expect(bound).toBeCloseTo(1, 3);
  });
});
