import { describe, expect, it } from 'vitest';
import { requirePlayable } from '../../src/live/playable.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import { simulate } from '../../src/simulator/simulate.js';
import { buildTrace } from '../../src/trace/build.js';
import { check, problemsOf, profile, scenarioText } from './fixtures.js';

const point = { inferMs: 2, executions: 100, relativeError: 0 };
/** 1 us for each kilobyte each way; copies take 0.05 ms and 0.01 ms, and 0.05 ms and 0.02 ms for each inference. */
const COPYING: Partial<ModelProfile> = {
  service: [1, 8].map((n) => ({
    batchSize: n,
    inputMs: 0.05 + 0.05 * n,
    outputMs: 0.01 + 0.02 * n,
    ...point,
  })),
  frontEnd: { perRequestUs: 10, perKilobyteUs: 1 },
  response: { fixedUs: 0, perRequestUs: 10, perKilobyteUs: 1 },
  payload: { requestBytes: 102_400, responseBytes: 51_200 },
};

function world(changes: Partial<ModelProfile> = {}): Partial<ScenarioResources> {
  const made = (device: string) => ({
    file: device,
    profile: profile('resnet', device, { ...COPYING, ...changes }),
  });
  return {
    profiles: new Map([['profiles', { value: [made('Tesla P4'), made('CPU')] }]]),
    traces: new Map([
      ['sized.csv', { value: buildTrace({ arrivalUs: [0], payloadBytes: [1_024_000], durationUs: 1e6 }) }],
    ]),
  };
}

const ONE = 'load: {process: {kind: constant, ratePerS: 10, phase: 0}}';

function tenant(sharedMemory: string, rest = ONE, name = 'search'): string {
  return `- {name: ${name}, model: resnet, sharedMemory: ${sharedMemory}, ${rest}}`;
}

/** What a lone request takes, in parts, microseconds. */
function partsOf(sharedMemory: string, rest?: string) {
  const { scenario } = check(scenarioText({ tenants: tenant(sharedMemory, rest) }), world());
  const { log } = simulate(scenario);
  return {
    frontEndUs: log.calls.queuedUs[0]! - log.sentUs[0]!,
    inputUs: log.calls.inputUs[0],
    outputUs: log.calls.outputUs[0],
    responseUs: log.calls.responseUs[0],
  };
}

describe('a tenant whose tensors are in shared memory', () => {
  it('pays for the bytes of requests and responses where there is none', () => {
    expect(partsOf('none')).toEqual({ frontEndUs: 110, inputUs: 100, outputUs: 30, responseUs: 60 });
  });

  it('of the system pays for no bytes on the wire, and for the copies to the GPU and back', () => {
    expect(partsOf('system')).toEqual({ frontEndUs: 10, inputUs: 100, outputUs: 30, responseUs: 10 });
  });

  it('of CUDA pays of copies only what does not go by bytes', () => {
    expect(partsOf('cuda')).toEqual({ frontEndUs: 10, inputUs: 50, outputUs: 10, responseUs: 10 });
  });

  it('sends no bytes that a trace says either', () => {
    const sized = 'load: {trace: {file: sized.csv}}';
    expect(partsOf('none', sized).frontEndUs).toBe(1010);
    expect(partsOf('system', sized).frontEndUs).toBe(10);
  });

  it('has answers in the response cache, but for that of CUDA, as the scenario says', () => {
    const models = '[{name: resnet, config: {max_batch_size: 8, response_cache: {enable: true}}}]';
    const cached = (memory: string) => {
      const text = scenarioText({ models, server: 'triton: {cache: {sizeMb: 1}}', tenants: tenant(memory) });
      const { scenario, warnings } = check(text, world());
      const isCached = scenario.servers[0]!.models[0]!.config.responseCache;
      return [isCached, warnings.some(({ message }) => message.includes('in CUDA shared memory'))];
    };
    expect(cached('system')).toEqual([true, false]);
    expect(cached('cuda')).toEqual([false, true]);
  });

  it('keeps copies whole where a profile of one batch size cannot tell them apart', () => {
    const [single] = COPYING.service!;
    const { scenario } = check(scenarioText({ tenants: tenant('cuda') }), world({ service: [single!] }));
    const [instance] = scenario.servers[0]!.models[0]!.instances;
    expect(instance!.profile.service).toEqual([single]);
  });

  it('can be played against a live server, but for that on the GPU', () => {
    const playing = (sharedMemory: string) => () =>
      requirePlayable(check(scenarioText({ tenants: tenant(sharedMemory) }), world()).scenario);
    expect(playing('cuda')).toThrow(/no tensors on the GPU; write system or none/);
    expect(playing('system')).not.toThrow();
    expect(playing('none')).not.toThrow();
    const cached = '[{name: resnet, config: {max_batch_size: 8, response_cache: {enable: true}}}]';
    const { scenario } = check(scenarioText({ models: cached, tenants: tenant('system') }), world());
    expect(() => requirePlayable(scenario)).toThrow(
      /written once, and a response cache would answer all; write none/,
    );
  });
});

