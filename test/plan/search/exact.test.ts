import { describe, expect, it } from 'vitest';
import { loadSolver } from '../../../src/node/plan/highs.js';
import { planBounds } from '../../../src/plan/bound/bounds.js';
import { placementScenario } from '../../../src/plan/evaluate.js';
import { currentPlacement } from '../../../src/plan/input/current.js';
import { type ModelReplica, type Placement, slotsOf } from '../../../src/plan/placement.js';
import type { PlanProblem } from '../../../src/plan/problem-setting.js';
import { exactPlacement } from '../../../src/plan/search/exact.js';
import { cheapestOfAll } from '../support/all-placements.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from '../support/small-plans.js';

/** Executions of one request take 10 ms: a device serves 100/s, hardly any of which may wait for longer than another one takes. */
function problemOf(
  ratesPerS: readonly number[],
  { gpus = 1, ...plan }: { readonly gpus?: number } & Record<string, unknown> = {},
): PlanProblem {
  const tenants = ratesPerS.map((ratePerS, i) => ({ model: 'abc'[i]!, ratePerS, limitMs: 60 }));
  const profiles = tenants.map(({ model }) => linearProfile(model, 'gpu', { fixedMs: 0, perItemMs: 10 }));
  const machines = machinesFor(profiles, { gpus, limit: 20 });
  return smallPlan(tenants, profiles, {
    machines,
    mostReplicas: 4,
    batching: { maxBatchSizes: [1] },
    ...plan,
  });
}

const NO_LIMIT = { isOver: () => false, mostSimulations: 10_000 };
const modelReplicasOf = (placement: Placement | undefined): ModelReplica[] =>
  placement === undefined ? [] : slotsOf(placement).flatMap(({ modelReplicas }) => modelReplicas);
const search = (problem: PlanProblem, machines: number, limits: Partial<typeof NO_LIMIT> = {}) =>
  exactPlacement(problem, [machines], { ...NO_LIMIT, ...limits });

