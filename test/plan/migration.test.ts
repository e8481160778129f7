import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { currentPlacement } from '../../src/plan/current.js';
import { evaluate, keepsAll, placementScenario } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { afterLoss } from '../../src/plan/losses.js';
import { goalOf } from '../../src/plan/master.js';
import { type Placement, slotsOf } from '../../src/plan/placement.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { planReport } from '../../src/report/plan-report.js';
import { migrationTable } from '../../src/report/plan-tables.js';
import { answered } from './answered.js';
import { linearProfile, smallPlan } from './small-plans.js';

const MODELS = ['a', 'b', 'c', 'd'];
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
function apart({ demands, options }: PlanProblem, machinesEach: number): Placement {
  const option = options.at(-1)!;
  return {
    machines: demands.flatMap((_, demand) =>
      Array.from({ length: machinesEach }, () => ({
        kind: 0,
        gpus: [
          { machineKind: 0, slots: [{ kind: 0, pieces: [{ demand, replicas: machinesEach, option }] }] },
        ],
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

  it('keep every SLO without any one GPU at every step, where that is asked for', () => {
    const problem = problemOf([20, 20], { survive: 'gpu' });
    for (const machinesEach of [1, 3]) {
      const { migration } = answerOf({ ...problem, current: apart(problem, machinesEach) });
      expect(migration!.steps.length).toBeGreaterThan(0);
      for (const { placement } of migration!.steps) {
        for (const { gpus } of placement.machines) {
          const { left } = afterLoss(placement, gpus);
          expect(left).toBeDefined();
          expect(keepsAll(evaluate(problem, left!, problem.days[0]!))).toBe(true);
        }
      }
    }
  });

  it('count a promise of the current placement as broken where it is after a loss', () => {
    const problem = problemOf([20, 20], { survive: 'gpu' });
    const current = apart(problem, 1);
    const kept = planReport(problem, answerOf({ ...problem, current })).migration!;
    expect(kept.current).toMatchObject({ slos: 2, slosKept: 0 });
    for (const step of kept.steps) expect(step.slosKept).toBe(2);
  });

  it('keep every SLO on all days at every step', () => {
    const quiet = problemOf([20]);
    const busy = problemOf([250]);
    const counts = [quiet.demands[0]!.counts[0]!, busy.demands[0]!.counts[0]!];
    const demands = busy.demands.map((demand) => ({ ...demand, counts }));
    const problem = { ...busy, demands, days: [quiet.days[0]!, busy.days[0]!] };
    const { migration } = answerOf({ ...problem, current: apart(problem, 4) });
    expect(migration!.steps.length).toBeGreaterThan(0);
    for (const { placement, days } of migration!.steps) {
      for (const day of problem.days) expect(keepsAll(evaluate(problem, placement, day))).toBe(true);
      expect(days).toHaveLength(2);
    }
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
      gpus: gpus.map(({ slots }) =>
        slots.map((slot) => ({
          kind: slot.kind,
          pieces: slot.pieces.map(({ demand, replicas, option }) => ({ demand, replicas, option })),
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
    const slot = (kind: number, demand: number, replicas: number) => ({
      kind,
      pieces: [{ demand, replicas, option: option! }],
    });
    const gpu = (...slots: ReturnType<typeof slot>[]) => ({ machineKind: 0, slots });
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
    const slots = [0, 1].map((demand) => ({ kind, pieces: [{ demand, replicas: 1, option: option! }] }));
    const placement: Placement = { machines: [{ kind: 0, gpus: [{ machineKind: 0, slots }] }] };
    const scenario = placementScenario(problem, placement, problem.days[0]!);
    const servers = scenario.servers.map((server, i) => ({ ...server, name: `server-of-ours-${'xy'[i]}` }));
    const current = currentPlacement(problem, { ...scenario, servers });
    expect(contentOf(current)).toEqual(contentOf(placement));
  });

  function sliced(): PlanProblem {
    const devices = ['1g.10gb', '3g.40gb'].map((slice) => `${MIG} MIG ${slice}`);
    return smallPlan(
      ['a', 'b'].map((model) => ({ model, ratePerS: 20, limitMs: 100 })),
      devices.flatMap((device) =>
        ['a', 'b'].map((model) => linearProfile(model, device, { fixedMs: 0, perItemMs: 5 })),
      ),
      { machines: [machine({ gpu: MIG, gpus: 2, sharing: ['mig'] })] },
    );
  }
});

function shown({ columns, rows }: ReturnType<typeof migrationTable>) {
  return { headers: columns.map(({ header }) => header), rows: rows.length };
}
