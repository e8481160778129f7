import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { evaluate, meetsAll, placementScenario } from '../../../src/plan/evaluate.js';
import { goalOf } from '../../../src/plan/goal.js';
import { currentPlacement } from '../../../src/plan/input/current.js';
import type { SolveProgram } from '../../../src/plan/integer-program.js';
import { cheaperSteps } from '../../../src/plan/migration/cheaper-steps.js';
import { migrate, recommendedStep, violatedTenants } from '../../../src/plan/migration/migration.js';
import { movesBetween } from '../../../src/plan/migration/moves.js';
import { type PlacedGpu, type Placement, slotsOf } from '../../../src/plan/placement.js';
import { plan } from '../../../src/plan/plan.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { afterFailure } from '../../../src/plan/search/failure-scenarios.js';
import { FeasibilityCheck } from '../../../src/plan/search/feasibility-check.js';
import { JobDispatcher } from '../../../src/plan/search/job-dispatcher.js';
import { driveInline, JobRunner } from '../../../src/plan/search/jobs.js';
import { planReport } from '../../../src/report/plan/plan-report.js';
import { migrationTable } from '../../../src/report/plan/plan-tables.js';
import { planAnswer } from '../../../src/report/plan/plan-text.js';
import { textTable } from '../../../src/report/text/text-table.js';
import { IS_SLOW } from '../../support/cases.js';
import { answered } from '../support/answered.js';
import { linearProfile, smallPlan } from '../support/small-plans.js';

const MODELS = ['a', 'b', 'c', 'd', 'e'];
const MIG = 'A100-80GB';

/** Models of 5 ms for an inference, on machines with one GPU. */
function problemOf(rates: readonly number[], more: Record<string, unknown> = {}): PlanProblem {
  return smallPlan(
    rates.map((ratePerS, i) => ({ model: MODELS[i]!, ratePerS, limitMs: 100 })),
    rates.map((_, i) => linearProfile(MODELS[i]!, 'slow', { fixedMs: 0, perItemMs: 5 })),
    { mostReplicas: 8, machines: [machine()], ...more },
  );
}

function machine(more: Record<string, unknown> = {}) {
  return {
    name: 'm',
    gpu: 'slow',
    memoryMb: 80_000,
    machine: { kind: 'server', usdPerHour: 1 },
    sharing: ['timeSlices'],
    ...more,
  };
}

/** So many machines for each model, with that model alone. */
function apart({ workloads, options }: PlanProblem, machinesEach: number): Placement {
  const option = options.at(-1)!;
  return {
    machines: workloads.flatMap((_, workload) =>
      Array.from({ length: machinesEach }, () => ({
        kind: 0,
        gpus: [[{ kind: 0, modelReplicas: [{ workload, replicas: machinesEach, option }] }]],
      })),
    ),
  };
}

