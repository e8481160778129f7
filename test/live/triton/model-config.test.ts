import { fromJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAgainst } from '../../../src/base/document/schema-problems.js';
import { ProblemList } from '../../../src/base/problem.js';
import { LiveError } from '../../../src/live/inference-client.js';
import { type ModelConfig, ModelConfigSchema } from '../../../src/live/triton/generated/model_config_pb.js';
import { toLiveModelConfig } from '../../../src/live/triton/model-config.js';
import { decode, encode } from '../../../src/live/triton/service.js';
import { modelConfigFieldsSchema } from '../../../src/scenario/triton/fields-schema.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { type ConfigFields, createConfig } from '../../support/memory-triton.js';

const resnet = (fields: ConfigFields) => createConfig({ name: 'resnet', ...fields });

const read = (fields: ConfigFields) => toLiveModelConfig(resnet(fields), { version: '1', url: 'triton' });

/** As a server of another age might send it: encoded, with extra fields after it. */
const withUnknownField = (message: ModelConfig, tag: number, value: number): ModelConfig =>
  decode(
    ModelConfigSchema,
    new Uint8Array([...encode(ModelConfigSchema, message), ...varint(tag << 3), value]),
  );

/** One of the schedulers that a model may have. */
const scheduled = (scheduler: string, value: object) =>
  ({ schedulingChoice: { case: scheduler, value } }) as ConfigFields;

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

const FULL: ConfigFields = {
  backend: 'onnxruntime',
  maxBatchSize: 16,
  input: [
    { name: 'pixels', dataType: 11, format: 2, dims: [3n, 224n, 224n], allowRaggedBatch: true },
    { name: 'mask', dataType: 14, dims: [-1n], optional: true, reshape: { shape: [] } },
  ],
  output: [{ name: 'scores', dataType: 13, dims: [1000n], labelFilename: 'labels.txt' }],
  instanceGroup: [
    {
      name: 'fast',
      kind: 1,
      count: 2,
      gpus: [0, 3],
      profile: ['1'],
      rateLimiter: { priority: 2, resources: [] },
    },
    { name: 'host', kind: 2, count: 1, hostPolicy: 'cpu' },
  ],
  schedulingChoice: {
    case: 'dynamicBatching',
    value: {
      preferredBatchSize: [8, 4],
      maxQueueDelayMicroseconds: 500n,
      priorityLevels: 3n,
      defaultPriorityLevel: 2n,
      defaultQueuePolicy: { maxQueueSize: 10, defaultTimeoutMicroseconds: 1_000_000n },
      priorityQueuePolicy: { 1: { timeoutAction: 1, allowTimeoutOverride: true } },
    },
  },
  parameters: { key: { stringValue: 'value' } },
  versionPolicy: { policyChoice: { case: 'specific', value: { versions: [1n, 2n] } } },
  modelWarmup: [
    {
      name: 'w',
      batchSize: 1,
      inputs: { pixels: { dataType: 11, dims: [3n], inputDataType: { case: 'zeroData', value: true } } },
    },
  ],
  modelMetrics: {
    metricControl: [
      {
        metricIdentifier: { family: 'f' },
        metricOptions: { case: 'histogramOptions', value: { buckets: [0.5, 1] } },
      },
    ],
  },
};

