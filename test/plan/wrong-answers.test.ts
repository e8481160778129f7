import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { loadSolver } from '../../src/node/plan/highs.js';
import { planBounds } from '../../src/plan/bound/bounds.js';
import { evaluate, placementScenario } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { placementOf } from '../../src/plan/master.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { reportedDevices } from '../../src/report/plan/plan-devices.js';
import { planReport } from '../../src/report/plan/plan-report.js';
import { planAnswer } from '../../src/report/plan/plan-text.js';
import { answered } from './support/answered.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from './support/small-plans.js';

let solve: SolveProgram;
beforeAll(async () => {
  solve = await loadSolver();
});

const resultOf = (problem: PlanProblem) => answered(problem, solve, 60);

const answerOf = (problem: PlanProblem) => planAnswer(planReport(problem, resultOf(problem))).join(' ');

/** A device takes 200 requests/s of it in batches of one, and 500 in batches of eight. */
const profile = (more: Record<string, unknown> = {}) =>
  linearProfile('a', 'gpu', { fixedMs: 3.43, perItemMs: 1.57, more });

describe('instances of a model that has a GPU to itself', () => {
  const planOf = (sharing: readonly string[], self?: number) => {
    const profiles = [profile({ interference: { ...(self && { self }), pairs: [] } })];
    return smallPlan([{ model: 'a', ratePerS: 1200, limitMs: 100 }], profiles, {
      machines: machinesFor(profiles, { sharing, limit: 6 }),
      batching: { maxBatchSizes: [8], instances: [1, 2, 4] },
      mostReplicas: 6,
      durationS: 2,
    });
  };

  it('share it: they need as many GPUs as one instance where they slow each other by halves', () => {
    const { candidates, chosen, bound } = resultOf(planOf(['exclusive', 'timeSlices']));
    expect(candidates[chosen!]!.placement.machines).toHaveLength(3);
    expect(bound).toBeGreaterThan(2);
  });

  it('need no fewer GPUs under exclusive than under streams, and no more', () => {
    const gpus = [['exclusive'], ['streams'], ['exclusive', 'streams']].map((sharing) => {
      const { candidates, chosen } = resultOf(planOf(sharing, 1.5));
      return candidates[chosen!]!.days[0]!.gpus;
    });
    expect(gpus).toEqual([2, 2, 2]);
  });

  it('are simulated as streams of it', () => {
    const problem = planOf(['exclusive']);
    const option = problem.options.find(({ instances }) => instances === 2)!;
    const placement = placementOf(problem, [
      { kind: 0, modelReplicas: [{ workload: 0, replicas: 1, option }] },
    ]);
    const { servers } = placementScenario(problem, placement, problem.days[0]!);
    expect(servers[0]!.devices[0]!.sharing.mode).toBe('streams');
  });

  it('are said to share it as they were simulated: by time slices where a plan allows nothing else', () => {
    const sharingOf = (mode: string) => {
      const problem = planOf([mode]);
      const option = problem.options.find(({ instances }) => instances === 2)!;
      const placement = placementOf(problem, [
        { kind: 0, modelReplicas: [{ workload: 0, replicas: 1, option }] },
      ]);
      const days = [evaluate(problem, placement, problem.days[0]!)];
      const failures: never[] = [];
      const [device] = reportedDevices(problem, {
        placement,
        days,
        failures,
        onFront: true,
        regretUsdPerHour: 0,
      });
      return device!.sharing;
    };
    expect(['timeSlices', 'mps', 'streams', 'exclusive'].map(sharingOf)).toEqual([
      'timeSlices',
      'mps',
      'exclusive',
      'exclusive',
    ]);
  });
});

