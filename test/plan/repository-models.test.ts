import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../src/base/problem.js';
import type { PlanCandidate } from '../../src/plan/candidates.js';
import { placementScenario } from '../../src/plan/evaluate.js';
import { checkPlan } from '../../src/plan/input/check.js';
import { currentPlacement } from '../../src/plan/input/current.js';
import { movesBetween } from '../../src/plan/migration/moves.js';
import { type Placement, type ServingOption, slotsOf } from '../../src/plan/placement.js';
import { type PlanProblem, partsOf } from '../../src/plan/problem-setting.js';
import { scenarioOf } from '../../src/plan/scenario-of.js';
import { instancesOf } from '../../src/plan/serving.js';
import { type PlanSpec, planSpecSchema } from '../../src/plan/spec.js';
import { reportedDevices, unmeasuredSentences } from '../../src/report/plan/plan-devices.js';
import { linearProfile } from './support/small-plans.js';

const tensors = {
  input: [{ name: 'X', data_type: 'TYPE_FP32', dims: [1] }],
  output: [{ name: 'Y', data_type: 'TYPE_FP32', dims: [1] }],
};
const onHost = { ...tensors, backend: 'python', max_batch_size: 4, instance_group: [{ kind: 'KIND_CPU' }] };
const onGpu = { ...tensors, backend: 'onnxruntime', max_batch_size: 6 };
const step = (model_name: string, from: string, to: string) => ({
  model_name,
  input_map: { X: from },
  output_map: { Y: to },
});
const pipeline = {
  ...tensors,
  platform: 'ensemble',
  max_batch_size: 4,
  ensemble_scheduling: { step: [step('resize', 'X', 'pixels'), step('net', 'pixels', 'Y')] },
};
const models: readonly object[] = [
  { name: 'pipeline', config: pipeline },
  { name: 'resize', config: onHost },
  { name: 'net', profile: ['other', 'resnet'], config: onGpu, memoryMb: 900 },
];
const tenant = (model: string) => ({
  name: `${model}-users`,
  model,
  load: { process: { kind: 'poisson', ratePerS: 20 } },
  slo: { percentile: 99, limitMs: 100 },
});

