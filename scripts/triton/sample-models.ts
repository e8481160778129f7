import { locked, onnx, type RepositoryModel, sleeping } from './repository-model.js';

const MEDIUM = [2000, 250] as const;

/** What `npm run triton` serves: one model for each thing that can be tried. */
export const SAMPLE_MODELS: readonly RepositoryModel[] = [
  // Executions of known length: what they show is scheduling.
  sleeping('sleep_small', [1000, 100]),
  sleeping('sleep_large', [5000, 1000], {}, { maxBatchSize: 16 }),
  sleeping('sleep_two_instances', MEDIUM, {}, { instances: 2 }),
  sleeping('sleep_delay_500us', MEDIUM, { max_queue_delay_microseconds: 500 }),
  sleeping('sleep_queue_limit', MEDIUM, {
    max_queue_delay_microseconds: 500,
    default_queue_policy: { max_queue_size: 32 },
  }),
  sleeping('sleep_priorities', MEDIUM, {
    priority_levels: 2,
    default_priority_level: 2,
    priority_queue_policy: new Map([
      [1, { timeout_action: 'DELAY', default_timeout_microseconds: 20_000 }],
      [2, { timeout_action: 'REJECT', default_timeout_microseconds: 50_000, allow_timeout_override: true }],
    ]),
  }),
  sleeping('sleep_spread', [3000, 300], {}, { spread: 0.15 }),
  sleeping('sleep_default_scheduler', MEDIUM, 'none'),
  sleeping('sleep_unbatched', [1500, 0], 'none', { maxBatchSize: 0 }),
  // Turns on one pretended device.
  locked('turns_short', [1000, 200], 'gpu0', { sliceUs: 1000 }),
  locked('turns_long', [4000, 500], 'gpu0', { sliceUs: 1000 }),
  // Networks that compete for the cores.
  onnx('mobilenet_v1', 'mobilenet_v1', 96),
  onnx('resnet18', 'resnet18', 64),
  onnx('mlp', 'mlp', 2048),
];