describe('the ways from a current placement', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  const answerOf = (problem: PlanProblem) => answered(problem, solve);

  it('take no more machines than there may be', () => {
    const dear = machine({ name: 'dear', machine: { kind: 'server', usdPerHour: 3 } });
    const problem = problemOf([100, 100], { machines: [machine({ limit: 1 }), dear] });
    const option = problem.options.at(-1)!;
    const modelReplicas = [0, 1].map((workload) => ({ workload, replicas: 1, option }));
    const current: Placement = { machines: [{ kind: 0, gpus: [[{ kind: 0, modelReplicas }]] }] };
    const { migration } = answerOf({ ...problem, current });
    expect(migration!.steps.length).toBeGreaterThan(0);
    for (const { placement } of migration!.steps)
      expect(placement.machines.filter(({ kind }) => kind === 0).length).toBeLessThanOrEqual(1);
  });

  it.runIf(IS_SLOW)('meet every SLO without any one GPU at every step, where that is asked for', () => {
    const problem = problemOf([20, 20], { survive: 'gpu' });
    for (const machinesEach of [1, 3]) {
      const { migration } = answerOf({ ...problem, current: apart(problem, machinesEach) });
      expect(migration!.steps.length).toBeGreaterThan(0);
      for (const { placement } of migration!.steps) {
        for (const { gpus } of placement.machines) {
          const { left } = afterFailure(placement, gpus);
          expect(left).toBeDefined();
          expect(meetsAll(evaluate(problem, left!, problem.days[0]!))).toBe(true);
        }
      }
    }
  });

  it('count an SLO of the current placement as violated where it is after a failure', () => {
    const problem = problemOf([20, 20], { survive: 'gpu' });
    const current = apart(problem, 1);
    const met = planReport(problem, answerOf({ ...problem, current })).migration!;
    expect(met.current).toMatchObject({ slos: 2, slosMet: 0 });
    for (const step of met.steps) expect(step.slosMet).toBe(2);
  });

  it.runIf(IS_SLOW)(
    'lead on from a placement of which only that failure violates an SLO of which the machine does least',
    () => {
      const problem = problemOf([600, 1], { survive: 'gpu', durationS: 2, mostReplicas: 80 });
      const option = problem.options[0]!;
      const machinesOf = (workload: number, replicas: number) =>
        Array.from({ length: replicas }, () => ({
          kind: 0,
          gpus: [[{ kind: 0, modelReplicas: [{ workload, replicas, option }] }]],
        }));
      // Of b, which does least of all, there is no second replica; the answer has one, and costs more.
      const many = machinesOf(0, 66);
      const current = { machines: [...machinesOf(1, 1), ...many] };
      const placement = { machines: [...machinesOf(1, 2), ...many] };
      const best = { placement, days: [evaluate(problem, placement, problem.days[0]!)], failures: [] };
      const limits = { remainingS: () => 0 };
      const feasibility = new FeasibilityCheck(
        new JobDispatcher({ ...problem, current }, { solve, ...limits }),
      );
      const migrating = migrate(feasibility, best);
      const migration = driveInline(migrating, new JobRunner(problem), limits)!;
      expect([...violatedTenants(migration.current)]).toEqual(['b']);
      expect(migration.steps.map((step) => step.placement)).toEqual([placement]);
    },
  );

  it('meet every SLO on all days at every step', () => {
    const quiet = problemOf([20]);
    const busy = problemOf([250]);
    const counts = [quiet.workloads[0]!.counts[0]!, busy.workloads[0]!.counts[0]!];
    const workloads = busy.workloads.map((workload) => ({ ...workload, counts }));
    const problem = { ...busy, workloads, days: [quiet.days[0]!, busy.days[0]!] };
    const { migration } = answerOf({ ...problem, current: apart(problem, 4) });
    expect(migration!.steps.length).toBeGreaterThan(0);
    for (const { placement, days } of migration!.steps) {
      for (const day of problem.days) expect(meetsAll(evaluate(problem, placement, day))).toBe(true);
      expect(days).toHaveLength(2);
    }
  });

  /** Machines with these models on each, e.g. `ab c`. */
  const placed = ({ options }: PlanProblem, text: string, kind = 0): Placement => ({
    machines: text.split(' ').map((models) => {
      const modelReplicas = [...models].map((model) => ({
        workload: MODELS.indexOf(model),
        replicas: 1,
        option: options.at(-1)!,
      }));
      return { kind, gpus: [[{ kind, modelReplicas }]] };
    }),
  });

  it('are counted in as few moves as there need be, whichever devices are alike at first sight', () => {
    const problem = problemOf([10, 10, 10, 10]);
    const moves = (from: string, to: string) =>
      movesBetween(problem, placed(problem, from), placed(problem, to)).moves;
    expect(moves('ac b', 'ab c')).toBe(1);
    expect(moves('acd b', 'bcd a')).toBe(2);
    expect(moves('ab cd', 'cd ab')).toBe(0);
    expect(moves('ab cd', 'abcd')).toBe(2);
    expect(moves('a', 'a b')).toBe(1);
  });

  it('count what goes to another machine, be its GPU of the same kind or its neighbours the same', () => {
    const machines = [machine({ gpus: 2 }), machine({ name: 'other' })];
    const problem = problemOf([10, 10, 10, 10], { machines });
    const pairs = (...texts: readonly string[]): Placement => ({
      machines: texts.map((text) => ({
        kind: 0,
        gpus: placed(problem, text).machines.flatMap(({ gpus }) => gpus),
      })),
    });
    const moves = (from: Placement, to: Placement) => movesBetween(problem, from, to).moves;
    expect(moves(pairs('a b', 'c d'), pairs('d c', 'b a'))).toBe(0);
    expect(moves(pairs('a b', 'c d'), pairs('a c', 'b d'))).toBe(2);
    expect(moves(placed(problem, 'a b'), placed(problem, 'a b', 1))).toBe(2);
  });

  it('lead nowhere from a placement that meets every SLO where nothing is cheaper: it is the answer', () => {
    const problem = problemOf([50, 50, 50, 50]);
    const current = placed(problem, 'ad bc');
    const result = answerOf({ ...problem, current });
    expect(result.candidates[result.chosen!]!.placement).toBe(current);
    expect(result.migration).toMatchObject({ steps: [] });
    expect(result.migration!.recommended).toBeUndefined();
    const report = planReport(problem, result);
    expect(planAnswer(report)).toContain(
      'The current placement meets every SLO, and nothing cheaper was found: no move pays.',
    );
    expect(textTable(migrationTable(report.migration!), 100).join('\n')).toContain('→ now');
  });

  it('begin at what was simulated to find that the current placement is the answer', () => {
    const problem = problemOf([50, 50, 50, 50]);
    const current = placed(problem, 'ad bc');
    const asked = { ...problem, current };
    const limits = { remainingS: () => 1000, mostSimulations: Number.POSITIVE_INFINITY };
    const runner = new JobRunner(asked);
    const isAsGiven = ({ loadFactor, slower }: { loadFactor?: number; slower?: unknown }) =>
      loadFactor === undefined && slower === undefined;
    let simulated = 0;
    const counting = {
      run: (...[job, own]: Parameters<JobRunner['run']>) => {
        if (job.type === 'evaluate' && job.placement === current && isAsGiven(job)) simulated++;
        return runner.run(job, own);
      },
    } as JobRunner;
    expect(driveInline(plan(asked, { solve, ...limits }), counting, limits).best).toBe(current);
    expect(simulated).toBe(1);
  });

  it('take the fewest moves, also where that is not to give up the machine that does least', () => {
    const rates = [105, 85, 40, 115, 55];
    const limits = [20, 150, 40, 150, 150];
    const problem = smallPlan(
      rates.map((ratePerS, i) => ({ model: MODELS[i]!, ratePerS, limitMs: limits[i]! })),
      rates.map((_, i) => linearProfile(MODELS[i]!, 'slow', { fixedMs: 0, perItemMs: 5 })),
      {
        durationS: 10,
        mostReplicas: 1,
        batching: { maxBatchSizes: [1] },
        machines: [machine({ limit: 12 })],
      },
    );
    // Three machines do, and one move leads there; to the placement that the search itself finds it takes two.
    const { steps, recommended } = answerOf({ ...problem, current: placed(problem, 'a bc d e') }).migration!;
    expect(steps[recommended!]).toMatchObject({ gainShare: 1, moves: 1 });
  });

  it('load a model that is served nowhere yet on a device that has room, and leave the others where they are', () => {
    const problem = problemOf([50, 50, 50, 50], { mostReplicas: 1 });
    const { current, steps, recommended } = answerOf({
      ...problem,
      current: placed(problem, 'ab c'),
    }).migration!;
    expect(current.days[0]!.unserved).not.toHaveLength(0);
    expect(recommended).toBe(0);
    expect(steps).toMatchObject([{ moves: 1 }]);
    expect(meetsAll(steps[0]!.days[0]!)).toBe(true);
    expect(steps[0]!.placement.machines).toHaveLength(2);
  });

  it('load it on an idle GPU of a machine before another machine is rented, on that one where none is idle', () => {
    const problem = problemOf([150, 150, 150], {
      mostReplicas: 1,
      batching: { maxBatchSizes: [1] },
      machines: [machine({ gpus: 2 })],
    });
    for (const text of ['a', 'a b']) {
      const { machines } = placed(problem, text);
      const current = { machines: [{ kind: 0, gpus: machines.flatMap(({ gpus }) => gpus) }] };
      const { steps } = answerOf({ ...problem, current }).migration!;
      expect(steps).toHaveLength(1);
      expect(steps[0]).toMatchObject({ moves: text === 'a' ? 2 : 1 });
      expect(steps[0]!.placement.machines.map(({ gpus }) => gpus.length).sort()).toEqual([1, 2]);
    }
  });

  it('recommend no dear step beside a cheap one where keeping every SLO costs more than what there is', () => {
    const steps = (part: number, ...goals: readonly number[]) => goals.map((goal) => ({ part, goal }));
    expect(recommendedStep(steps(Number.NaN, 27, 17, 16))).toBe(1);
    expect(recommendedStep(steps(Number.NaN, 16))).toBe(0);
    expect(recommendedStep(steps(Number.NaN, 16, 16))).toBe(0);
    expect(recommendedStep([...steps(0.5, 9), ...steps(0.9, 7), ...steps(1, 6)])).toBe(1);
    expect(recommendedStep([])).toBe(-1);
  });

  it('give up a GPU whose slices have room on another, with as many replicas as there are', () => {
    const problem = sliced({ survive: 'gpu' });
    const [option] = problem.options;
    const kindOf = (slice: string) => problem.slotKinds.findIndex((kind) => kind.slice === slice);
    const machineOf = (slice: string, workload: number, replicas: number) => {
      const slot = { kind: kindOf(slice), modelReplicas: [{ workload, replicas, option: option! }] };
      return { kind: 0, gpus: [[slot]] };
    };
    const machines = [machineOf('3g.40gb', 0, 1), machineOf('1g.10gb', 1, 2), machineOf('1g.10gb', 1, 2)];
    const contentOf = (gpu: PlacedGpu) =>
      gpu.map(
        ({ kind, modelReplicas }) =>
          `${kind}: ${modelReplicas[0]!.workload} of ${modelReplicas[0]!.replicas}`,
      );
    const found = cheaperSteps(problem, { machines }).map((step) =>
      step.machines.map(({ gpus }) => gpus.map(contentOf)),
    );
    const [large, small] = [`${kindOf('3g.40gb')}: 0 of 1`, `${kindOf('1g.10gb')}: 1 of`];
    expect(found).toContainEqual([[[large, `${small} 2`]], [[`${small} 2`]]]);
    expect(found).toContainEqual([[[large]], [[`${small} 1`]]]);
  });

  it('load replicas of it on what is not lost together, where the failure of a GPU is to be survived', () => {
    const problem = problemOf([20, 20], { survive: 'gpu' });
    const { machines } = apart(problem, 2);
    const { steps } = answerOf({ ...problem, current: { machines: machines.slice(0, 2) } }).migration!;
    expect(steps[0]).toMatchObject({ moves: 2 });
    expect(steps[0]!.failures.map(({ met }) => met)).toEqual([true, true]);
  });

  it('leave one machine that is dear for a cheaper kind before many that are hardly so', () => {
    const models = MODELS.slice(0, 4);
    const devices = ['new', 'old'];
    const machines = [
      machine({ name: 'dear', gpu: 'old', machine: { kind: 'dear', usdPerHour: 9 }, sharing: ['exclusive'] }),
      machine({ name: 'old', gpu: 'old', machine: { kind: 'old', usdPerHour: 1.1 }, sharing: ['exclusive'] }),
      machine({ name: 'new', gpu: 'new', sharing: ['exclusive'] }),
    ];
    const problem = smallPlan(
      models.map((model) => ({ model, ratePerS: 20, limitMs: 100 })),
      devices.flatMap((gpu) =>
        models.map((model) => linearProfile(model, gpu, { fixedMs: 0, perItemMs: 5 })),
      ),
      { machines },
    );
    const current = {
      machines: [...placed(problem, 'a', 0).machines, ...placed(problem, 'b c d', 1).machines],
    };
    const { steps, recommended } = answerOf({ ...problem, current }).migration!;
    expect(steps[recommended!]).toMatchObject({ moves: 1 });
    expect(steps[recommended!]!.gainShare).toBeGreaterThan(0.9);
    expect(steps.at(-1)).toMatchObject({ moves: 4, gainShare: 1 });
  });

  it('lead to fewer GPUs where these are the goal and nothing has a price, and the best of them is recommended', () => {
    const unpriced = { goal: 'gpus', machines: [machine({ machine: { kind: 'server' } })] };
    const problem = problemOf([20, 20, 20, 20], unpriced);
    const result = answerOf({ ...problem, current: apart(problem, 2) });
    const { steps, recommended } = result.migration!;
    const gpus = steps.map(({ placement }) => goalOf(problem, placement));
    expect(Math.min(...gpus)).toBeCloseTo(goalOf(problem, result.best!), 6);
    expect(gpus).toEqual([...gpus].sort((a, b) => b - a));
    expect(steps[recommended!]!.gainShare).toBeGreaterThanOrEqual(0.8);
    const { headers, rows } = shown(migrationTable(planReport(problem, result).migration!));
    expect(headers).toContain('GPUs');
    expect(headers).not.toContain('$/h');
    expect(rows).toBe(steps.length + 1);
  });
});

