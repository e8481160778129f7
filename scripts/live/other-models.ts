import type { RepositoryModel } from '../triton/repository-model.js';
import type { VariantModel } from './models.js';

/** Other sizes, batch limits, schedulers and numbers of instances than those of the sample: whether rules made on that hold here. */
export const OTHER_CALIBRATED: readonly RepositoryModel[] = [
  {
    kind: 'sleeping',
    name: 'quick',
    fixedUs: 700,
    itemUs: 300,
    maxBatchSize: 32,
    dynamicBatching: { preferredBatchSizes: [4, 8], maxQueueDelayUs: 1000 },
  },
  {
    kind: 'sleeping',
    name: 'slow',
    fixedUs: 8000,
    itemUs: 200,
    maxBatchSize: 4,
    spread: 0.15,
    dynamicBatching: {},
  },
  { kind: 'sleeping', name: 'single', fixedUs: 1500, itemUs: 0, maxBatchSize: 0, instances: 2 },
  {
    kind: 'onnx',
    name: 'mobile128',
    network: { architecture: 'mobilenet_v1', size: 128 },
    maxBatchSize: 4,
    dynamicBatching: { maxQueueDelayUs: 2000 },
  },
  { kind: 'onnx', name: 'res96', network: { architecture: 'resnet18', size: 96 }, dynamicBatching: {} },
  {
    kind: 'onnx',
    name: 'mlp1024',
    network: { architecture: 'mlp', size: 1024 },
    maxBatchSize: 16,
    instances: 2,
    dynamicBatching: {},
  },
];

export const OTHER_VARIANTS: readonly VariantModel[] = [
  {
    kind: 'onnx',
    name: 'mobile128_two',
    profile: 'mobile128',
    network: { architecture: 'mobilenet_v1', size: 128 },
    maxBatchSize: 4,
    instances: 2,
    dynamicBatching: {},
  },
  {
    kind: 'sleeping',
    name: 'quick_default',
    profile: 'quick',
    fixedUs: 700,
    itemUs: 300,
    maxBatchSize: 32,
  },
];