/** A plan on machines with a T4, with profiles of batches up to 32. */
function planOf(more: object) {
  const spec: PlanSpec = planSpecSchema.parse({
    plan: 1,
    name: 'test',
    durationS: 4,
    profiles: ['all'],
    machines: [{ name: 't4', gpu: 'Tesla T4', machine: { usdPerHour: 1 } }],
    models,
    tenants: [tenant('pipeline')],
    ...more,
  });
  const profiles = [
    linearProfile('resnet', 'Tesla T4', { fixedMs: 2, perItemMs: 1 }),
    linearProfile('resize', 'CPU', { fixedMs: 1, perItemMs: 1 }),
  ];
  const files = profiles.map((profile) => ({ file: profile.model, profile }));
  return checkPlan(
    { spec, problems: [], positionOf: (path) => ({ path: path.join('.') }) },
    { profiles: new Map([['all', { value: files }]]), configs: new Map(), traces: new Map() },
  );
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

function refusals(more: object): readonly string[] {
  return problemsOf(thrownBy(() => planOf(more))).map(({ path, what }) => `${path}: ${what}`);
}

describe('a plan of a repository', () => {
  it('serves an ensemble with all its steps on one server, each no larger than its configuration allows', () => {
    const problem = planOf({});
    const [workload] = problem.workloads;
    expect(partsOf(workload!).map(({ model }) => model)).toEqual(['resize', 'net']);
    const kind = problem.slotKinds.findIndex(({ mode }) => mode === 'streams');
    const option = { maxBatchSize: 6, queueDelayMs: 0, instances: 1 };
    const slot = { kind, modelReplicas: [{ workload: 0, replicas: 1, option }] };
    const placement = { machines: [{ kind: 0, gpus: [[slot]] }] };
    expect(slotsOf(placement)).toHaveLength(1);
    const scenario = scenarioOf(problem, placement, { name: 'test' });
    const [server] = scenario['servers'] as {
      models: { name: string; profile?: string; config: object }[];
    }[];
    expect(server!.models).toMatchObject([
      { name: 'pipeline', config: { max_batch_size: 4, ensemble_scheduling: pipeline.ensemble_scheduling } },
      { name: 'resize', config: { max_batch_size: 4, instance_group: [{ kind: 'KIND_CPU', count: 1 }] } },
      {
        name: 'net',
        profile: 'resnet',
        config: { max_batch_size: 6, instance_group: [{ kind: 'KIND_GPU', count: 1, gpus: [0] }] },
      },
    ]);
  });

  it('names the batch that a model is served with, whatever others may have', () => {
    const problem = planOf({ tenants: [tenant('net')] });
    const kind = problem.slotKinds.findIndex(({ mode }) => mode === 'streams');
    const option = { maxBatchSize: 32_768, queueDelayMs: 0, instances: 1 };
    const slot = { kind, modelReplicas: [{ workload: 0, replicas: 1, option }] };
    const placement = { machines: [{ kind: 0, gpus: [[slot]] }] };
    const days = [{ summary: { devices: [], hosts: [] } }];
    const devices = reportedDevices(problem, { placement, days } as unknown as PlanCandidate);
    expect(devices[0]!.models[0]).toMatchObject({ model: 'net', maxBatchSize: 6 });
    expect(unmeasuredSentences(devices)).toEqual([]);
  });

  it('tries the largest batch of a configuration, and none that no profile knows', () => {
    const sizes = (more: object) => [
      ...new Set(planOf(more).options.map(({ maxBatchSize }) => maxBatchSize)),
    ];
    expect(sizes({})).toEqual([1, 4, 6]);
    expect(planOf({ tenants: [tenant('net')] }).workloads[0]!.mostBatch).toBe(6);
    const large = { models: [{ name: 'net', profile: 'resnet' }], tenants: [tenant('net')] };
    expect(planOf(large).workloads[0]!.mostBatch).toBe(32);
  });

  it('keeps the rate limiter and the profiles of a configuration, what a model calls, and how many instances of it do', () => {
    const rate_limiter = { resources: [{ name: 'R1', count: 4 }], priority: 2 };
    const group = { kind: 'KIND_GPU', rate_limiter, profile: ['2'] };
    const problem = planOf({
      models: [
        {
          name: 'caller',
          config: { ...onHost, instance_group: [{ kind: 'KIND_CPU', count: 3 }] },
          calls: [{ ownMs: 2 }, { call: 'net', probability: 0.5 }],
        },
        {
          name: 'net',
          profile: 'resnet',
          config: { ...onGpu, instance_group: [{ ...group, count: 5, gpus: [1] }] },
        },
      ],
      marginPercent: 50,
      tenants: [tenant('caller')],
    });
    const option = { maxBatchSize: 4, queueDelayMs: 0, instances: 2 };
    const slot = { kind: 1, modelReplicas: [{ workload: 0, replicas: 1, option }] };
    const placement = { machines: [{ kind: 0, gpus: [[slot]] }] };
    const modelsOf = (variant: object) => {
      const scenario = scenarioOf(problem, placement, { name: 'test', ...variant });
      return (scenario['servers'] as { models: object[] }[])[0]!.models;
    };
    expect(modelsOf({})).toMatchObject([
      {
        name: 'caller',
        calls: [{ ownMs: 3 }, { call: 'net', probability: 0.5 }],
        // It is busy while it waits.
        config: { instance_group: [{ kind: 'KIND_CPU', count: 3 }] },
      },
      { name: 'net', config: { instance_group: [{ ...group, count: 2, gpus: [0] }] } },
    ]);
    // A scenario that is written has no margin.
    expect(modelsOf({ isWritten: true })).toMatchObject([{ calls: [{ ownMs: 2 }, {}] }, {}]);
  });

  it('holds no batch for longer than its option says, whatever the configuration of the repository does', () => {
    const dynamic_batching = { max_queue_delay_microseconds: 5000, preserve_ordering: true };
    const net = { name: 'net', profile: 'resnet', config: { ...onGpu, dynamic_batching } };
    const problem = planOf({ models: [net], tenants: [tenant('net')] });
    const batchingAt = (queueDelayMs: number, maxBatchSize = 6) => {
      const option = { maxBatchSize, queueDelayMs, instances: 1 };
      const slot = { kind: 1, modelReplicas: [{ workload: 0, replicas: 1, option }] };
      const scenario = scenarioOf(problem, { machines: [{ kind: 0, gpus: [[slot]] }] }, { name: 'test' });
      const [server] = scenario['servers'] as { models: { config: { dynamic_batching: object } }[] }[];
      return server!.models[0]!.config.dynamic_batching;
    };
    expect(batchingAt(0)).toEqual({ preserve_ordering: true });
    expect(batchingAt(2)).toEqual({ preserve_ordering: true, max_queue_delay_microseconds: 2000 });
    // What it says of the queue holds without batches, too.
    expect(batchingAt(0, 1)).toEqual({ preserve_ordering: true });
  });

  it('keeps the instances that a model of the host has: they take nothing of a GPU', () => {
    const resize = { ...onHost, instance_group: [{ kind: 'KIND_CPU', count: 3 }] };
    const net = { ...onGpu, instance_group: [{ kind: 'KIND_GPU', count: 3 }] };
    const problem = planOf({
      models: [
        { name: 'pipeline', config: pipeline },
        { name: 'resize', config: resize },
        { name: 'net', profile: 'resnet', config: net },
      ],
    });
    const [workload] = problem.workloads;
    const option = { maxBatchSize: 4, queueDelayMs: 0, instances: 1 };
    const counts = partsOf(workload!).map((part) => [
      part.model,
      instancesOf(problem.spec.survive, workload!, part, { replicas: 1, option }),
    ]);
    expect(counts).toEqual([
      ['resize', 3],
      ['net', 1],
    ]);
  });

  it('starts from its own placement of a model of the host beside one on the GPU', () => {
    const problem = planOf({ tenants: [tenant('resize'), tenant('net')] });
    const kind = problem.slotKinds.findIndex(({ mode }) => mode === 'streams');
    const option = { maxBatchSize: 4, queueDelayMs: 0, instances: 1 };
    const modelReplicas = problem.workloads.map((_, workload) => ({ workload, replicas: 1, option }));
    const placement: Placement = { machines: [{ kind: 0, gpus: [[{ kind, modelReplicas }]] }] };
    const scenario = placementScenario(problem, placement, problem.days[0]!);
    expect(currentPlacement(problem, scenario)).toEqual(placement);
  });

  describe('whose ensemble is served now', () => {
    const option = { maxBatchSize: 6, queueDelayMs: 0, instances: 1 };
    const placedWith = (problem: PlanProblem, own: ServingOption): Placement => {
      const kind = problem.slotKinds.findIndex(({ mode }) => mode === 'streams');
      const slot = { kind, modelReplicas: [{ workload: 0, replicas: 1, option: own }] };
      return { machines: [{ kind: 0, gpus: [[slot]] }] };
    };
    const served = (problem: PlanProblem, own: ServingOption) =>
      placementScenario(problem, placedWith(problem, own), problem.days[0]!);

    it('starts from its own placement as it was', () => {
      const problem = planOf({});
      expect(currentPlacement(problem, served(problem, option))).toEqual(placedWith(problem, option));
    });

    it('keeps the settings of each step, and counts the steps that get others as moves', () => {
      const problem = planOf({});
      const own = { maxBatchSize: 4, queueDelayMs: 0, instances: 1 };
      const each = { resize: own, net: { maxBatchSize: 5, queueDelayMs: 2, instances: 2 } };
      const now = currentPlacement(problem, served(problem, { ...option, each }));
      expect(slotsOf(now)[0]!.modelReplicas[0]!.option.each).toEqual(each);
      expect(movesBetween(problem, now, placedWith(problem, { ...option, each })).moves).toBe(0);
      expect(movesBetween(problem, now, placedWith(problem, option)).moves).toBe(1);
      expect(movesBetween(problem, now, placedWith(problem, { ...option, instances: 2 })).moves).toBe(2);
    });

    it('is told which step its server lacks', () => {
      const problem = planOf({});
      const scenario = served(problem, option);
      const servers = scenario.servers.map((server) => ({
        ...server,
        models: server.models.filter(({ config }) => config.name !== 'resize'),
      }));
      expect(problemsOf(thrownBy(() => currentPlacement(problem, { ...scenario, servers })))[0]!.what).toBe(
        'server t4-1 lacks resize, without which "pipeline" cannot be served there',
      );
    });
  });

  it('gives each step of an ensemble instances in proportion to its work', () => {
    // A batch of 4 takes 5 ms in resize, one of 6 takes 8 ms in net: 1.25 and 1.33 ms an inference.
    const problem = planOf({});
    const instances = (count: number, work: readonly number[]) => {
      const [workload] = problem.workloads;
      const parts = workload!.parts!.map((part, p) => ({ ...part, workShare: work[p]! }));
      const option = { maxBatchSize: 6, queueDelayMs: 0, instances: count };
      return parts.map((part) => instancesOf('nothing', workload!, part, { replicas: 1, option }));
    };
    const shares = problem.workloads[0]!.parts!.map(({ workShare }) => workShare!);
    expect(shares[0]).toBeCloseTo(1.25 / 1.333, 2);
    expect(shares[1]).toBe(1);
    expect(instances(1, [0.1, 1])).toEqual([1, 1]);
    expect(instances(4, [0.1, 1])).toEqual([1, 4]);
    expect(instances(4, [1, 0.3])).toEqual([4, 2]);
  });

  it('serves an ensemble and a step that clients call as well from one model', () => {
    const { workloads } = planOf({ tenants: [tenant('pipeline'), tenant('net')] });
    expect(workloads).toHaveLength(1);
    expect(workloads[0]!.model).toBe('pipeline + net');
    expect(workloads[0]!.tenants).toEqual([0, 1]);
    expect(partsOf(workloads[0]!).map(({ model }) => model)).toEqual(['resize', 'net']);
    const shares = workloads[0]!.entries!.map(({ inferenceShare }) => inferenceShare);
    expect(Math.min(...shares)).toBeGreaterThan(0.4);
    expect(shares[0]! + shares[1]!).toBeLessThanOrEqual(1);
  });

  it('is refused where a step has no entry', () => {
    expect(refusals({ models: models.slice(0, 2) })).toContain(
      'models.0.config: "pipeline" has a step of "net", which models does not name',
    );
  });

  it('is refused where tenants send no sequences to a model that takes them, or nobody says how it responds', () => {
    const of = (config: object) => ({
      models: [{ name: 'net', profile: 'resnet', config: { ...onGpu, ...config } }],
      tenants: [tenant('net')],
    });
    expect(refusals(of({ sequence_batching: {} }))).toEqual(['tenants.0: "net" takes sequences']);
    expect(refusals(of({ model_transaction_policy: { decoupled: true } }))).toEqual([
      'models.0: "net" is decoupled',
    ]);
  });
});