describe('a placement that was written as a scenario', () => {
  /** What is on which GPU of which machine. */
  const contentOf = ({ machines }: Placement) =>
    machines.map(({ kind, gpus }) => ({
      kind,
      gpus: gpus.map((slots) =>
        slots.map((slot) => ({
          kind: slot.kind,
          modelReplicas: slot.modelReplicas.map(({ workload, replicas, option }) => ({
            workload,
            replicas,
            option,
          })),
        })),
      ),
    }));

  it('is read back with its MIG slices on the GPUs and machines on which they were', () => {
    const problem = sliced();
    const kinds = problem.machines[0]!.layouts.find((layout) => new Set(layout).size > 1)!;
    const small = kinds.reduce((a, b) =>
      problem.slotKinds[b]!.memoryMb < problem.slotKinds[a]!.memoryMb ? b : a,
    );
    const large = kinds.find((kind) => kind !== small)!;
    const [option] = problem.options;
    const slot = (kind: number, workload: number, replicas: number) => ({
      kind,
      modelReplicas: [{ workload, replicas, option: option! }],
    });
    const gpu = (...slots: ReturnType<typeof slot>[]) => slots;
    const placement: Placement = {
      machines: [
        { kind: 0, gpus: [gpu(slot(large, 0, 2), slot(small, 1, 2)), gpu(slot(large, 0, 2))] },
        { kind: 0, gpus: [gpu(slot(small, 1, 2))] },
      ],
    };
    const scenario = placementScenario(problem, placement, problem.days[0]!);
    const current = currentPlacement(problem, scenario);
    expect(contentOf(current)).toEqual(contentOf(placement));
    expect(slotsOf(current)).toHaveLength(4);
  });

  it('has its slices on as few GPUs as hold them where its servers have other names', () => {
    const problem = sliced();
    const kind = problem.machines[0]!.layouts.flat()[0]!;
    const [option] = problem.options;
    const slots = [0, 1].map((workload) => ({
      kind,
      modelReplicas: [{ workload, replicas: 1, option: option! }],
    }));
    const placement: Placement = { machines: [{ kind: 0, gpus: [slots] }] };
    const scenario = placementScenario(problem, placement, problem.days[0]!);
    const servers = scenario.servers.map((server, i) => ({ ...server, name: `server-of-ours-${'xy'[i]}` }));
    const current = currentPlacement(problem, { ...scenario, servers });
    expect(contentOf(current)).toEqual(contentOf(placement));
  });
});

/** Two models on two kinds of slices. */
function sliced(more: Record<string, unknown> = {}): PlanProblem {
  const devices = ['1g.10gb', '3g.40gb'].map((slice) => `${MIG} MIG ${slice}`);
  return smallPlan(
    ['a', 'b'].map((model) => ({ model, ratePerS: 20, limitMs: 100 })),
    devices.flatMap((device) =>
      ['a', 'b'].map((model) => linearProfile(model, device, { fixedMs: 0, perItemMs: 5 })),
    ),
    { machines: [machine({ gpu: MIG, gpus: 2, sharing: ['mig'] })], ...more },
  );
}

function shown({ columns, rows }: ReturnType<typeof migrationTable>) {
  return { headers: columns.map(({ header }) => header), rows: rows.length };
}
