import * as z from 'zod';
import type {
  DynamicBatching,
  EnsembleConfig,
  GroupLimits,
  InstanceGroup,
  ModelConfig,
  QueuePolicy,
  SequenceBatching,
  TensorConfig,
} from '../scenario/model-config.js';

/** A schema for every field: one that is new to the type does not compile until it is here too. */
type Fields<T> = { readonly [Key in keyof T]-?: z.ZodType<T[Key]> };

export function record<T>(fields: Fields<T>): z.ZodType<T> {
  return z.strictObject(fields) as unknown as z.ZodType<T>;
}

export const text = z.string();
export const figure = z.number().or(z.literal(Number.POSITIVE_INFINITY));
export const amount = z.number().min(0).or(z.literal(Number.POSITIVE_INFINITY));
export const index = z.int().min(0);
export const flag = z.boolean();
/** As `digest` writes it: it becomes part of the name of a key. */
export const hash = z.string().regex(/^[0-9a-f]{32}$/, 'is no address of content');

const queuePolicy = record<QueuePolicy>({
  timeoutAction: z.enum(['REJECT', 'DELAY']),
  defaultTimeoutUs: amount,
  allowTimeoutOverride: flag,
  maxQueueSize: index,
});

const dynamicBatching = record<DynamicBatching>({
  preferredBatchSizes: z.array(index),
  maxQueueDelayUs: amount,
  preserveOrdering: flag,
  priorityLevels: index,
  defaultPriorityLevel: index,
  defaultQueuePolicy: queuePolicy,
  priorityQueuePolicy: z.map(z.number(), queuePolicy),
});

const tensor = record<TensorConfig>({
  name: text,
  dataType: text,
  dims: z.array(z.int()),
  allowRaggedBatch: flag,
  optional: flag,
  isShapeTensor: flag.exactOptional(),
});

const groupLimits = record<GroupLimits>({
  resources: z.array(record<GroupLimits['resources'][number]>({ name: text, count: index, global: flag })),
  priority: index,
});

const instanceGroup = record<InstanceGroup>({
  name: text,
  kind: z.enum(['KIND_AUTO', 'KIND_GPU', 'KIND_CPU', 'KIND_MODEL']),
  count: index,
  gpus: z.array(index),
  passive: flag,
  rateLimiter: groupLimits.exactOptional(),
});

const slots = {
  maxSequenceIdleUs: amount,
  slots: index,
  maxQueueDelayUs: amount,
  isIterative: z.literal(true).exactOptional(),
};
const sequences = z.union([
  z.strictObject({ ...slots, kind: z.literal('direct'), minSlotUtilization: figure }),
  z.strictObject({ ...slots, kind: z.literal('oldest'), preferredBatchSizes: z.array(index) }),
]) as z.ZodType<SequenceBatching>;

export const modelConfig = record<ModelConfig>({
  name: text,
  platform: text,
  backend: text,
  maxBatchSize: index,
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  instanceGroups: z.array(instanceGroup),
  dynamicBatching: dynamicBatching.exactOptional(),
  eagerBatching: flag.exactOptional(),
  responseCache: flag.exactOptional(),
  sequences: sequences.exactOptional(),
  decoupled: flag.exactOptional(),
  ensemble: record<EnsembleConfig>({
    steps: z.array(
      record<EnsembleConfig['steps'][number]>({
        model: text,
        inputs: z.map(text, text),
        outputs: z.map(text, text),
      }),
    ),
    maxInFlight: index.exactOptional(),
  }).exactOptional(),
});
