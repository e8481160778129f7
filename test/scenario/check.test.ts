import { describe, expect, it } from 'vitest';
import { check, problemsOf, profile, RESOURCES, scenarioText } from './fixtures.js';

const tenant = (rest: string) =>
  `- {name: search, model: resnet, load: {process: {kind: constant, ratePerS: 10}}${rest}}`;
const loaded = (load: string, rest = '') => `- {name: search, model: resnet, load: {${load}}${rest}}`;
const model = (config: string) => `[{name: resnet, config: {${config}}}]`;
const batched = 'max_batch_size: 8, dynamic_batching: {}';

describe('a scenario', () => {
  it('is resolved to indices with every default filled in', () => {
    const { scenario, warnings } = check(scenarioText());
    expect(warnings).toEqual([]);
    expect(scenario).toMatchObject({ name: 'test', seed: 1, durationUs: 10_000_000, warmUpUs: 0 });
    const [server] = scenario.servers;
    expect(server).toMatchObject({
      name: 'main',
      machine: { kind: 'machine', usdPerHour: 0, priceSource: 'unpriced' },
      cpuCores: Infinity,
      network: { requestDelayUs: 0, responseDelayUs: 0, requestBytesPerUs: Infinity },
      options: { tritonVersion: '24.10', protocol: 'grpc', frontEndThreads: 2 },
      devices: [{ name: 'gpu0', kind: 'Tesla P4', memoryMb: 7611, sharing: { mode: 'streams' } }],
    });
    expect(
      server!.models[0]!.instances.map(({ device, profile: { model: name } }) => [device, name]),
    ).toEqual([[0, 'resnet']]);
    expect(scenario.tenants[0]).toMatchObject({
      name: 'search',
      targets: [{ server: 0, model: 0 }],
      routing: 'roundRobin',
      batchSize: 1,
      requestBytes: 1000,
      responseBytes: 100,
      priority: 0,
      timeoutUs: 0,
      shape: 0,
    });
  });

  it('takes instances group by group, on each GPU in turn, and on the host', () => {
    const groups = 'instance_group: [{count: 2, gpus: [1, 0]}, {kind: KIND_CPU}, {count: 3, passive: true}]';
    const { scenario } = check(
      scenarioText({
        devices: '[{name: a, kind: Tesla P4}, {name: b, kind: Tesla P4}]',
        models: model(`max_batch_size: 8, ${groups}`),
      }),
    );
    const { instances } = scenario.servers[0]!.models[0]!;
    expect(instances.map(({ device }) => device)).toEqual([1, 0, 1, 0, -1]);
    expect(instances.at(-1)!.profile.device).toBe('CPU');
  });

  it('finds the profile under another name', () => {
    const { scenario } = check(
      scenarioText({ models: `[{name: resnet, profile: bert, config: {${batched}}}]` }),
    );
    expect(scenario.servers[0]!.models[0]!.instances[0]!.profile.model).toBe('bert');
  });

  it('reads config.pbtxt and names the fields that change nothing', () => {
    const { scenario, ignoredConfigFields } = check(
      scenarioText({ models: '[{name: resnet, config: resnet.pbtxt}]' }),
    );
    expect(scenario.servers[0]!.models[0]!.config.maxBatchSize).toBe(8);
    expect(ignoredConfigFields).toEqual([{ server: 'main', model: 'resnet', fields: ['parameters'] }]);
  });

  it('writes replicas out and lets tenants name one or all of them', () => {
    const { scenario } = check(
      scenarioText({
        server: 'replicas: 3',
        tenants: `${tenant(', servers: [main]')}
  - {name: one, model: resnet, servers: [main-2], load: {closedLoop: {concurrency: 4, thinkMs: 5}}}`,
      }),
    );
    expect(scenario.servers.map(({ name }) => name)).toEqual(['main-1', 'main-2', 'main-3']);
    expect(scenario.tenants.map(({ targets }) => targets.map(({ server }) => server))).toEqual([
      [0, 1, 2],
      [1],
    ]);
    expect(scenario.tenants[1]!.load).toEqual({
      mode: 'closed',
      concurrency: 4,
      thinkTime: { law: 'constant', meanUs: 5000 },
      maxRequests: Infinity,
    });
  });

  it('makes a device of each MIG slice', () => {
    const { scenario } = check(
      scenarioText({ devices: '[{name: a, kind: A100-80GB, memoryMb: 80000, mig: [2g.20gb, 2g.20gb]}]' }),
    );
    const slice = {
      kind: 'A100-80GB MIG 2g.20gb',
      memoryMb: 20_000,
      sharing: { mode: 'mig', parent: 'a', computeSlices: 2 },
    };
    expect(scenario.servers[0]!.devices).toEqual([
      { name: 'a-1', ...slice },
      { name: 'a-2', ...slice },
    ]);
    expect(scenario.servers[0]!.models[0]!.instances.map(({ device }) => device)).toEqual([0, 1]);
  });

  it('reads network, front end and sharing in their units', () => {
    const { scenario } = check(
      scenarioText({
        devices:
          '[{name: gpu0, kind: Tesla P4, sharing: {mode: timeSlices, switchOverhead: 0.1, quantumUs: 2000}}]',
        server: `cpuCores: 6
    network: {requestDelayUs: 50, bandwidthMbps: 8000, responseBandwidthMbps: 80}
    triton: {version: "25.04", protocol: http, batcherWakeUs: 7}`,
      }),
    );
    expect(scenario.servers[0]).toMatchObject({
      cpuCores: 6,
      network: { requestDelayUs: 50, responseDelayUs: 0, requestBytesPerUs: 1000, responseBytesPerUs: 10 },
      options: {
        tritonVersion: '25.04',
        protocol: 'http',
        frontEndThreads: 8,
        batcherWakeUs: 7,
        instancePickUpUs: 2,
      },
    });
    expect(scenario.servers[0]!.devices[0]!.sharing).toEqual({
      mode: 'timeSlices',
      switchOverhead: 0.1,
      quantumUs: 2000,
    });
  });

  it('adds up a machine from rows of the price book', () => {
    const { scenario } = check(
      scenarioText({ server: 'machine: {price: [{sku: vCPU, count: 6}, {sku: gpu-P4}]}' }),
      {
        prices: {
          value: (kind, [part]) => ({
            kind,
            usdPerHour: part!.count * 0.1,
            priceSource: `${part!.sku} (2022)`,
          }),
        },
      },
    );
    expect(scenario.servers[0]!.machine).toEqual({
      kind: 'vCPU + gpu-P4',
      usdPerHour: expect.closeTo(0.7, 10),
      priceSource: 'vCPU (2022) + gpu-P4 (2022)',
    });
  });

  const warnings: readonly (readonly [string, string, string])[] = [
    [
      'memory that no profile knows',
      scenarioText({ devices: '[{name: a, kind: A100-80GB, mig: [2g.20gb]}]' }),
      'the profiles do not know the memory of resnet, so it is not checked whether the placement fits',
    ],
    [
      'a timeout that has no effect',
      scenarioText({ tenants: tenant(', timeoutMs: 5') }),
      'timeoutMs 5 has no effect: Triton takes it only where the queue policy of "resnet" has allow_timeout_override and a larger default_timeout_microseconds',
    ],
    [
      'threads that the release does not have',
      scenarioText({ server: 'triton: {version: "24.10", frontEndThreads: 8}' }),
      'Triton 24.10 always has 2 gRPC threads, but frontEndThreads is 8; releases from 25.04 on can be told',
    ],
    [
      'KIND_MODEL',
      scenarioText({ models: model('max_batch_size: 8, instance_group: [{kind: KIND_MODEL}]') }),
      'a model of KIND_MODEL, or an engine, chooses its devices itself; assumed to run on gpu0',
    ],
    [
      'a cache that the server has not',
      scenarioText({ models: model('max_batch_size: 8, response_cache: {enable: true}') }),
      'it asks for a response cache, and the server has none: triton.cache gives it one',
    ],
    [
      'a cache with preserve_ordering',
      scenarioText({
        server: 'triton: {cache: {sizeMb: 1}}',
        models: model(
          'max_batch_size: 8, response_cache: {enable: true}, dynamic_batching: {preserve_ordering: true}',
        ),
      }),
      'with preserve_ordering, Triton 24.10 answers no request that it executes after the first hit of its cache; here it does',
    ],
    [
      'a trace that is cut off',
      scenarioText({ tenants: loaded('trace: {file: two.csv, tenant: conv}, durationS: 3') }),
      'its trace is cut off after 3 s: 2 of 3 requests are used',
    ],
    [
      'a trace that ends early',
      scenarioText({ tenants: loaded('trace: {file: two.csv, tenant: conv, toS: 5.5}') }),
      'its trace ends after 5.5 s, the run goes on to 10 s',
    ],
    [
      'a load without a request',
      scenarioText({ tenants: loaded('process: {kind: poisson, ratePerS: 0.0001}') }),
      'no request of it falls into the 10 s of its load',
    ],
  ];

  it.each(warnings)('warns of %s', (_, text, expected) => {
    expect(check(text).warnings.map(({ message }) => message)).toEqual([expected]);
  });

  it('accepts a timeout that Triton would take', () => {
    const policy = '{allow_timeout_override: true, default_timeout_microseconds: 6000}';
    const models = model(`max_batch_size: 8, dynamic_batching: {default_queue_policy: ${policy}}`);
    expect(check(scenarioText({ models, tenants: tenant(', timeoutMs: 5') })).warnings).toEqual([]);
  });
});

