import type { RepositoryModel } from '../triton/repository-model.js';

/** Models that are calibrated, each in one configuration. */
export const CALIBRATED: readonly RepositoryModel[] = [
  { kind: 'sleeping', name: 'small', fixedUs: 1000, itemUs: 100, dynamicBatching: {} },
  {
    kind: 'sleeping',
    name: 'medium',
    fixedUs: 2000,
    itemUs: 250,
    dynamicBatching: { maxQueueDelayUs: 500 },
  },
  { kind: 'sleeping', name: 'large', fixedUs: 5000, itemUs: 1000, maxBatchSize: 16, dynamicBatching: {} },
  {
    kind: 'onnx',
    name: 'mobilenet',
    network: { architecture: 'mobilenet_v1', size: 96 },
    dynamicBatching: {},
  },
  { kind: 'onnx', name: 'resnet18', network: { architecture: 'resnet18', size: 64 }, dynamicBatching: {} },
  { kind: 'onnx', name: 'mlp', network: { architecture: 'mlp', size: 2048 }, dynamicBatching: {} },
];

/** A model that calibration never sees: the work of a calibrated one, `profile`, under other settings. */
export type VariantModel = RepositoryModel & { readonly profile: string };

export const VARIANTS: readonly VariantModel[] = [
  { ...sleepingMedium('medium_delay_0'), dynamicBatching: {} },
  { ...sleepingMedium('medium_delay_2'), dynamicBatching: { maxQueueDelayUs: 2000 } },
  { ...sleepingMedium('medium_delay_8'), dynamicBatching: { maxQueueDelayUs: 8000 } },
  {
    ...sleepingMedium('medium_limit'),
    dynamicBatching: { maxQueueDelayUs: 500, defaultQueuePolicy: { maxQueueSize: 64 } },
  },
  { ...sleepingMedium('medium_two'), instances: 2, dynamicBatching: { maxQueueDelayUs: 500 } },
];

function sleepingMedium(name: string) {
  return { kind: 'sleeping', name, profile: 'medium', fixedUs: 2000, itemUs: 250 } as const;
}