describe('the search through all placements on given machines', () => {
  it('has as many replicas of a model as it takes, on all of the machines', () => {
    const problem = problemOf([100]);
    expect(search(problem, 1)).toMatchObject({ isComplete: true });
    expect(search(problem, 1).placement).toBeUndefined();
    for (const machines of [2, 3]) {
      const { placement, isComplete } = search(problem, machines);
      expect(isComplete).toBe(true);
      expect(modelReplicasOf(placement)).toEqual(
        Array(machines).fill({ workload: 0, replicas: machines, option: problem.options[0] }),
      );
    }
  });

  it('looks at no placement that leaves a machine without a model, nor at more GPUs than it can look through', () => {
    const few = problemOf([20], { mostReplicas: 2 });
    expect(modelReplicasOf(search(few, 2).placement)).toHaveLength(2);
    expect(search(few, 3)).toEqual({ isComplete: true, simulations: 0 });
    expect(
      modelReplicasOf(search(problemOf([20, 20], { mostReplicas: 2 }), 3).placement).length,
    ).toBeGreaterThanOrEqual(3);
    expect(search(problemOf([20]), 11)).toEqual({ isComplete: false, simulations: 0 });
    expect(search(problemOf([20]), 10)).toEqual({ isComplete: true, simulations: 0 });
    const twice = problemOf([20], { gpus: 2 });
    expect(search(twice, 6)).toEqual({ isComplete: false, simulations: 0 });
    expect(search(twice, 5)).toEqual({ isComplete: true, simulations: 0 });
  });

  it('is not complete where its runs or its time were used up', () => {
    const problem = problemOf([100, 100]);
    expect(search(problem, 3, { mostSimulations: 0 })).toEqual({ isComplete: false, simulations: 0 });
    const { isComplete, simulations } = search(problem, 3, { mostSimulations: 3 });
    expect(isComplete).toBe(false);
    expect(simulations).toBeLessThanOrEqual(3);
    expect(search(problem, 3, { isOver: () => true })).toEqual({ isComplete: false, simulations: 0 });
  });

  it('has a replica elsewhere of every model where a machine may be lost', () => {
    const problem = problemOf([20, 20], { survive: 'machine' });
    expect(search(problem, 1)).toMatchObject({ isComplete: true, simulations: 0 });
    const { placement } = search(problem, 2);
    expect(
      placement!.machines.map(({ gpus }) =>
        gpus[0]![0]!.modelReplicas.map(({ workload }) => workload).sort(),
      ),
    ).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('has no model on the GPUs of one machine alone where that may be lost', () => {
    const { placement } = search(problemOf([20, 20], { gpus: 2, survive: 'machine' }), 2);
    for (const { gpus } of placement!.machines) {
      const workloads = gpus
        .flat()
        .flatMap(({ modelReplicas }) => modelReplicas.map(({ workload }) => workload));
      expect([...new Set(workloads)].sort()).toEqual([0, 1]);
    }
  });

  it('simulates what is on equal devices once, in whatever order they are', () => {
    // Neither model does alone, on one device, two or three: each is found out once, and nothing is tried that holds it.
    const { isComplete, simulations } = search(problemOf([400, 300]), 3);
    expect(isComplete).toBe(true);
    expect(simulations).toBeLessThanOrEqual(3);
  });

  it('divides the GPUs of a machine in different ways where each machine needs both to be lost', () => {
    const gpu = 'A100-80GB';
    const times = { fixedMs: 0, perItemMs: 10 };
    const profiles = [linearProfile('a', gpu, times), linearProfile('b', `${gpu} MIG 3g.40gb`, times)];
    const mixed = {
      name: 'm',
      gpu,
      gpus: 2,
      machine: { kind: 'm', usdPerHour: 1 },
      sharing: ['exclusive', 'mig'],
    };
    const problem = smallPlan(
      ['a', 'b'].map((model) => ({ model, ratePerS: 20, limitMs: 60 })),
      profiles,
      { machines: [mixed], batching: { maxBatchSizes: [1] }, survive: 'machine' },
    );
    const { placement } = search(problem, 2);
    expect(placement!.machines.map(({ gpus }) => gpus.map((slots) => slots.map(({ kind }) => kind)))).toEqual(
      Array(2).fill([[0], [1, 1]]),
    );
  });

  it('gives a device to an ensemble also where others share one by time slices, which slow its steps more', () => {
    const profiles = ['a', 'b'].map((model, i) => {
      const interference = { pairs: [{ model: 'ba'[i]!, slowdown: 1 }] };
      return linearProfile(model, 'gpu', { fixedMs: 10, perItemMs: 0, more: { interference } });
    });
    const tensors = {
      input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [1] }],
      output: [{ name: 'Y', data_type: 'TYPE_FP32', dims: [1] }],
    };
    const stepOf = (model_name: string, X: string, Y: string) => ({
      model_name,
      input_map: { X },
      output_map: { Y },
    });
    const steps = { step: [stepOf('a', 'X', 'mid'), stepOf('b', 'mid', 'Y')] };
    const config = { ...tensors, max_batch_size: 1 };
    const tenant = {
      name: 'shop',
      model: 'both',
      load: { process: { kind: 'constant', ratePerS: 70 } },
      slo: { percentile: 99, limitMs: 60 },
    };
    const sharedBy = (sharing: readonly string[]) =>
      smallPlan([], profiles, {
        machines: machinesFor(profiles, { sharing }),
        batching: { maxBatchSizes: [1] },
        models: [
          { name: 'both', config: { ...config, platform: 'ensemble', ensemble_scheduling: steps } },
          ...['a', 'b'].map((name) => ({ name, config })),
        ],
        tenants: [tenant],
      });
    expect(search(sharedBy(['timeSlices']), 1)).toMatchObject({ isComplete: true });
    expect(search(sharedBy(['timeSlices']), 1).placement).toBeUndefined();
    const problem = sharedBy(['exclusive', 'timeSlices']);
    const [slot] = slotsOf(search(problem, 1).placement!);
    expect(problem.slotKinds[slot!.kind]!.mode).toBe('exclusive');
  });

  it('serves several models on a MIG slice where streams are allowed, and one where they are not', async () => {
    const gpu = 'A100-80GB';
    const profiles = ['a', 'b'].map((model) =>
      linearProfile(model, `${gpu} MIG 7g.80gb`, { fixedMs: 0, perItemMs: 10 }),
    );
    const problem = (sharing: readonly string[]) =>
      smallPlan(
        ['a', 'b'].map((model) => ({ model, ratePerS: 20, limitMs: 60 })),
        profiles,
        {
          machines: [{ name: 'm', gpu, machine: { kind: 'm', usdPerHour: 1 }, sharing }],
          batching: { maxBatchSizes: [1] },
        },
      );
    expect(search(problem(['mig']), 1).placement).toBeUndefined();
    const shared = problem(['mig', 'streams']);
    const { placement } = search(shared, 1);
    expect(
      modelReplicasOf(placement)
        .map(({ workload }) => workload)
        .sort(),
    ).toEqual([0, 1]);
    expect(planBounds(shared, await loadSolver(), { timeLimitS: 5 }).deviceTime).toBeLessThanOrEqual(
      1 + 1e-6,
    );
    const scenario = placementScenario(shared, placement!, shared.days[0]!);
    expect(slotsOf(currentPlacement(shared, scenario))).toMatchObject([{ modelReplicas: [{}, {}] }]);
  });

  it('counts of a model how many replicas one failure takes', () => {
    // Two have to be left of four on two machines of two GPUs each.
    const problem = problemOf([100], { gpus: 2, survive: 'machine' });
    const { placement } = search(problem, 2);
    expect(modelReplicasOf(placement)).toEqual(
      Array(4).fill({ workload: 0, replicas: 4, perFaultDomain: 2, option: problem.options[0] }),
    );
    // Of single GPUs one is lost, on whichever machine.
    const single = search(problemOf([100], { gpus: 2, survive: 'gpu' }), 2);
    expect(
      modelReplicasOf(single.placement).every(({ perFaultDomain }) => perFaultDomain === undefined),
    ).toBe(true);
    expect(modelReplicasOf(single.placement).length).toBe(3);
  });

  /** Models of 10 ms for each request, hardly any of which may wait, with these requests in seconds. */
  function tracedProblem(
    times: Readonly<Record<string, readonly number[]>>,
    plan: Record<string, unknown> = {},
  ) {
    const models = Object.keys(times);
    const profiles = models.map((model) => linearProfile(model, 'gpu', { fixedMs: 0, perItemMs: 10 }));
    const tenants = models.map((name) => ({
      name,
      model: name,
      load: { trace: { file: name } },
      slo: { percentile: 99, limitMs: 15 },
    }));
    const batching = { maxBatchSizes: [1] };
    const traces = Object.fromEntries(models.map((name) => [name, traceAt(times[name]!, 6)]));
    return smallPlan(
      [],
      profiles,
      { machines: machinesFor(profiles), durationS: 6, batching, tenants, ...plan },
      traces,
    );
  }

  const SECONDS = [1, 2, 3, 4, 5];

  it('knows the replicas of a model apart where a GPU may be lost: each gets other requests', () => {
    // Every other request of a comes with one of b: those of b's second replica with those of a's first. Beside all of b there is
    // room only for a's second replica, and beside all of a only for b's first.
    const times = {
      a: SECONDS.flatMap((s) => [s, s + 0.5]),
      b: SECONDS.flatMap((s) => [s - 0.25, s]),
    };
    const problem = tracedProblem(times, { survive: 'gpu' });
    expect(search(problem, 3).placement).toBeDefined();
    expect(cheapestOfAll(problem, 3.5, 3)).toBe(3);
  });

  it('has any of the replicas of a model beside a larger one, which has its place before', () => {
    // Two of b's requests come at once, so that it takes two replicas; the first of them has requests at the times of a.
    const problem = tracedProblem({
      a: SECONDS.flatMap((s) => [0, 0.05, 0.1, 0.5, 0.6, 0.7].map((later) => s + later)),
      b: SECONDS.flatMap((s) => [s, s + 0.25, s + 0.8, s + 0.801]),
    });
    expect(modelReplicasOf(search(problem, 2).placement)).toHaveLength(3);
    expect(cheapestOfAll(problem, 2.5, 2)).toBe(2);
  });

  it('has every two of the replicas of two models together, and on every of three devices', () => {
    // Each model takes two replicas, of which the second ones alone have no requests at the same time.
    const problem = tracedProblem({
      a: [1, 1.5, 2, 2.5, 2.9, 3, 4, 4.001],
      b: [1, 1.75, 1.9, 2, 3, 3.5, 4.5, 4.501],
    });
    expect(search(problem, 2).placement).toBeUndefined();
    expect(modelReplicasOf(search(problem, 3).placement)).toHaveLength(4);
    expect(cheapestOfAll(problem, 3.5, 3)).toBe(3);
  });
});
