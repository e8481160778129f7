import type { RepositoryModel } from '../triton/repository-model.js';
import type { VariantModel } from './models.js';

/**
 * Models far from the sample's: executions of a quarter of a millisecond and of 40, turns of milliseconds on one lock, networks of
 * twenty to forty milliseconds with images of 300 and 600 kB, and one whose executions cost less than its requests.
 */
export const FAR_CALIBRATED: readonly RepositoryModel[] = [
  {
    kind: 'sleeping',
    name: 'tiny',
    fixedUs: 200,
    itemUs: 20,
    maxBatchSize: 64,
    dynamicBatching: { maxQueueDelayUs: 300 },
  },
  { kind: 'sleeping', name: 'long', fixedUs: 40_000, itemUs: 4000, instances: 2, dynamicBatching: {} },
  {
    kind: 'locked',
    name: 'turns_short',
    device: 'far',
    fixedUs: 2000,
    itemUs: 500,
    spread: 0.1,
    dynamicBatching: {},
  },
  { kind: 'locked', name: 'turns_long', device: 'far', fixedUs: 6000, itemUs: 300, dynamicBatching: {} },
  {
    kind: 'onnx',
    name: 'mobile224',
    network: { architecture: 'mobilenet_v1', size: 224 },
    maxBatchSize: 4,
    dynamicBatching: {},
  },
  {
    kind: 'onnx',
    name: 'res160',
    network: { architecture: 'resnet18', size: 160 },
    maxBatchSize: 2,
    dynamicBatching: {},
  },
  {
    kind: 'onnx',
    name: 'mlp512',
    network: { architecture: 'mlp', size: 512 },
    maxBatchSize: 32,
    dynamicBatching: { maxQueueDelayUs: 1000 },
  },
];

export const FAR_VARIANTS: readonly VariantModel[] = [
  {
    kind: 'onnx',
    name: 'mobile224_default',
    profile: 'mobile224',
    network: { architecture: 'mobilenet_v1', size: 224 },
    maxBatchSize: 4,
  },
];
