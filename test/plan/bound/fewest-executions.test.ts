import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eagerStart } from '../../../src/plan/bound/eager-start.js';
import { fewestExecutions, type Timed } from '../../../src/plan/bound/fewest-executions.js';
import { leastLoads } from '../../../src/plan/bound/least-load.js';
import { placementScenario } from '../../../src/plan/evaluate.js';
import { hostSideOf, leastNetworkDelay } from '../../../src/plan/host-side.js';
import { placementOf } from '../../../src/plan/master.js';
import type { ModelReplica, Slot } from '../../../src/plan/placement.js';
import type { PlanProblem, Workload } from '../../../src/plan/problem-setting.js';
import { shortestMs } from '../../../src/plan/screen.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { Outcome } from '../../../src/trace/request-log.js';
import { cases } from '../../support/cases.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from '../support/small-plans.js';

const MODELS = ['a', 'b'];
const DURATION_S = 5;
const MAX_BATCH = 32;

/** Requests by chance, or so many at once in a fixed rhythm, which fills batches as far as can be. */
const loadArbitrary = fc.oneof(
  fc.record({ ratePerS: fc.integer({ min: 5, max: 400 }), cv: fc.constantFrom(0.3, 1, 3) }),
  fc.record({ everyMs: fc.integer({ min: 1, max: 40 }), atOnce: fc.constantFrom(1, 1, 2, 3, 8) }),
);
const tenantArbitrary = fc.record({
  model: fc.constantFrom(...MODELS),
  load: loadArbitrary,
  limitMs: fc.integer({ min: 8, max: 120 }),
});

const modelArbitrary = fc.record({
  fixedMs: fc.integer({ min: 1, max: 20 }),
  perItemMs: fc.constantFrom(0, 0, 0.2, 1),
  copyMs: fc.constantFrom(0, 0, 2),
  frontEndUs: fc.constantFrom(0, 5, 600, 4000),
  responseUs: fc.constantFrom(0, 0, 100),
  option: fc.integer({ min: 0, max: 5 }),
  devices: fc.constantFrom([0], [1], [0, 1]),
});

