import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProblemList } from '../../../src/base/problem.js';
import type { ModelConfig, SequenceBatching } from '../../../src/scenario/model-config.js';
import { modelConfigFieldsSchema } from '../../../src/scenario/triton/fields-schema.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';
import { writeModelConfigFields } from '../../../src/scenario/triton/write-fields.js';
import { cases } from '../../support/cases.js';

const MODEL = { name: 'model', devices: 4 };

const queuePolicy = fc.record({
  timeoutAction: fc.constantFrom('REJECT' as const, 'DELAY' as const),
  defaultTimeoutUs: fc.nat(1e9),
  allowTimeoutOverride: fc.boolean(),
  maxQueueSize: fc.nat(1000),
});

const instanceGroup = fc.record({
  name: fc.string({ minLength: 1 }),
  kind: fc.constant('KIND_GPU' as const),
  count: fc.integer({ min: 1, max: 16 }),
  gpus: fc.uniqueArray(fc.nat(3), { maxLength: 4 }),
  passive: fc.boolean(),
});

const tensor = fc.record({
  name: fc.string(),
  dataType: fc.constantFrom('TYPE_FP32', 'TYPE_INT64', 'TYPE_STRING'),
  dims: fc.array(fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 4096 })), { maxLength: 4 }),
  allowRaggedBatch: fc.boolean(),
  optional: fc.boolean(),
});

/** Any configuration that could come out of `interpretModelConfig`. */
const modelConfig: fc.Arbitrary<ModelConfig> = fc
  .record({
    maxBatchSize: fc.nat(512),
    levels: fc.nat(5),
    batcher: fc.constantFrom('none', 'dynamic', 'sequences'),
    decoupled: fc.boolean(),
  })
  .chain(({ maxBatchSize, levels, batcher, decoupled }) =>
    fc.record({
      name: fc.constant(MODEL.name),
      platform: fc.constantFrom('', 'tensorrt_plan'),
      backend: fc.constantFrom('', 'python', 'a "quoted" \\ name'),
      maxBatchSize: fc.constant(maxBatchSize),
      inputs: fc.array(tensor, { maxLength: 3 }),
      outputs: fc.array(
        tensor.map((output) => ({ ...output, allowRaggedBatch: false, optional: false })),
        { maxLength: 2 },
      ),
      instanceGroups: fc.array(instanceGroup, { minLength: 1, maxLength: 3 }),
      ...(batcher === 'dynamic' && { dynamicBatching: dynamicBatching(maxBatchSize, levels) }),
      ...(batcher === 'sequences' && { sequences: sequenceBatching(Math.max(1, maxBatchSize)) }),
      ...(decoupled && { decoupled: fc.constant(true as const) }),
    }),
  )
  .map((config) => (config.platform === 'tensorrt_plan' ? withShapeTensors(config) : config));

/** Only TensorRT has them. */
function withShapeTensors(config: ModelConfig): ModelConfig {
  const marked = (tensors: ModelConfig['inputs']) =>
    tensors.map((tensor, i) => (i === 0 ? { ...tensor, isShapeTensor: true } : tensor));
  return { ...config, inputs: marked(config.inputs), outputs: marked(config.outputs) };
}

function sequenceBatching(slots: number): fc.Arbitrary<SequenceBatching> {
  const common = {
    maxSequenceIdleUs: fc.integer({ min: 1, max: 1e9 }),
    maxQueueDelayUs: fc.nat(1e9),
  };
  const direct = fc.record({
    ...common,
    kind: fc.constant('direct' as const),
    slots: fc.constant(slots),
    minSlotUtilization: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs),
  });
  const oldest = fc.record({
    ...common,
    kind: fc.constant('oldest' as const),
    slots: fc.integer({ min: 1, max: 1000 }),
    preferredBatchSizes: fc.constant([slots]),
  });
  return fc
    .tuple(fc.oneof(direct, oldest), fc.boolean())
    .map(([of, isIterative]) => ({ ...of, ...(isIterative && { isIterative }) }));
}

function dynamicBatching(maxBatchSize: number, levels: number) {
  const sizes =
    maxBatchSize === 0
      ? fc.constant<number[]>([])
      : fc.uniqueArray(fc.integer({ min: 1, max: maxBatchSize }), { minLength: 1, maxLength: 4 });
  const policies = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: Math.max(1, levels) }), queuePolicy), {
    selector: ([level]) => level,
    maxLength: levels,
  });
  return fc.record({
    preferredBatchSizes: sizes.map((list) => list.sort((a, b) => a - b)),
    maxQueueDelayUs: fc.nat(1e9),
    preserveOrdering: fc.constant(false),
    priorityLevels: fc.constant(levels),
    defaultPriorityLevel: levels === 0 ? fc.constant(0) : fc.integer({ min: 1, max: levels }),
    defaultQueuePolicy: queuePolicy,
    priorityQueuePolicy: policies.map((list) => new Map(list.sort(([a], [b]) => a - b))),
  });
}

/** Plain fields as protobuf text, in one of several ways of writing it. */
function toText(fields: Record<string, unknown>, style: number): string {
  const colon = style % 2 === 0 ? ': ' : ' ';
  return Object.entries(fields)
    .map(([name, value]) => {
      if (name === 'priority_queue_policy') {
        return Object.entries(value as object)
          .map(([key, policy]) => `${name} { key: ${key} value${colon}{ ${toText(policy, style)} } }`)
          .join('\n');
      }
      if (Array.isArray(value)) {
        const items = value.map((item) =>
          typeof item === 'object' ? `{ ${toText(item as Record<string, unknown>, style)} }` : literal(item),
        );
        const isList = style % 3 === 0 || items.length === 0;
        return isList
          ? `${name}: [ ${items.join(', ')} ]`
          : items.map((item) => `${name}: ${item}`).join(' ');
      }
      if (typeof value !== 'object' || value === null) return `${name}: ${literal(value)}`;
      return `${name}${colon}{ ${toText(value as Record<string, unknown>, style)} }`;
    })
    .join(style % 5 === 0 ? '; ' : '\n');
}

function literal(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  if (/^(TYPE|KIND)_|^(REJECT|DELAY)$/.test(value)) return value;
  return JSON.stringify(value);
}

describe('a model configuration', () => {
  it('written as fields and read again as protobuf text is the same', () => {
    fc.assert(
      fc.property(modelConfig, fc.nat(30), (config, style) => {
        const problems = new ProblemList();
        const text = toText(writeModelConfigFields(config), style);
        const source = readModelConfigText(text, 'config.pbtxt', problems);
        expect(problems.problems).toEqual([]);
        expect(interpretModelConfig(source!, MODEL, problems)).toEqual(config);
      }),
      { numRuns: cases(300) },
    );
  });

  it('written as fields and read again as JSON is the same', () => {
    fc.assert(
      fc.property(modelConfig, (config) => {
        const problems = new ProblemList();
        const json = JSON.parse(JSON.stringify(writeModelConfigFields(config)));
        const source = { fields: modelConfigFieldsSchema.parse(json), placeOf: () => ({}) };
        const again = interpretModelConfig(source, MODEL, problems);
        expect(problems.problems).toEqual([]);
        expect(again).toEqual(config);
      }),
      { numRuns: cases(300) },
    );
  });
});