describe('a model whose larger batches are faster than a single inference', () => {
  /** 20 ms alone, 13 ms in a batch of eight. */
  const falling = (): ModelProfile => {
    const { service, ...rest } = profile();
    const timed = service.map((point) => ({ ...point, inferMs: point.batchSize < 8 ? 20 : 13 }));
    return { ...rest, service: timed };
  };
  const problemOf = (limitMs: number) =>
    smallPlan([], [falling()], {
      batching: { maxBatchSizes: [8] },
      tenants: [
        {
          name: 'a',
          model: 'a',
          batchSize: 8,
          load: { process: { kind: 'constant', ratePerS: 5 } },
          slo: { percentile: 50, limitMs },
        },
      ],
    });

  it('is served within a limit that a single inference would break, and its bound allows for that', () => {
    const { candidates, chosen, bound } = resultOf(problemOf(14));
    expect(candidates[chosen!]!.days[0]!.verdicts[0]!.latencyMs).toBeCloseTo(13, 1);
    expect(bound).toBeLessThanOrEqual(candidates[chosen!]!.days[0]!.usdPerHour + 1e-3);
    expect(planBounds(problemOf(14), solve, { timeLimitS: 5 }).screen).toBeCloseTo(1, 3);
  });

  it('is not served within less than its fastest batch takes', () => {
    expect(resultOf(problemOf(12)).chosen).toBeUndefined();
  });
});

describe('a plan that nothing can serve as it is asked', () => {
  const tenant = (more: Record<string, unknown> = {}) => ({
    name: 'shop',
    model: 'a',
    load: { process: { kind: 'poisson', ratePerS: 100 } },
    slo: { percentile: 99, limitMs: 100 },
    ...more,
  });
  const refusalOf = (more: Record<string, unknown>) => {
    try {
      smallPlan([], [profile()], { tenants: [tenant()], ...more });
    } catch (error) {
      if (error instanceof InputError) return error.message;
    }
    return 'not refused';
  };

  it('says what a model needs that fits on no device, and what the largest has', () => {
    const profiles = [profile({ memory: { modelMb: 700, perInstanceMb: 168, known: true } })];
    const machines = machinesFor(profiles, { memoryMb: 800 });
    const problem = smallPlan([], profiles, { tenants: [tenant()], machines });
    expect(answerOf(problem)).toContain(
      'shop cannot be served: its model needs 868 MiB, and the largest device has 800.',
    );
    expect(resultOf(problem).shortfalls).toMatchObject([
      { tenant: 'shop', limitMs: 100, margin: -0.99, memory: { neededMb: 868, largestMb: 800 } },
    ]);
  });

  it('serves with the instances that fit where more do not', () => {
    const profiles = [profile({ memory: { modelMb: 0, perInstanceMb: 500, known: true } })];
    const problem = smallPlan([], profiles, {
      tenants: [tenant({ slo: { percentile: 99, limitMs: 2 } })],
      machines: machinesFor(profiles, { memoryMb: 800 }),
      batching: { maxBatchSizes: [8], instances: [1, 2] },
    });
    expect(answerOf(problem)).toContain('The SLO of shop cannot be met');
  });

  it('is refused for priorities, parts of a microsecond and a warm-up that leaves nothing to count', () => {
    expect(refusalOf({ tenants: [tenant({ priority: 1 })] })).toContain('tenants[0].priority');
    const parts = { maxBatchSizes: [4], queueDelaysMs: [0.0005] };
    expect(refusalOf({ batching: parts })).toContain('has a part of a microsecond');
    const load = { process: { kind: 'poisson', ratePerS: 50 }, durationS: 1 };
    expect(refusalOf({ tenants: [tenant({ load })], warmUpS: 2 })).toContain('no request of it falls into');
  });

  it('takes delays of whole microseconds that are no exact milliseconds', () => {
    const batching = { maxBatchSizes: [4], queueDelaysMs: [1.001] };
    const problem = smallPlan([], [profile()], { tenants: [tenant()], batching });
    const { candidates, chosen } = resultOf(problem);
    const { servers } = placementScenario(problem, candidates[chosen!]!.placement, problem.days[0]!);
    expect(servers[0]!.models[0]!.config.dynamicBatching!.maxQueueDelayUs).toBe(1001);
  });
});

