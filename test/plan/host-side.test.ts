import { beforeAll, describe, expect, it } from 'vitest';
import { loadSolver } from '../../src/node/plan/highs.js';
import { planBounds } from '../../src/plan/bound/bounds.js';
import { isInfeasible } from '../../src/plan/bound/infeasible-slot.js';
import { placementScenario } from '../../src/plan/evaluate.js';
import type { SolveProgram } from '../../src/plan/integer-program.js';
import { placementOf } from '../../src/plan/master.js';
import type { Slot } from '../../src/plan/placement.js';
import { plan } from '../../src/plan/plan.js';
import type { PlanProblem } from '../../src/plan/problem-setting.js';
import { driveInline, JobRunner } from '../../src/plan/search/jobs.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from './support/small-plans.js';

/** One model of which a device takes 2000 inferences per second, in 4 ms. */
interface Asked {
  readonly ratePerS?: number;
  readonly limitMs?: number;
  /** Fields of the profile and of the machine. */
  readonly profile?: Record<string, unknown>;
  readonly machine?: Record<string, unknown>;
  readonly tenant?: Record<string, unknown>;
}

function problemOf({ ratePerS = 300, limitMs = 50, profile = {}, machine = {} }: Asked): PlanProblem {
  const profiles = [linearProfile('a', 'gpu', { fixedMs: 3.5, perItemMs: 0.5, more: profile })];
  return smallPlan([{ model: 'a', ratePerS, limitMs }], profiles, {
    machines: machinesFor(profiles, machine),
    batching: { maxBatchSizes: [16] },
    durationS: 4,
    mostReplicas: 4,
  });
}

/** The one model on devices of its own. */
function placed(problem: PlanProblem, replicas = 1) {
  const [option] = problem.options;
  const slot: Slot = { kind: 0, modelReplicas: [{ workload: 0, replicas, option: option! }] };
  return placementOf(
    problem,
    Array.from({ length: replicas }, () => slot),
  );
}

