import type { RepositoryModel } from '../triton/repository-model.js';
import type { YardstickCase } from './yardstick-cases.js';

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

export const OTHER_VARIANTS: readonly (RepositoryModel & { readonly profile: string })[] = [
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

/** One to six tenants at once. */
export const OTHER_YARDSTICK_CASES: readonly YardstickCase[] = [
  {
    name: 'three that wait',
    group: 'sleeping',
    loads: [
      { model: 'quick', ratePerS: 800 },
      { model: 'slow', ratePerS: 250 },
      { model: 'single', ratePerS: 500 },
    ],
  },
  { name: 'preferred sizes, high', group: 'sleeping', loads: [{ model: 'quick', ratePerS: 1800 }] },
  { name: 'default scheduler', group: 'sleeping', loads: [{ model: 'quick_default', ratePerS: 600 }] },
  {
    name: 'two networks',
    group: 'onnx',
    loads: [
      { model: 'mobile128', ratePerS: 70 },
      { model: 'res96', ratePerS: 25 },
    ],
  },
  {
    name: 'many small requests beside a network',
    group: 'onnx',
    loads: [
      { model: 'mlp1024', ratePerS: 600 },
      { model: 'mobile128', ratePerS: 50 },
    ],
  },
  {
    name: 'all six',
    group: 'onnx',
    loads: [
      { model: 'quick', ratePerS: 200 },
      { model: 'slow', ratePerS: 60 },
      { model: 'single', ratePerS: 150 },
      { model: 'mobile128', ratePerS: 40 },
      { model: 'res96', ratePerS: 12 },
      { model: 'mlp1024', ratePerS: 150 },
    ],
  },
  {
    name: 'two instances',
    group: 'onnx',
    loads: [
      { model: 'mobile128_two', ratePerS: 120 },
      { model: 'slow', ratePerS: 100 },
    ],
  },
];
