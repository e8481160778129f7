import { plural } from '../../base/plural.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import { placeInstances } from '../../scenario/check/instances.js';
import { type DynamicBatching, type ModelConfig, PLAIN_BATCHING } from '../../scenario/model-config.js';
import type { ServedModel, Server } from '../../scenario/scenario.js';

/** What tuning may change of one model: the settings that Model Analyzer searches, and the queue's limit. */
export interface ModelSetting {
  /** Instances on each device of the model (on the host for KIND_CPU). */
  readonly instances: number;
  readonly maxBatchSize: number;
  /** Absent: the default scheduler, which runs each request as it came. */
  readonly batching?: BatchingSetting;
}

export interface BatchingSetting {
  /** Ascending, each 1..maxBatchSize. */
  readonly preferredBatchSizes: readonly number[];
  readonly maxQueueDelayUs: number;
  /** Most requests waiting; 0 = no limit. */
  readonly maxQueueSize: number;
}

/** The setting that a model has now. Groups of unequal counts are described by the largest. */
export function settingOf({ config }: ServedModel): ModelSetting {
  const counts = config.instanceGroups.flatMap(({ passive, count }) => (passive ? [] : [count]));
  const { dynamicBatching: batching } = config;
  return {
    instances: counts.reduce((most, count) => Math.max(most, count), 1),
    maxBatchSize: config.maxBatchSize,
    ...(batching && {
      batching: {
        preferredBatchSizes: batching.preferredBatchSizes,
        maxQueueDelayUs: batching.maxQueueDelayUs,
        maxQueueSize: batching.defaultQueuePolicy.maxQueueSize,
      },
    }),
  };
}

/**
 * The model under another setting: every instance group gets that many instances, placed as Triton
 * places them. What tuning does not change (priorities, timeouts, tensors) stays. The model's own
 * setting gives the model back as it is.
 */
export function withSetting(model: ServedModel, setting: ModelSetting, server: Server): ServedModel {
  if (settingKey(setting) === settingKey(settingOf(model))) return model;
  const config = configWith(model.config, setting);
  const kindOf = (device: number) => server.devices[device]?.kind ?? CPU_KIND;
  // What stands for the host's cores comes after the GPUs, and is no device that a configuration could name.
  const devices = server.devices
    .filter(({ kind }) => kind !== CPU_KIND)
    .map((device) => ({ device, path: [] }));
  const profileOf = (kind: string) => model.instances.find(({ device }) => kindOf(device) === kind)?.profile;
  const cores = model.instances.find(({ device }) => kindOf(device) === CPU_KIND)?.device ?? -1;
  const instances = placeInstances(config, devices, profileOf, { server: server.name, warn: () => {} }).map(
    (instance) => (instance.device < 0 ? { ...instance, device: cores } : instance),
  );
  return { ...model, config, instances };
}

/** Equal for equal settings, and only for them. */
export function settingKey({ instances, maxBatchSize, batching }: ModelSetting): string {
  const dynamic = batching && [
    batching.preferredBatchSizes.join('+'),
    batching.maxQueueDelayUs,
    batching.maxQueueSize,
  ];
  return [instances, maxBatchSize, ...(dynamic ?? ['off'])].join('/');
}

/** `2 instances, max batch 8, preferred 4+8, delay 500 µs, queue limit 32`. */
export function describeSetting({ instances, maxBatchSize, batching }: ModelSetting): string {
  const count = `${instances} ${plural(instances, 'instance')}`;
  const size = maxBatchSize === 0 ? 'no batch dimension' : `max batch ${maxBatchSize}`;
  if (batching === undefined) return `${count}, ${size}, no dynamic batching`;
  const { preferredBatchSizes, maxQueueDelayUs, maxQueueSize } = batching;
  const limit = maxQueueSize === 0 ? 'no queue limit' : `queue limit ${maxQueueSize}`;
  const preferred = preferredBatchSizes.length === 0 ? '' : ` preferred ${preferredBatchSizes.join('+')},`;
  return `${count}, ${size},${preferred} delay ${maxQueueDelayUs} µs, ${limit}`;
}

/** A configuration under another setting; what tuning does not change stays. */
export function configWith(
  config: ModelConfig,
  { instances, maxBatchSize, batching }: ModelSetting,
): ModelConfig {
  const { dynamicBatching, ...rest } = config;
  return {
    ...rest,
    maxBatchSize,
    instanceGroups: config.instanceGroups.map((group) =>
      group.passive ? group : { ...group, count: instances },
    ),
    ...(batching && { dynamicBatching: batchingWith(dynamicBatching ?? PLAIN_BATCHING, batching) }),
  };
}

function batchingWith(now: DynamicBatching, setting: BatchingSetting): DynamicBatching {
  const { preferredBatchSizes, maxQueueDelayUs, maxQueueSize } = setting;
  const defaultQueuePolicy = { ...now.defaultQueuePolicy, maxQueueSize };
  return { ...now, preferredBatchSizes, maxQueueDelayUs, defaultQueuePolicy };
}