describe('a configuration as the server answers it', () => {
  it('becomes that of a scenario', () => {
    const { config, version } = read(FULL);
    expect(version).toBe('1');
    expect(config).toEqual({
      name: 'resnet',
      platform: '',
      backend: 'onnxruntime',
      maxBatchSize: 16,
      isWarmedUp: true,
      inputs: [
        {
          name: 'pixels',
          dataType: 'TYPE_FP32',
          dims: [3, 224, 224],
          allowRaggedBatch: true,
          optional: false,
        },
        { name: 'mask', dataType: 'TYPE_BF16', dims: [-1], allowRaggedBatch: false, optional: true },
      ],
      outputs: [
        { name: 'scores', dataType: 'TYPE_STRING', dims: [1000], allowRaggedBatch: false, optional: false },
      ],
      instanceGroups: [
        {
          name: 'fast',
          kind: 'KIND_GPU',
          count: 2,
          gpus: [0, 3],
          passive: false,
          rateLimiter: { priority: 2, resources: [] },
        },
        { name: 'host', kind: 'KIND_CPU', count: 1, gpus: [], passive: false },
      ],
      dynamicBatching: {
        preferredBatchSizes: [4, 8],
        maxQueueDelayUs: 500,
        preserveOrdering: false,
        priorityLevels: 3,
        defaultPriorityLevel: 2,
        defaultQueuePolicy: {
          timeoutAction: 'REJECT',
          defaultTimeoutUs: 1_000_000,
          allowTimeoutOverride: false,
          maxQueueSize: 10,
        },
        priorityQueuePolicy: new Map([
          [1, { timeoutAction: 'DELAY', defaultTimeoutUs: 0, allowTimeoutOverride: true, maxQueueSize: 0 }],
        ]),
      },
    });
  });

  it("comes as JSON in Triton's field names, numbers as numbers, that protobuf reads back to the same message", () => {
    const { json } = read(FULL);
    expect(json).toMatchObject({
      max_batch_size: 16,
      dynamic_batching: { priority_queue_policy: { 1: { timeout_action: 'DELAY' } } },
      version_policy: { specific: { versions: [1, 2] } },
    });
    const text = JSON.stringify(json);
    expect(fromJson(ModelConfigSchema, JSON.parse(text))).toEqual(resnet(FULL));
  });

  it('comes as JSON that a scenario file takes, with the same meaning', () => {
    const { json, config } = read(FULL);
    const { value: fields, problems } = checkAgainst(
      modelConfigFieldsSchema,
      JSON.parse(JSON.stringify(json)),
    );
    expect(problems).toEqual([]);
    const source = { fields: fields!, placeOf: () => ({}) };
    expect(interpretModelConfig(source, { name: 'resnet', devices: 4 }, new ProblemList())).toEqual(config);
  });

  it('gets the defaults of a file where the server leaves something out', () => {
    const { config } = read({});
    expect(config).toMatchObject({
      maxBatchSize: 0,
      instanceGroups: [{ name: 'resnet_0', kind: 'KIND_CPU', count: 1 }],
    });
    expect(config.dynamicBatching).toBeUndefined();
    expect(
      read({ maxBatchSize: 8, ...scheduled('dynamicBatching', {}) }).config.dynamicBatching,
    ).toMatchObject({
      preferredBatchSizes: [8],
      priorityLevels: 0,
    });
  });

  it('may have fields and values of enums that are newer than ours, where nothing depends on them', () => {
    const message = resnet({
      input: [{ name: 'x', dataType: 99, format: 42, dims: [1n] }],
      optimization: { priority: 77, graph: { level: 1 } },
    });
    const { config, json } = toLiveModelConfig(withUnknownField(message, 200, 1), {
      version: '',
      url: 'triton',
    });
    expect(config.inputs[0]!.dataType).toBe('TYPE_INVALID');
    expect(json).toEqual({
      name: 'resnet',
      input: [{ name: 'x', data_type: 'TYPE_INVALID', dims: [1] }],
      optimization: { graph: { level: 1 } },
    });
  });

  it.each([
    ['a kind of instance that is not known', { instanceGroup: [{ kind: 9 }] }, /instance_group\[0\]\.kind/],
    [
      'a timeout action that is not known',
      scheduled('dynamicBatching', { defaultQueuePolicy: { timeoutAction: 5 } }),
      /timeout_action/,
    ],
    ['an ensemble without steps', scheduled('ensembleScheduling', { step: [] }), /ensemble_scheduling/],
    [
      'a decoupled model whose answers are to be kept',
      { modelTransactionPolicy: { decoupled: true }, responseCache: { enable: true } },
      /answers of decoupled models/,
    ],
    [
      'a number that a double cannot hold',
      { maxBatchSize: 1, ...scheduled('dynamicBatching', { maxQueueDelayMicroseconds: 2n ** 64n - 1n }) },
      /max_queue_delay_microseconds/,
    ],
  ])('is refused with %s', (_, message, expected) => {
    expect(() => read(message)).toThrow(LiveError);
    expect(() => read(message)).toThrow(expected);
    expect(() => read(message)).toThrow(/^triton: the configuration of "resnet" cannot be used: /);
  });

  it('is read or refused, whatever bytes the server sends', () => {
    const seed = encode(ModelConfigSchema, resnet(FULL));
    const mutated = fc
      .tuple(fc.array(fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
      .map(([changes]) => {
        const bytes = Uint8Array.from(seed);
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(mutated, (bytes) => {
        let message: ModelConfig;
        try {
          message = decode(ModelConfigSchema, bytes);
        } catch {
          return; // grpc-js answers what cannot be decoded with INTERNAL
        }
        try {
          expect(toLiveModelConfig(message, { version: '1', url: 'triton' }).config.name).toBe(message.name);
        } catch (error) {
          expect(error).toBeInstanceOf(LiveError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
