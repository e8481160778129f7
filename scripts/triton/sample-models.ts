import type { RepositoryModel } from './repository-model.js';

/** What `npm run triton` serves: one model for each thing that can be tried. */
export const SAMPLE_MODELS: readonly RepositoryModel[] = [
  // Executions of known length: what they show is scheduling.
  { kind: 'sleeping', name: 'sleep_small', fixedUs: 1000, itemUs: 100, dynamicBatching: {} },
  {
    kind: 'sleeping',
    name: 'sleep_large',
    fixedUs: 5000,
    itemUs: 1000,
    maxBatchSize: 16,
    dynamicBatching: {},
  },
  {
    kind: 'sleeping',
    name: 'sleep_two_instances',
    fixedUs: 2000,
    itemUs: 250,
    instances: 2,
    dynamicBatching: {},
  },
  {
    kind: 'sleeping',
    name: 'sleep_delay_500us',
    fixedUs: 2000,
    itemUs: 250,
    dynamicBatching: { maxQueueDelayUs: 500 },
  },
  {
    kind: 'sleeping',
    name: 'sleep_queue_limit',
    fixedUs: 2000,
    itemUs: 250,
    dynamicBatching: { maxQueueDelayUs: 500, defaultQueuePolicy: { maxQueueSize: 32 } },
  },
  {
    kind: 'sleeping',
    name: 'sleep_priorities',
    fixedUs: 2000,
    itemUs: 250,
    dynamicBatching: {
      priorityLevels: 2,
      defaultPriorityLevel: 2,
      priorityQueuePolicy: new Map([
        [1, { timeoutAction: 'DELAY', defaultTimeoutUs: 20_000 }],
        [2, { timeoutAction: 'REJECT', defaultTimeoutUs: 50_000, allowTimeoutOverride: true }],
      ]),
    },
  },
  { kind: 'sleeping', name: 'sleep_spread', fixedUs: 3000, itemUs: 300, spread: 0.15, dynamicBatching: {} },
  { kind: 'sleeping', name: 'sleep_default_scheduler', fixedUs: 2000, itemUs: 250 },
  { kind: 'sleeping', name: 'sleep_unbatched', fixedUs: 1500, itemUs: 0, maxBatchSize: 0 },
  // Turns on one pretended device.
  {
    kind: 'locked',
    name: 'turns_short',
    fixedUs: 1000,
    itemUs: 200,
    device: 'gpu0',
    sliceUs: 1000,
    dynamicBatching: {},
  },
  {
    kind: 'locked',
    name: 'turns_long',
    fixedUs: 4000,
    itemUs: 500,
    device: 'gpu0',
    sliceUs: 1000,
    dynamicBatching: {},
  },
  // Networks that compete for the cores.
  {
    kind: 'onnx',
    name: 'mobilenet_v1',
    network: { architecture: 'mobilenet_v1', size: 96 },
    dynamicBatching: {},
  },
  { kind: 'onnx', name: 'resnet18', network: { architecture: 'resnet18', size: 64 }, dynamicBatching: {} },
  { kind: 'onnx', name: 'mlp', network: { architecture: 'mlp', size: 2048 }, dynamicBatching: {} },
];