describe('a plan for tenants to whom nothing is promised', () => {
  const problemOf = (ratePerS: number, more: Record<string, unknown> = {}) =>
    smallPlan([{ model: 'a', ratePerS }], [profile()], { durationS: 3, ...more });

  it('says that its answer keeps up with them', () => {
    expect(answerOf(problemOf(100))).toContain('1 × machine-0 (1 GPU) keeps up with all requests');
  });

  it('says how many requests are left unanswered where no answer does, and of no SLO', () => {
    const machines = machinesFor([profile()], { limit: 1 });
    const answer = answerOf(problemOf(2000, { machines }));
    expect(answer).toContain('no placement was found that keeps up with every tenant');
    expect(answer).toMatch(
      /a cannot be kept up with, .*: on .*, \d\d(\.\d)? % of its requests are unanswered/,
    );
    expect(answer).not.toContain('–');
  });
});

describe('an answer that a longer run would break', () => {
  it('says where an SLO is met only because the run ends', () => {
    const profile = linearProfile('a', 'slow', { fixedMs: 0, perItemMs: 5 });
    const said = (ratePerS: number) => {
      const tenants = [{ model: 'a', ratePerS, limitMs: 5000, percentile: 50 }];
      const problem = smallPlan(tenants, [profile], { durationS: 40, mostReplicas: 1 });
      return answerOf(problem);
    };
    expect(said(100)).toContain('1 GPU');
    expect(said(100)).not.toContain('falls behind');
    // A fifth more than a device does in all.
    expect(said(240)).toContain('a falls behind: ever more of its requests wait');
  });
});

describe('an SLO that one replica misses by what the other exceeds it', () => {
  /** An execution of one request takes 10 ms. Of three requests at once the replica that gets two of them is late with one. */
  const problemOf = (limitMs: number) => {
    const profiles = [linearProfile('a', 'gpu', { fixedMs: 10, perItemMs: 0 })];
    const bursts = Array.from({ length: 6 }, (_, i) => [i, i + 0.001, i + 0.002, i + 0.5]);
    const single = Array.from({ length: 76 }, (_, i) => 6 + 0.05 * i);
    const plan = {
      durationS: 10,
      warmUpS: 0,
      machines: machinesFor(profiles),
      batching: { maxBatchSizes: [1] },
      tenants: [
        {
          name: 'a',
          model: 'a',
          load: { trace: { file: 'all' } },
          slo: { percentile: 90, limitMs },
        },
      ],
    };
    return smallPlan([], profiles, plan, { all: traceAt([...bursts.flat(), ...single], 10) });
  };

  it('is met: both together are late six times of a hundred', () => {
    const { candidates, chosen, bound, goal } = resultOf(problemOf(11));
    expect(candidates[chosen!]!.days[0]!.gpus).toBe(2);
    expect(candidates[chosen!]!.days[0]!.attainment).toBeCloseTo(0.94, 6);
    expect(bound).toBe(goal);
  });

  it('is not met within less than an execution takes', () => {
    const { chosen, unservable } = resultOf(problemOf(9.9));
    expect(chosen).toBeUndefined();
    expect(unservable).toEqual([0]);
  });
});

describe('replicas of a model, each of which gets other requests', () => {
  it('are not the same to a model that has room beside one of them', () => {
    // The second of two requests that follow one another goes to the other replica; "b" ends just before it comes.
    const profiles = ['a', 'b'].map((model) => linearProfile(model, 'gpu', { fixedMs: 10, perItemMs: 0 }));
    const at = (ms: number) => Array.from({ length: 50 }, (_, i) => (20 + 100 * i + ms) / 1000);
    const traces = {
      a: traceAt(
        at(0).flatMap((s, i) => [s, at(9)[i]!]),
        5,
      ),
      b: traceAt(at(-2), 5),
    };
    const plan = {
      durationS: 5,
      machines: machinesFor(profiles),
      batching: { maxBatchSizes: [1] },
      tenants: ['a', 'b'].map((name) => ({
        name,
        model: name,
        load: { trace: { file: name } },
        slo: { percentile: 99, limitMs: 10.5 },
      })),
    };
    const { candidates, chosen } = resultOf(smallPlan([], profiles, plan, traces));
    expect(candidates[chosen!]!.days[0]!.gpus).toBe(2);
  });
});
