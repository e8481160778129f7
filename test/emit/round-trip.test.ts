import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Emission, emitPlacement } from '../../src/emit/emit.js';
import { distinctLabels } from '../../src/emit/kubernetes-names.js';
import { withSetting } from '../../src/plan/tune/setting.js';
import { checkScenario } from '../../src/scenario/check.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { RESOURCES, scenarioText } from '../scenario/fixtures.js';
import { cases } from '../support/cases.js';

function load(text: string) {
  const document = parseScenarioSpec(text);
  return { spec: document.spec!, scenario: checkScenario(document, RESOURCES).scenario };
}

/** What the emitted scenario says, read with the emitted configurations. */
function readBack({ files }: Emission): Scenario {
  const textOf = (path: string) => files.find((file) => file.path === path)!.text;
  const configs: ScenarioResources['configs'] = new Map(
    files
      .filter(({ path }) => path.endsWith('config.pbtxt'))
      .map(({ path, text }) => [path, { value: { file: path, text } }]),
  );
  const document = parseScenarioSpec(textOf('scenario.yaml'));
  expect(document.problems).toEqual([]);
  return checkScenario(document, { ...RESOURCES, configs }).scenario;
}

const batching = fc.record(
  {
    preferred_batch_size: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }),
    max_queue_delay_microseconds: fc.constantFrom(0, 100, 5000),
    preserve_ordering: fc.boolean(),
    default_queue_policy: fc.record(
      {
        max_queue_size: fc.nat(9),
        default_timeout_microseconds: fc.nat(9000),
        allow_timeout_override: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const config = fc.oneof(
  fc.constant('resnet.pbtxt'),
  fc.record(
    {
      max_batch_size: fc.integer({ min: 8, max: 16 }),
      dynamic_batching: batching,
      instance_group: fc.array(
        fc.oneof(
          fc.record(
            {
              kind: fc.constant('KIND_GPU'),
              count: fc.integer({ min: 1, max: 3 }),
              gpus: fc.constantFrom([0], [0, 1]),
            },
            { requiredKeys: ['kind'] },
          ),
          fc.record({ kind: fc.constant('KIND_CPU'), count: fc.integer({ min: 1, max: 2 }) }),
        ),
        { minLength: 1, maxLength: 2 },
      ),
      platform: fc.constantFrom('onnxruntime_onnx', 'tensorrt_plan'),
      parameters: fc.constant({ threads: { string_value: '2' } }),
      input: fc.constant([{ name: 'x', data_type: 'TYPE_FP32', dims: [3, -1], format: 'FORMAT_NCHW' }]),
    },
    { requiredKeys: ['max_batch_size'] },
  ),
);

const anyScenario = fc
  .record({
    config,
    replicas: fc.integer({ min: 1, max: 3 }),
    cores: fc.option(fc.constantFrom(2, 3.5)),
    servers: fc.constantFrom(['main'], ['Main GPU!', 'main gpu?']),
    seed: fc.oneof(fc.nat(99), fc.string({ unit: 'grapheme', maxLength: 5 })),
  })
  .map(({ config: one, replicas, cores, servers, seed }) =>
    JSON.stringify({
      perseus: 1,
      name: 'any',
      seed,
      durationS: 2,
      profiles: ['profiles'],
      servers: servers.map((name) => ({
        name,
        replicas,
        ...(cores === null ? {} : { cpuCores: cores }),
        devices: [
          { name: 'gpu0', kind: 'Tesla P4' },
          { name: 'gpu1', kind: 'Tesla P4', sharing: 'timeSlices' },
        ],
        models: [{ name: 'resnet', config: one }],
      })),
      tenants: [
        {
          name: 'search',
          model: 'resnet',
          load: { process: { kind: 'poisson', ratePerS: 20 } },
          slo: { percentile: 99, limitMs: 40 },
        },
      ],
    }),
  );

describe('an emitted placement', () => {
  it('read back, is the same scenario', () => {
    fc.assert(
      fc.property(anyScenario, (text) => {
        const { spec, scenario } = load(text);
        expect(readBack(emitPlacement({ spec, scenario, resources: RESOURCES }))).toEqual(scenario);
      }),
      { numRuns: cases(60) },
    );
  });

  it('read back, has the settings that were changed since the file was written', () => {
    fc.assert(
      fc.property(anyScenario, fc.integer({ min: 1, max: 4 }), fc.boolean(), (text, instances, batches) => {
        const { spec, scenario } = load(text);
        const setting = {
          instances,
          maxBatchSize: 8,
          ...(batches && {
            batching: { preferredBatchSizes: [2, 8], maxQueueDelayUs: 700, maxQueueSize: 5 },
          }),
        };
        const servers = scenario.servers.map((server) => ({
          ...server,
          models: server.models.map((model) => withSetting(model, setting, server)),
        }));
        const changed = { ...scenario, servers };
        expect(readBack(emitPlacement({ spec, scenario: changed, resources: RESOURCES }))).toEqual(changed);
      }),
      { numRuns: cases(60) },
    );
  });

  it('keeps a configuration file that says the same, and what it says besides where it does not', () => {
    const { spec, scenario } = load(scenarioText({ models: '[{name: resnet, config: resnet.pbtxt}]' }));
    const configOf = (changed: Scenario) =>
      emitPlacement({ spec, scenario: changed, resources: RESOURCES }).files.find(({ path }) =>
        path.endsWith('main/resnet/config.pbtxt'),
      )!.text;
    expect(configOf(scenario)).toBe(RESOURCES.configs.get('resnet.pbtxt')!.value!.text);
    const server = scenario.servers[0]!;
    const tuned = withSetting(server.models[0]!, { instances: 3, maxBatchSize: 4 }, server);
    const text = configOf({ ...scenario, servers: [{ ...server, models: [tuned] }] });
    expect(text).toContain('max_batch_size: 4');
    expect(text).toContain('count: 3');
    expect(text).toContain('key: "x"');
  });

  it('keeps warm-up samples no larger than the largest batch, with which alone Triton loads the model', () => {
    const { spec, scenario } = load(
      scenarioText({
        models:
          '[{name: resnet, config: {max_batch_size: 8, model_warmup: [{name: few, batch_size: 2}, {name: many, batch_size: 9}]}}]',
      }),
    );
    const server = scenario.servers[0]!;
    const tuned = withSetting(server.models[0]!, { instances: 1, maxBatchSize: 4 }, server);
    const sizes = (changed: Scenario) => {
      const { files } = emitPlacement({ spec, scenario: changed });
      const text = files.find(({ path }) => path.endsWith('main/resnet/config.pbtxt'))!.text;
      return [...text.matchAll(/ {2}batch_size: (\d)/g)].map(([, size]) => size);
    };
    expect(sizes({ ...scenario, servers: [{ ...server, models: [tuned] }] })).toEqual(['2', '4']);
    expect(sizes(scenario)).toEqual(['2', '8']);
  });

  it('refuses batches for a model that has no batch dimension in its repository, and takes it as it is there', () => {
    const { spec, scenario } = load(
      scenarioText({ models: '[{name: resnet, config: {max_batch_size: 0}}]' }),
    );
    const deployed = new Map([['resnet', { backend: 'onnxruntime', max_batch_size: 0 }]]);
    const emitted = ({ files }: ReturnType<typeof emitPlacement>) =>
      files.find(({ path }) => path.endsWith('main/resnet/config.pbtxt'))!.text;
    expect(emitted(emitPlacement({ spec, scenario, deployed }))).toContain('max_batch_size: 0');
    const [server] = scenario.servers;
    const models = server!.models.map((model) => ({
      ...model,
      config: { ...model.config, maxBatchSize: 4 },
    }));
    const batched = { ...scenario, servers: [{ ...server!, models }] };
    const refusal =
      'servers[0].models[0].config: max_batch_size is 4, but the repository says that "resnet" has no batch dimension';
    expect(() => emitPlacement({ spec, scenario: batched, deployed })).toThrow(refusal);
    const open = new Map([['resnet', { backend: 'onnxruntime' }]]);
    expect(emitted(emitPlacement({ spec, scenario: batched, deployed: open }))).toContain(
      'max_batch_size: 4',
    );
  });

  it('asks for no GPU where models are served on cores, which may be a device of the scenario', () => {
    const { spec, scenario } = load(
      scenarioText({
        server: 'cpuCores: 2',
        devices: '[]',
        models: '[{name: resnet, config: {max_batch_size: 8, instance_group: [{kind: KIND_CPU}]}}]',
      }),
    );
    const cores = { name: 'cpu', kind: 'CPU', memoryMb: Infinity, sharing: { mode: 'streams' } } as const;
    const servers = scenario.servers.map((server) => ({ ...server, devices: [cores] }));
    const { files } = emitPlacement({ spec, scenario: { ...scenario, servers } });
    const manifest = files.find(({ path }) => path === 'kubernetes/main.yaml')!.text;
    const [deployment] = parseAllDocuments(manifest).map((document) => document.toJS());
    const { nodeSelector, containers } = deployment.spec.template.spec;
    expect(containers[0].resources.limits).toEqual({ cpu: '2000m' });
    expect(nodeSelector).toBeUndefined();
  });

  it('deploys each server once, with the GPUs, models and probes that it needs', () => {
    const { spec, scenario } = load(scenarioText({ server: 'replicas: 2' }));
    const { files } = emitPlacement({ spec, scenario });
    const manifest = files.find(({ path }) => path === 'kubernetes/main.yaml')!.text;
    const [deployment, service] = parseAllDocuments(manifest).map((document) => document.toJS());
    expect(deployment).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'main' },
      spec: { replicas: 2 },
    });
    const recommended = {
      'app.kubernetes.io/name': 'tritonserver',
      'app.kubernetes.io/instance': 'main',
      'app.kubernetes.io/version': '24.10',
      'app.kubernetes.io/managed-by': 'perseus',
    };
    for (const object of [deployment, deployment.spec.template, service])
      expect(object.metadata.labels).toMatchObject(recommended);
    expect(deployment.spec.template.spec.nodeSelector).toEqual({ 'nvidia.com/gpu.product': 'Tesla-P4' });
    const [container] = deployment.spec.template.spec.containers;
    expect(container.image).toBe('nvcr.io/nvidia/tritonserver:24.10-py3');
    expect(container.resources.limits).toEqual({ 'nvidia.com/gpu': 1 });
    expect(container.args).toEqual(
      expect.arrayContaining(['--model-control-mode=explicit', '--load-model=resnet']),
    );
    expect(container.readinessProbe.httpGet.path).toBe('/v2/health/ready');
    expect(service).toMatchObject({ kind: 'Service', spec: { selector: { app: 'main' } } });
  });

  it('gives each of several MIG slices a process of its own, in which it is GPU 0', () => {
    const { spec, scenario } = load(
      scenarioText({
        devices: '[{name: a, kind: A100-80GB, mig: [2g.20gb, 2g.20gb]}]',
        models:
          '[{name: resnet, config: {max_batch_size: 8, instance_group: [{kind: KIND_GPU, gpus: [1], count: 2}]}}]',
      }),
    );
    const emission = emitPlacement({ spec, scenario });
    expect(readBack(emission)).toEqual(scenario);
    const slice = emission.files.find(
      ({ path }) => path === 'model-repositories/main-a-2/resnet/config.pbtxt',
    );
    expect(slice!.text).toContain('gpus: [ 0 ]');
    const manifest = emission.files.find(({ path }) => path === 'kubernetes/main.yaml')!.text;
    expect(manifest).toContain('nvidia.com/mig-2g.20gb: 1');
    expect(manifest).not.toContain('main-a-1');
  });

  it('asks for fewer cores than a server has, as its node takes some, however many slices share them', () => {
    const { spec, scenario } = load(
      scenarioText({
        server: 'cpuCores: 12',
        devices: '[{name: a, kind: A100-80GB, mig: [2g.20gb, 2g.20gb, 2g.20gb]}]',
      }),
    );
    const manifest = emitPlacement({ spec, scenario }).files.find(({ path }) =>
      path.startsWith('kubernetes/'),
    );
    const deployments = parseAllDocuments(manifest!.text)
      .map((document) => document.toJS())
      .filter((document) => document?.kind === 'Deployment');
    const cpus = deployments.map(({ spec: { template } }) => template.spec.containers[0].resources);
    expect(cpus.map(({ requests }) => requests.cpu)).toEqual(['3600m', '3600m', '3600m']);
    expect(new Set(cpus.map(({ limits }) => limits.cpu))).toEqual(new Set(['12000m']));
  });

  it('gives every process a name that Kubernetes takes, and no two the same', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(names, (servers) => {
        const labels = distinctLabels([...servers, ...servers.map((name) => `${name}-gpu0-1`)]);
        expect(new Set(labels).size).toBe(labels.length);
        for (const label of labels) expect(label).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  it('does not write a model outside of its repository', () => {
    const { spec, scenario } = load(scenarioText());
    const evil = {
      ...spec,
      servers: [{ ...spec.servers[0]!, models: [{ ...spec.servers[0]!.models[0]!, name: '../../x' }] }],
    };
    expect(() => emitPlacement({ spec: evil, scenario })).toThrow('cannot be the name of a folder');
  });

  it.each(['a b', 'a(b)', 'a&b', "a'b", 'a"b', 'a$b', 'a;b', 'a|b', 'a<b', 'a`b', 'a{b,c}', 'café'])(
    'refuses the name %j for a model of the python backend, which gives it to a shell and reads it as ASCII, and for no other',
    (name) => {
      const { spec, scenario } = load(scenarioText());
      const served = spec.servers[0]!.models[0]!;
      const named = { ...spec, servers: [{ ...spec.servers[0]!, models: [{ ...served, name }] }] };
      const model = scenario.servers[0]!.models[0]!;
      const emitted = (backend: string, deployed: string) =>
        emitPlacement({
          spec: named,
          scenario: {
            ...scenario,
            tenants: [],
            servers: [
              { ...scenario.servers[0]!, models: [{ ...model, config: { ...model.config, name, backend } }] },
            ],
          },
          deployed: new Map([[name, { backend: deployed }]]),
        });
      const refusal = `servers[0].models[0].name: Triton's python backend does not load "${name}"`;
      expect(() => emitted('python', '')).toThrow(refusal);
      expect(() => emitted('', 'python')).toThrow(refusal);
      for (const backend of ['', 'onnxruntime']) expect(() => emitted(backend, backend)).not.toThrow(refusal);
    },
  );
});