const drawn = fc.record({
  tenants: fc.array(tenantArbitrary, { minLength: 1, maxLength: 3 }),
  models: fc.tuple(modelArbitrary, modelArbitrary),
  sharing: fc.constantFrom('timeSlices', 'streams', 'mps'),
  network: fc.constantFrom({}, { requestDelayUs: 3000, responseDelayUs: 2000 }),
  triton: fc.constantFrom({}, { protocol: 'http' }, { batcherWakeUs: 300, instancePickUpUs: 200 }),
  seed: fc.integer({ min: 1, max: 1000 }),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer Value> ? Value : never;

function rhythm({ everyMs, atOnce }: { readonly everyMs: number; readonly atOnce: number }) {
  const times = Math.floor((DURATION_S * 1000) / everyMs);
  const arrivalsS = Array.from(
    { length: times * atOnce },
    (_, i) => (everyMs * Math.floor(i / atOnce)) / 1000,
  );
  return traceAt(arrivalsS, DURATION_S);
}

function problemOf({ tenants, models, sharing, network, triton, seed }: Drawn): PlanProblem {
  const profiles = models.map(({ fixedMs, perItemMs, copyMs, frontEndUs, responseUs }, i) =>
    linearProfile(MODELS[i]!, 'gpu', {
      fixedMs,
      perItemMs,
      copyMs,
      more: {
        frontEnd: { perRequestUs: frontEndUs, perKilobyteUs: 0 },
        response: { fixedUs: responseUs, perRequestUs: responseUs, perKilobyteUs: 0 },
      },
    }),
  );
  const traces = tenants.flatMap(({ load }, i) =>
    'everyMs' in load ? [[`${i}`, rhythm(load)] as const] : [],
  );
  const plan = {
    seed,
    durationS: DURATION_S,
    warmUpS: 0,
    machines: machinesFor(profiles, { sharing: [sharing], network, triton }),
    batching: { maxBatchSizes: [1, 8, MAX_BATCH], instances: [1, 2] },
    tenants: tenants.map(({ model, load, limitMs }, i) => ({
      name: `${i}`,
      model,
      load: 'everyMs' in load ? { trace: { file: `${i}` } } : { process: { kind: 'gamma', ...load } },
      slo: { percentile: 99, limitMs },
    })),
  };
  return smallPlan([], profiles, plan, Object.fromEntries(traces));
}

/** What a run of the placement drawn has: executions by model, requests that were late by tenant. */
function run(problem: PlanProblem, { models }: Drawn) {
  const ownOf = (workload: number) => models[MODELS.indexOf(problem.workloads[workload]!.model)]!;
  const modelReplicas = problem.workloads.map((_, workload): ModelReplica => {
    const { devices, option } = ownOf(workload);
    return { workload, replicas: devices.length, option: problem.options[option]! };
  });
  const slots = [0, 1].map((device): Slot => {
    const here = modelReplicas.filter(({ workload }) =>
      ownOf(workload).devices.some((one) => one === device),
    );
    return { kind: 0, modelReplicas: here };
  });
  const used = slots.filter((slot) => slot.modelReplicas.length > 0);
  const scenario = placementScenario(problem, placementOf(problem, used), problem.days[0]!);
  const { log, executions } = simulate(scenario);
  const late = problem.spec.tenants.map(() => 0);
  for (const [row, tenant] of log.tenant.entries()) {
    const t = Number(log.tenants[tenant]);
    const tookUs = log.endedUs[row]! - log.plannedUs[row]!;
    const isInTime = tookUs <= problem.spec.tenants[t]!.slo!.limitMs * 1000;
    if (log.outcome[row] !== Outcome.completed || !isInTime) late[t]!++;
  }
  const executionsOf = (model: string) =>
    executions.reduce(
      (sum, { model: own, byBatchSize }) => sum + (own === model ? sumOf(byBatchSize) : 0),
      0,
    );
  return { late, executionsOf };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** A workload's load where those that were late are those that may be. */
function timedOf(problem: PlanProblem, workload: Workload, late: readonly number[]): Timed[] {
  const profile = workload.profiles[0]!;
  const machine = problem.machines[0]!;
  const has = hostSideOf(machine, problem.slotKinds[0]!);
  const size = { requestBytes: 0, responseBytes: 0 };
  const { beforeMs, afterMs } = leastNetworkDelay(has, machine.network, profile, size);
  const [load] = leastLoads(problem, workload, 'sustained');
  return load!.tenants
    .map((tenant) => {
      const limitUs = (tenant.limitMs - beforeMs - afterMs) * 1000 + 1;
      const windowUs = limitUs - shortestMs(profile) * 1000;
      return { ...tenant, leftOut: late[tenant.tenant]!, beforeUs: beforeMs * 1000, windowUs, limitUs };
    })
    .filter(({ windowUs }) => windowUs >= 0);
}

describe('the fewest executions with which requests are in time', () => {
  it('are never more than a run has, whatever is late in it', () => {
    let inPairs = 0;
    fc.assert(
      fc.property(drawn, (draw) => {
        const problem = problemOf(draw);
        const { late, executionsOf } = run(problem, draw);
        for (const workload of problem.workloads) {
          const timed = timedOf(problem, workload, late);
          const alone = fewestExecutions(timed, { maxBatchSize: MAX_BATCH, known: 0 });
          const eager = eagerStart(problem, 0, workload.profiles[0]!);
          const least = fewestExecutions(timed, { maxBatchSize: MAX_BATCH, eager, known: 0 });
          if (least > alone) inPairs++;
          expect(least).toBeLessThanOrEqual(executionsOf(workload.model) + 1e-6);
        }
      }),
      { numRuns: cases(150) },
    );
    expect(inPairs).toBeGreaterThan(10);
  });

  it('are as many as requests of which no three come within a limit, also where two of them come at once', () => {
    const apart = Array.from({ length: 400 }, (_, i) => 20_000 * i - (i % 2) * 12_000);
    const arrivalsUs = Float64Array.from([0, ...apart]);
    const tenant: Timed = {
      tenant: 0,
      requests: 401,
      leftOut: 0,
      smallest: 1,
      bytesVary: false,
      limitMs: 15,
      arrivalsUs,
      executed: 401,
      inferences: 401,
      payloadBytes: 0,
      promptTokens: 0,
      decodeTokens: 0,
      mostTokens: 0,
      beforeUs: 0,
      windowUs: 9000,
      limitUs: 15_000,
    };
    const eager = { turnUs: 8, closeUs: 8, mostClose: Infinity };
    expect(fewestExecutions([tenant], { maxBatchSize: MAX_BATCH, eager, known: 0 })).toBe(400);
  });

  it('are those of a run whose batches are as large as they can be in time', () => {
    const model: Drawn['models'][0] = {
      fixedMs: 10,
      perItemMs: 0,
      copyMs: 0,
      frontEndUs: 0,
      responseUs: 0,
      option: 4,
      devices: [0],
    };
    const draw: Drawn = {
      tenants: [{ model: 'a', load: { everyMs: 0.5, atOnce: 1 }, limitMs: 20.1 }],
      models: [model, model],
      sharing: 'timeSlices',
      network: {},
      triton: {},
      seed: 1,
    };
    const problem = problemOf(draw);
    const { late, executionsOf } = run(problem, draw);
    // Those that the end of the run cuts off.
    expect(late[0]).toBeLessThan(50);
    const [workload] = problem.workloads;
    const eager = eagerStart(problem, 0, workload!.profiles[0]!);
    const least = fewestExecutions(timedOf(problem, workload!, late), {
      maxBatchSize: MAX_BATCH,
      eager,
      known: 0,
    });
    expect(least).toBeGreaterThan(0.97 * executionsOf('a'));
    expect(least).toBeLessThanOrEqual(executionsOf('a'));
  });
});