describe('a scenario is refused for', () => {
  const mistakes: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a decimal comma, which is two entries',
      scenarioText({ tenants: loaded('process: {kind: constant, ratePerS: 10,§5}') }),
      ['tenants[0].load.process["5"]: unknown key `5`; begin the decimals of a number with a point: 0.5'],
    ],
    [
      'an unknown key',
      scenarioText({ top: '§duration: 5' }),
      ['duration: unknown key `duration`; write `durationS`'],
    ],
    [
      'a field of tenants at the top',
      scenarioText({ top: '§routing: roundRobin' }),
      ['routing: unknown key `routing`; its place is `tenants[].routing`'],
    ],
    [
      'a field that may stand in two other places',
      scenarioText({ server: '§durationS: 5' }),
      [
        'servers[0].durationS: unknown key `durationS`; its place is at the top or `tenants[].load.durationS`',
      ],
    ],
    [
      'a release that YAML takes as a number',
      scenarioText({ server: 'triton: {version: §24.10}' }),
      ['servers[0].triton.version: is no release; write it in quotes, such as "24.10"'],
    ],
    [
      'another version',
      scenarioText().replace('perseus: 1', 'perseus: §2'),
      ['perseus: is no version of this format; write 1'],
    ],
    [
      'no length of the run',
      scenarioText().replace('durationS: 10', '').replace('perseus', '§perseus'),
      [
        'durationS: missing: the load of "search" has no end of its own; write the length of the run in seconds',
      ],
    ],
    [
      'a number of gRPC threads with which Triton does not start',
      scenarioText({ server: 'triton: {version: "25.04", frontEndThreads: §1}' }),
      ['servers[0].triton.frontEndThreads: Triton 25.04 does not start with 1 gRPC threads; write 2 to 128'],
    ],
    [
      'a warm-up without an end',
      scenarioText({ top: 'warmUpS: §10' }),
      ['warmUpS: the warm-up of 10 s leaves nothing of the 10 s; write less, or make the run longer'],
    ],
    [
      'two servers of one name',
      `${scenarioText().replace('tenants:', '  - {name: §main, models: [{name: resnet, config: {instance_group: [{kind: KIND_CPU}]}}]}\ntenants:')}`,
      ['servers[1].name: there is already a server "main" (line 7); give it another name'],
    ],
    [
      'a replica with the name of a server',
      `${scenarioText({ server: 'replicas: 2' }).replace('tenants:', '  - {name: §main-2, models: [{name: resnet, config: {instance_group: [{kind: KIND_CPU}]}}]}\ntenants:')}`,
      ['servers[1].name: there is already a server "main-2" (line 7); give it another name'],
    ],
    [
      'two devices of one name',
      scenarioText({ devices: '[{name: a, kind: Tesla P4}, {name: §a, kind: Tesla P4}]' }),
      ['servers[0].devices[1].name: there is already a device "a" (line 8); give it another name'],
    ],
    [
      'a device with the name of a slice',
      scenarioText({
        devices: '[{name: a-2, kind: Tesla P4}, {name: §a, kind: A100-80GB, mig: [2g.20gb, 2g.20gb]}]',
        models: model('instance_group: [{kind: KIND_CPU}]'),
      }),
      [
        'servers[0].devices[1].name: there is already a device "a-2", as one of its slices is called; give it another name',
      ],
    ],
    [
      'two models of one name',
      scenarioText({
        models: `[{name: resnet, config: {${batched}}}, {name: §resnet, config: {${batched}}}]`,
      }),
      [
        'servers[0].models[1].name: there is already a model on this server "resnet" (line 9); give it another name',
      ],
    ],
    [
      'two tenants of one name',
      scenarioText({ tenants: `${tenant('')}\n  ${tenant('').replace('search', '§search')}` }),
      ['tenants[1].name: there is already a tenant "search" (line 12); give it another name'],
    ],
    [
      'an unknown model',
      scenarioText({ tenants: tenant('').replace('resnet', '§resnt') }),
      ['tenants[0].model: no server serves a model "resnt"; did you mean "resnet"?'],
    ],
    [
      'an unknown server',
      scenarioText({ tenants: tenant(', servers: [§mian]') }),
      ['tenants[0].servers[0]: there is no server "mian"; did you mean "main"?'],
    ],
    [
      'a server that is listed twice, as if that gave it more',
      scenarioText({ tenants: tenant(', servers: [main, §main]') }),
      ['tenants[0].servers[1]: "main" is listed twice, which gives it no larger share; list each once'],
    ],
    [
      'a server that does not serve the model',
      `${scenarioText({ tenants: tenant(', servers: [§other]') }).replace('tenants:', '  - {name: other, models: [{name: bert, config: {instance_group: [{kind: KIND_GPU}]}}], devices: [{name: g, kind: Tesla P4}]}\ntenants:')}`,
      ['tenants[0].servers[0]: "other" does not serve "resnet"; it serves bert'],
    ],
    [
      'a model without a profile',
      scenarioText({ models: '[§{name: vgg, config: {}}, {name: resnet, config: {max_batch_size: 8}}]' }),
      [
        'servers[0].models[0]: there is no profile of "vgg" for the device "Tesla P4"; name its file under profiles, or write profile: at the model; for this device there is "resnet", "bert"',
      ],
    ],
    [
      'a model without a profile, on a device that no profile is for',
      scenarioText({
        models: `[{name: resnet, profile: §vgg, config: {${batched}}}]`,
        devices: '[{name: a, kind: Tesla T4}]',
      }),
      [
        'servers[0].models[0].profile: there is no profile of "vgg" for the device "Tesla T4"; the profiles here are for Tesla P4, A100-80GB MIG 2g.20gb, CPU; make one of your own with perseus calibrate or perseus profile import',
      ],
    ],
    [
      'a profile for other devices only',
      scenarioText({
        models: `[{name: resnet, profile: §bert, config: {${batched}}}]`,
        devices: '[{name: a, kind: Tesla T4}]',
      }),
      [
        'servers[0].models[0].profile: there is no profile of "bert" for the device "Tesla T4"; there are profiles of it for Tesla P4',
      ],
    ],
    [
      'a placement that does not fit',
      scenarioText({
        devices: '[§{name: gpu0, kind: Tesla P4, memoryMb: 7500}]',
        models: `[{name: resnet, config: {${batched}, instance_group: [{count: 5}]}}, {name: bert, config: {instance_group: [{count: 4}]}}]`,
      }),
      [
        'servers[0].devices[0]: the models on gpu0 need 7600 MiB of its 7500 MiB: resnet 4200 (5 instances), bert 3400 (4 instances); serve fewer models or instances there, or take a larger device',
      ],
    ],
    [
      'a device of unknown memory',
      scenarioText({ devices: '[§{name: a, kind: TPU}]', models: `[§{name: resnet, config: {${batched}}}]` }),
      [
        'servers[0].devices[0].memoryMb: the memory of TPU is not known; write memoryMb, in MiB as nvidia-smi shows it',
        'servers[0].models[0]: there is no profile of "resnet" for the device "TPU"; there are profiles of it for Tesla P4, A100-80GB MIG 2g.20gb, CPU',
      ],
    ],
    [
      'a CPU among the devices',
      scenarioText({ devices: '[{name: a, kind: §CPU, memoryMb: 100000}]' }),
      ['servers[0].devices[0].kind: the host CPU is no device; remove it and give the instances KIND_CPU'],
    ],
    [
      'slices of a GPU without MIG',
      scenarioText({
        devices: '[{name: a, kind: Tesla P4, mig: §[1g.5gb]}]',
        models: model('instance_group: [{kind: KIND_CPU}]'),
      }),
      [
        'servers[0].devices[0].mig: no MIG slices of Tesla P4 are known; use an A30, A100-40GB, A100-80GB or H100-80GB, or leave mig out',
      ],
    ],
    [
      'neighbours of a GPU that is no slice',
      scenarioText({ devices: '[{name: a, kind: Tesla P4, neighbourSlowdown: §measured}]' }),
      ['servers[0].devices[0].neighbourSlowdown: is of MIG slices only; write mig, or leave it out'],
    ],
    [
      'slices that do not exist',
      scenarioText({ devices: '[{name: a, kind: A100-80GB, mig: [2g.20gb, §2g.10gb]}]' }),
      ['servers[0].devices[0].mig[1]: "2g.10gb" is no slice of this GPU; did you mean "2g.20gb"?'],
    ],
    [
      'slices that do not fit together',
      scenarioText({ devices: '[{name: a, kind: A100-80GB, mig: §[2g.20gb, 2g.20gb, 2g.20gb, 2g.20gb]}]' }),
      [
        'servers[0].devices[0].mig: 2g.20gb + 2g.20gb + 2g.20gb + 2g.20gb do not fit on one A100-80GB; take slices away: they need 8 memory slices of 8, in the places that each may have',
      ],
    ],
    [
      'MPS shares of models that are not there, which may add up to more than a device',
      scenarioText({
        devices: '[{name: a, kind: Tesla P4, sharing: {mode: mps, shares: {resnet: 1, bert: §1}}}]',
      }),
      ['servers[0].devices[0].sharing.shares.bert: no model "bert" runs on this device; there is "resnet"'],
    ],
    [
      'a word for shares or slices that are not there',
      scenarioText({
        devices: '[{name: a, kind: Tesla P4, sharing: §mps}, {name: b, kind: Tesla P4, sharing: §mig}]',
      }),
      [
        'servers[0].devices[0].sharing: mps needs the share of each model; write {mode: mps, shares: {MODEL: 0.5, …}}',
        'servers[0].devices[1].sharing: mig needs its slices; write mig: [1g.10gb, …] in place of sharing',
      ],
    ],
    [
      'a mode in braces without its shares or slices',
      scenarioText({
        devices:
          '[{name: a, kind: Tesla P4, sharing: §{mode: mps}}, {name: b, kind: Tesla P4, sharing: §{mode: mig}}]',
      }),
      [
        'servers[0].devices[0].sharing: mps needs the share of each model; write {mode: mps, shares: {MODEL: 0.5, …}}',
        'servers[0].devices[1].sharing: mig needs its slices; write mig: [1g.10gb, …] in place of sharing',
      ],
    ],
    [
      'a model without its MPS share',
      scenarioText({ devices: '[{name: a, kind: Tesla P4, sharing: {mode: mps, shares: §{}}}]' }),
      ['servers[0].devices[0].sharing.shares: the model "resnet" has no share; write one above 0'],
    ],
    [
      'an unknown field of an inline configuration',
      scenarioText({ models: model('§max_batchsize: 8') }),
      ['servers[0].models[0].config.max_batchsize: unknown key `max_batchsize`; write `max_batch_size`'],
    ],
    [
      'a preferred batch beyond the largest',
      scenarioText({ models: model('max_batch_size: 8, dynamic_batching: {preferred_batch_size: [§16]}') }),
      [
        'servers[0].models[0].config.dynamic_batching.preferred_batch_size[0]: 16 is outside 1 to max_batch_size 8; write a size in that range',
      ],
    ],
    [
      'a GPU that is not there',
      scenarioText({ models: model('max_batch_size: 8, instance_group: [{gpus: [§1]}]') }),
      [
        'servers[0].models[0].config.instance_group[0].gpus[0]: the server has no GPU 1; write 0, or list it under devices',
      ],
    ],
    [
      'a mistake in config.pbtxt',
      scenarioText({ models: '[{name: resnet, config: broken.pbtxt}]' }),
      ['models/broken.pbtxt:1:16: expected ":" or "{" after max_batch_size, found 8'],
    ],
    [
      'passive instances only',
      scenarioText({
        models: `[§{name: resnet, config: {max_batch_size: 8, instance_group: [{passive: true}]}}]`,
      }),
      ['servers[0].models[0]: all its instance groups are passive; write one that is not'],
    ],
    [
      'no mode of the rate limiter',
      scenarioText({ server: 'triton: {rateLimit: §executionCount}' }),
      ['servers[0].triton.rateLimit: is no mode of the rate limiter; write off or execution_count'],
    ],
    [
      'resources without a rate limiter',
      scenarioText({ server: 'triton: {rateLimitResources: §[{name: a, count: 1}]}' }),
      [
        'servers[0].triton.rateLimitResources: has no meaning while the rate limiter is off; write rateLimit: execution_count',
      ],
    ],
    [
      'a batch beyond the largest',
      scenarioText({ tenants: tenant(', batchSize: §9') }),
      [
        'tenants[0].batchSize: 9 inferences in a request, but max_batch_size is 8; write at most 8, or raise max_batch_size of "resnet"',
      ],
    ],
    [
      'a batch for a model without one',
      scenarioText({ models: model(''), tenants: tenant(', batchSize: §2') }),
      [
        'tenants[0].batchSize: 2 inferences in a request, but max_batch_size is 0; write at most 1, or raise max_batch_size of "resnet"',
      ],
    ],
    [
      'drawn batches beyond the largest',
      scenarioText({
        tenants: tenant(', batchSize: §[{batchSize: 1, weight: 1}, {batchSize: 16, weight: 1}]'),
      }),
      [
        'tenants[0].batchSize: 16 inferences in a request, but max_batch_size is 8; write at most 8, or raise max_batch_size of "resnet"',
      ],
    ],
    [
      'batches of a trace beyond the largest',
      scenarioText({
        models: model('max_batch_size: 2'),
        tenants: loaded('trace: {file: §two.csv, tenant: conv}'),
      }),
      [
        'tenants[0].load.trace.file: the trace has requests of 4 inferences, but max_batch_size is 2; write at most 2, or raise max_batch_size of "resnet"',
      ],
    ],
    [
      'a priority beyond the levels',
      scenarioText({
        models: model('max_batch_size: 8, dynamic_batching: {priority_levels: 2, default_priority_level: 1}'),
        tenants: tenant(', priority: §3'),
      }),
      ['tenants[0].priority: there is no priority level 3: "resnet" has 2; write 1 to 2'],
    ],
    [
      'a priority without levels',
      scenarioText({ tenants: tenant(', priority: §1') }),
      ['tenants[0].priority: there is no priority level 1: "resnet" has 0; leave it out'],
    ],
    [
      'a percentile that is written as a share',
      scenarioText({ tenants: tenant(', slo: {percentile: §0.99, limitMs: 5}') }),
      ['tenants[0].slo.percentile: must be 1 or more, in percent; write 99 for 0.99'],
    ],
    [
      'a percentile of 100',
      scenarioText({ tenants: tenant(', slo: {percentile: §100, limitMs: 5}') }),
      ['tenants[0].slo.percentile: must be below 100; write for example 99.9'],
    ],
    [
      'a rate of 0',
      scenarioText({ tenants: loaded('process: {kind: poisson, ratePerS: §0}') }),
      ['tenants[0].load.process.ratePerS: 0 is out of range; write more than 0'],
    ],
    [
      'no load',
      scenarioText({ tenants: loaded('').replace('load: ', 'load: §') }),
      ['tenants[0].load: there is no load; write one of process, trace or closedLoop'],
    ],
    [
      'two loads',
      scenarioText({
        tenants: loaded('closedLoop: §{concurrency: 1}, process: {kind: poisson, ratePerS: 1}'),
      }),
      ['tenants[0].load.closedLoop: is given beside process; keep one of them'],
    ],
    [
      'a cap on a closed loop',
      scenarioText({ tenants: loaded('closedLoop: {concurrency: 1}, maxInFlight: §2') }),
      ['tenants[0].load.maxInFlight: has no meaning in a closed loop; remove it'],
    ],
    [
      'latencyFrom without a cap',
      scenarioText({ tenants: loaded('process: {kind: poisson, ratePerS: 1}, latencyFrom: §sent') }),
      ['tenants[0].load.latencyFrom: has a meaning only under maxInFlight; remove it or set maxInFlight'],
    ],
    [
      'drawn batches in a closed loop',
      scenarioText({
        tenants: loaded('closedLoop: {concurrency: 1}', ', batchSize: §[{batchSize: 1, weight: 1}]'),
      }),
      [
        'tenants[0].batchSize: sizes that vary are drawn for traces and processes, not in a closed loop; write one number',
      ],
    ],
    [
      'a trace without that tenant',
      scenarioText({ tenants: loaded('trace: {file: two.csv, tenant: §conf}') }),
      ['tenants[0].load.trace.tenant: the trace has no tenant "conf"; did you mean "conv"?'],
    ],
    [
      'a trace with several tenants of other names',
      scenarioText({ tenants: loaded('trace: {file: §two.csv}') }),
      [
        'tenants[0].load.trace.file: the trace has no tenant "search"; name one of its tenants under tenant: there is "conv", "code"',
      ],
    ],
    [
      'a trace with nothing in it',
      scenarioText({ tenants: loaded('trace: {file: §none.csv}') }),
      ['tenants[0].load.trace.file: the trace has no requests; name one that has some, or write a process'],
    ],
    [
      'an empty part of a trace',
      scenarioText({ tenants: loaded('trace: §{file: two.csv, tenant: code, fromS: 2, toS: 4}') }),
      [
        'tenants[0].load.trace: there is no request in this part of the trace; take another part: fromS and toS, in seconds of the trace',
      ],
    ],
    [
      'a trace that begins after the run, as one of stamps since 1970 does',
      scenarioText({ tenants: loaded('trace: §{file: two.csv, tenant: code, scaleTime: 100}') }),
      [
        'tenants[0].load.trace: its first request comes at 100 s, when the run is over; take another part: fromS and toS, in seconds of the trace',
      ],
    ],
    [
      'a part of a trace that ends before it begins',
      scenarioText({ tenants: loaded('trace: {file: two.csv, tenant: code, fromS: 4, toS: §2}') }),
      ['tenants[0].load.trace.toS: 2 is before fromS 4; write a later end'],
    ],
    [
      'a trace that is not there',
      scenarioText({ tenants: loaded('trace: {file: §missing.csv}') }),
      ['tenants[0].load.trace.file: there is no such file; check the path'],
    ],
    [
      'a load that begins after the end',
      scenarioText({ tenants: loaded('process: {kind: poisson, ratePerS: 1}, startS: §10') }),
      ['tenants[0].load.startS: the load begins after the run ends; write less'],
    ],
    [
      'more requests than fit into memory',
      scenarioText({ tenants: loaded('process: §{kind: poisson, ratePerS: 1e9}') }),
      [
        'tenants[0].load.process: about 1.00e+10 requests or changes of rate up to here; lower the rate or the duration: at most 200000000 in all',
      ],
    ],
    [
      'a rate that changes more often than a run can follow',
      scenarioText({
        top: 'warmUpS: 1',
        tenants: loaded('process: §{kind: onOff, onRatePerS: 1, meanOnS: 0.001, meanOffS: 0.001}'),
      }).replace('durationS: 10', 'durationS: 1e7'),
      [
        'tenants[0].load.process: about 1.00e+10 requests or changes of rate up to here; lower the rate or the duration: at most 200000000 in all',
      ],
    ],
    [
      'a measurement of nobody',
      `${scenarioText()}measured:\n  - {tenant: §serch, metric: p50Ms, value: 5, source: a log}\n`,
      ['measured[0].tenant: there is no tenant "serch"; did you mean "search"?'],
    ],
    [
      'more instances than fit into memory',
      scenarioText({
        devices: '[{name: g, kind: Tesla P4, memoryMb: 1e9}]',
        models: model('instance_group: [{count: 1000}]'),
        server: 'replicas: §1001',
      }),
      ['servers[0].replicas: more than 1000000 instances in all; simulate fewer'],
    ],
    [
      'a mistake of YAML',
      'perseus: [§',
      [
        'not valid YAML or JSON: flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
  ];

  it.each(mistakes)('%s', (_, marked, expected) => {
    const { text, places } = takeMarks(marked);
    const placed = expected.map((line, i) =>
      places[i] === undefined ? line : `s.yaml:${places[i]}: ${line}`,
    );
    expect(problemsOf(text)).toEqual(placed);
  });

  it('a price that the book does not have', () => {
    const text = scenarioText({ server: 'machine: {price: [{sku: vCPU}]}' });
    expect(problemsOf(text)).toEqual([
      's.yaml:10:22: servers[0].machine.price: there is no price book; write usdPerHour',
    ]);
  });

  it('two profiles of one model and device, but only where they are used', () => {
    const twice = [
      ...RESOURCES.profiles.get('profiles')!.value!,
      { file: 'e.profile.json', profile: profile('bert', 'Tesla P4') },
    ];
    const resources = { profiles: new Map([['profiles', { value: twice }]]) };
    expect(problemsOf(scenarioText(), resources)).toEqual([]);
    expect(
      problemsOf(
        scenarioText({ models: `[{name: resnet, profile: bert, config: {${batched}}}]` }),
        resources,
      ),
    ).toEqual([
      's.yaml:9:38: servers[0].models[0].profile: there are 2 profiles of "bert" for "Tesla P4": b.profile.json, e.profile.json; keep one',
    ]);
  });

  it('all of these at once, in the order of the file', () => {
    const text = scenarioText({
      top: 'warmUp: 3',
      devices: '[{name: gpu0, kind: Tesla P4, memoryMb: 900}]',
      models: `[{name: resnet, config: {${batched}}}, {name: vgg, config: {}}]`,
      tenants: `${tenant(', batchSize: 9')}
  ${loaded('process: {kind: poisson, ratePerS: -1}')}
  ${tenant(', priority: 4')}`,
    });
    expect(problemsOf(text).map((line) => line.split(': ')[1])).toEqual([
      'warmUp',
      'servers[0].devices[0]',
      'servers[0].models[1]',
      'tenants[0].batchSize',
      'tenants[1].name',
      'tenants[1].load.process.ratePerS',
      'tenants[2].name',
      'tenants[2].priority',
    ]);
  });
});

/** Takes the marks (§) out of a text: line and column at which each of them stood. */
function takeMarks(marked: string): { text: string; places: string[] } {
  const parts = marked.split('§');
  const places = parts.slice(0, -1).map((_, i) => {
    const lines = parts
      .slice(0, i + 1)
      .join('')
      .split('\n');
    return `${lines.length}:${lines.at(-1)!.length + 1}`;
  });
  return { text: parts.join(''), places };
}