describe('shared memory is refused', () => {
  it('of several servers', () => {
    const problems = problemsOf(scenarioText({ server: 'replicas: 2', tenants: tenant('system') }), world());
    expect(problems).toEqual([
      expect.stringMatching(
        /2 servers serve "resnet".*name one server under servers, or remove sharedMemory/,
      ),
    ]);
  });

  it('of CUDA for a model on the host', () => {
    const models = '[{name: resnet, config: {max_batch_size: 8, instance_group: [{kind: KIND_CPU}]}}]';
    const problems = problemsOf(scenarioText({ models, tenants: tenant('cuda') }), world());
    expect(problems).toEqual([
      expect.stringMatching(/no instance of "resnet" on "main" runs on a GPU.*write system/),
    ]);
  });

  it('of CUDA for a model that another calls', () => {
    const pair = `input: [{name: x, data_type: TYPE_FP32, dims: [1]}], output: [{name: y, data_type: TYPE_FP32, dims: [1]}]`;
    const step = '{model_name: resnet, model_version: -1, input_map: {x: x}, output_map: {y: y}}';
    const models = `[{name: resnet, config: {max_batch_size: 8, ${pair}}}, {name: both, config: {platform: ensemble, max_batch_size: 8, ${pair}, ensemble_scheduling: {step: [${step}]}}}]`;
    const problems = problemsOf(scenarioText({ models, tenants: tenant('cuda') }), world());
    expect(problems).toEqual([expect.stringMatching(/"both" calls "resnet" on "main".*write system/)]);
  });

  it('of CUDA where others send to the model without it', () => {
    const tenants = [tenant('cuda'), tenant('system', ONE, 'other')].join('\n  ');
    const problems = problemsOf(scenarioText({ tenants }), world());
    expect(problems).toEqual([
      expect.stringMatching(
        /"other" sends to "resnet" on "main" without CUDA shared memory.*write cuda for both/,
      ),
    ]);
  });
});

it('is refused along with what else is wrong in the file', () => {
  const tenants = [tenant('cuda'), tenant('system', ONE, 'other'), tenant('gpu', ONE, 'third')].join('\n  ');
  expect(problemsOf(scenarioText({ tenants }), world())).toHaveLength(2);
});

describe('the size of a request', () => {
  const models =
    '[{name: resnet, config: {max_batch_size: 8, input: [{name: a, data_type: TYPE_FP16, dims: [3, 224, 224]}, {name: b, data_type: TYPE_BOOL, dims: [2]}], output: [{name: c, data_type: TYPE_INT64, dims: [10]}, {name: d, data_type: TYPE_STRING, dims: [1]}]}}]';
  const sizes = (text: string, payload: ModelProfile['payload']) => {
    const [{ requestBytes, responseBytes } = {}] = check(text, world({ payload })).scenario.tenants;
    return { requestBytes, responseBytes };
  };

  it('is what the tensors of the configuration take, where the profile does not say', () => {
    const unknown = { requestBytes: 0, responseBytes: 0 };
    expect(sizes(scenarioText({ models }), unknown)).toEqual({ requestBytes: 301_058, responseBytes: 80 });
    expect(sizes(scenarioText(), unknown)).toEqual(unknown);
  });

  it('is what the profile says before that, and what the tenant says before both', () => {
    const measured = { requestBytes: 7, responseBytes: 8 };
    expect(sizes(scenarioText({ models }), measured)).toEqual(measured);
    const tenants = `- {name: search, model: resnet, requestBytes: 5, responseBytes: 6, ${ONE}}`;
    expect(sizes(scenarioText({ models, tenants }), measured)).toEqual({ requestBytes: 5, responseBytes: 6 });
  });
});

describe('a profile that was measured over one transport', () => {
  const HTTP = 'triton: {protocol: http}';
  const told = (
    [protocol, sharedMemory]: readonly ['grpc' | 'http', 'system'?],
    server: string,
    tenants: string,
  ) => {
    const { provenance } = profile('resnet', 'CPU');
    const measured = { ...provenance, protocol, ...(sharedMemory !== undefined && { sharedMemory }) };
    const { warnings } = check(scenarioText({ server, tenants }), world({ provenance: measured }));
    return warnings.flatMap(({ code, message }) => (code === 'other-transport' ? [message] : []));
  };

  it('is as good as it is where the scenario uses that one', () => {
    expect(told(['grpc'], '', tenant('none'))).toEqual([]);
    expect(told(['http'], HTTP, tenant('none'))).toEqual([]);
    expect(told(['http', 'system'], HTTP, tenant('system'))).toEqual([]);
  });

  it('may be off where the scenario uses another one, which is told once', () => {
    expect(told(['grpc'], HTTP, `${tenant('none')}\n  ${tenant('none', ONE, 'other')}`)).toEqual([
      'its profile was measured over gRPC, and "search" sends over HTTP/REST: delays of network and front end may differ',
    ]);
    expect(told(['grpc'], '', tenant('system'))).toEqual([
      expect.stringContaining('over gRPC, and "search" sends over gRPC with tensors in shared memory'),
    ]);
    expect(told(['http', 'system'], HTTP, tenant('none'))).toHaveLength(1);
  });

  it('says nothing where nobody knows, and of CUDA shared memory, with which nobody measures', () => {
    const { warnings } = check(scenarioText({ server: HTTP, tenants: tenant('none') }), world());
    expect(warnings.filter(({ code }) => code === 'other-transport')).toEqual([]);
    expect(told(['grpc'], '', tenant('cuda'))).toEqual([]);
  });
});