describe('a plan with a front end and a network', () => {
  let solve: SolveProgram;
  beforeAll(async () => {
    solve = await loadSolver();
  });

  const answerOf = (problem: PlanProblem) => {
    const limits = { remainingS: () => 1000, mostSimulations: 200 };
    return driveInline(plan(problem, { solve, ...limits }), new JobRunner(problem), limits);
  };
  const machinesOf = (asked: Asked) => {
    const { candidates, chosen } = answerOf(problemOf(asked));
    return candidates[chosen!]!.placement.machines.length;
  };
  const boundOf = (asked: Asked) => planBounds(problemOf(asked), solve, { timeLimitS: 5 }).deviceTime;

  it('counts the bytes of the profile for requests of which the trace says none', () => {
    const profiles = [
      linearProfile('a', 'gpu', {
        fixedMs: 3.5,
        perItemMs: 0.5,
        more: { payload: { requestBytes: 1000, responseBytes: 10 } },
      }),
    ];
    const trace = traceAt([0.5, 1.5, 2.5, 3.5], 4, {
      batchSize: Uint16Array.of(1, 3, 1, 2),
      payloadBytes: Uint32Array.of(500, 0, 700, 0),
    });
    const load = { trace: { file: 'day' } };
    const tenants = [{ name: 'a', model: 'a', load, slo: { percentile: 99, limitMs: 50 } }];
    const { workloads } = smallPlan([], profiles, { durationS: 4, tenants }, { day: trace });
    expect(workloads[0]!.flow.requestBytesPerS).toBe((500 + 3000 + 700 + 2000) / 4);
  });

  it('simulates them as the machine has them', () => {
    const network = { requestDelayUs: 300, responseDelayUs: 200, bandwidthMbps: 800 };
    const problem = problemOf({ machine: { network, triton: { protocol: 'http', frontEndThreads: 5 } } });
    const { servers } = placementScenario(problem, placed(problem), problem.days[0]!);
    expect(servers[0]!.network).toEqual({
      requestDelayUs: 300,
      responseDelayUs: 200,
      requestBytesPerUs: 100,
      responseBytesPerUs: 100,
    });
    expect(servers[0]!.options).toMatchObject({ protocol: 'http', frontEndThreads: 5 });
  });

  it('refuses a number of gRPC threads with which Triton does not start', () => {
    const triton = { version: '25.04', protocol: 'grpc', frontEndThreads: 129 };
    expect(() => problemOf({ machine: { triton } })).toThrow(/does not start with 129 gRPC threads/);
  });

  it('divides bandwidth and cores of a machine among its GPUs', () => {
    const machine = { gpus: 4, cpuCores: 8, network: { bandwidthMbps: 800, requestBandwidthMbps: 80 } };
    const problem = problemOf({ machine });
    const { servers } = placementScenario(problem, placed(problem, 4), problem.days[0]!);
    expect(servers).toHaveLength(4);
    for (const { network, cpuCores } of servers) {
      expect(network).toMatchObject({ requestBytesPerUs: 2.5, responseBytesPerUs: 25 });
      expect(cpuCores).toBe(2);
    }
  });

  it('takes an SLO that only the network breaks for infeasible, by that margin', () => {
    const near = problemOf({ limitMs: 30 });
    const found = answerOf(near);
    expect(found.chosen).toBeDefined();
    const far = problemOf({
      limitMs: 30,
      machine: { network: { requestDelayUs: 25_000, responseDelayUs: 15_000 } },
    });
    const { chosen, shortfalls } = answerOf(far);
    expect(chosen).toBeUndefined();
    const [shortfall] = shortfalls;
    expect(shortfall).toMatchObject({ tenant: 'a', limitMs: 30, networkMs: 40 });
    expect(shortfall!.margin).toBeCloseTo(-0.99, 6);
    // Four replicas, alone on each: the same as near by, and the way there and back.
    const feasibility = new JobRunner(near);
    const slot: Slot = { kind: 0, modelReplicas: [{ workload: 0, replicas: 4, option: near.options[0]! }] };
    const [verdict] = feasibility.run({ type: 'verdicts', slot }, { remainingS: () => 1000 }).value;
    expect(shortfall!.latencyMs).toBeCloseTo(verdict!.latencyMs + 40, 1);
    expect(shortfall!.where).toContain('with 40 ms of network delay');
  });

  it('knows before it simulates where the network delay alone takes the limit', () => {
    const slotOf = (problem: PlanProblem) => placed(problem, 1).machines[0]!.gpus[0]![0]!;
    const delayed = (requestDelayUs: number) =>
      problemOf({ ratePerS: 50, limitMs: 20, machine: { network: { requestDelayUs } } });
    expect(isInfeasible(delayed(17_000), slotOf(delayed(17_000)))).toBe(true);
    expect(isInfeasible(delayed(15_000), slotOf(delayed(15_000)))).toBe(false);
  });

  it('needs more machines where a front end saturates, and fewer with more threads', () => {
    // 5 ms of a thread for each request: two gRPC threads take 400 a second.
    const profile = { frontEnd: { perRequestUs: 5000, perKilobyteUs: 0 } };
    expect(machinesOf({ ratePerS: 600 })).toBe(1);
    expect(boundOf({ ratePerS: 600 })).toBeCloseTo(1, 3);
    expect(machinesOf({ ratePerS: 600, profile })).toBe(2);
    expect(boundOf({ ratePerS: 600, profile })).toBeCloseTo(2, 3);
    const http = { triton: { protocol: 'http' } };
    expect(machinesOf({ ratePerS: 600, profile, machine: http })).toBe(1);
    expect(boundOf({ ratePerS: 600, profile, machine: http })).toBeCloseTo(1, 3);
    const oneCore = { triton: { protocol: 'http' }, cpuCores: 2 };
    expect(boundOf({ ratePerS: 600, profile, machine: oneCore })).toBeCloseTo(2, 3);
    expect(machinesOf({ ratePerS: 600, profile, machine: oneCore })).toBe(2);
  });

  it('counts the bytes of a request, in the front end and on the link', () => {
    // 100 KiB each: 300 of them a second are 246 megabits.
    const payload = { requestBytes: 102_400, responseBytes: 0 };
    const link = { network: { bandwidthMbps: 200 } };
    expect(machinesOf({ profile: { payload }, machine: link })).toBe(2);
    expect(boundOf({ profile: { payload }, machine: link })).toBeCloseTo(2, 3);
    const frontEnd = { perRequestUs: 0, perKilobyteUs: 80 };
    expect(boundOf({ profile: { payload, frontEnd } })).toBeCloseTo(2, 3);
    expect(machinesOf({ profile: { payload, frontEnd } })).toBe(2);
  });

  it('asks of tenants without an SLO no more than that they are answered', () => {
    const profiles = [linearProfile('a', 'gpu', { fixedMs: 3.5, perItemMs: 0.5 })];
    const problem = smallPlan([], profiles, {
      machines: machinesFor(profiles, { network: { requestDelayUs: 30_000, responseDelayUs: 30_000 } }),
      durationS: 3,
      tenants: [{ name: 'a', model: 'a', load: { process: { kind: 'poisson', ratePerS: 300 } } }],
    });
    // Two requests in a hundred are on their way when the run ends, on whichever machine.
    const { chosen, candidates } = answerOf(problem);
    expect(candidates[chosen!]!.placement.machines).toHaveLength(1);
  });

  it('leaves less of the limit for batches where the network delay takes some of it', () => {
    // Batches of sixteen are filled within 50 ms; with 35 ms on the network delay they are small and dear.
    const asked = { ratePerS: 700, limitMs: 50 };
    const far = { network: { requestDelayUs: 38_000 } };
    expect(boundOf(asked)).toBeCloseTo(1, 3);
    expect(boundOf({ ...asked, machine: far })).toBeGreaterThanOrEqual(boundOf(asked));
    expect(machinesOf({ ...asked, machine: far })).toBeGreaterThan(machinesOf(asked));
  });
});
