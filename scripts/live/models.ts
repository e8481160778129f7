import { locked, onnx, type RepositoryModel, sleeping } from '../triton/repository-model.js';

/** A model that calibration never sees: the work of a calibrated one, `profile`, under other settings. */
export type VariantModel = RepositoryModel & { readonly profile: string };

/** Models that are calibrated, each in one configuration, and others that do the same work. */
export interface ServedModels {
  readonly calibrated: readonly RepositoryModel[];
  readonly variants: readonly VariantModel[];
}

const MEDIUM = [2000, 250] as const;

export const SAMPLE: ServedModels = {
  calibrated: [
    sleeping('small', [1000, 100]),
    sleeping('medium', MEDIUM, { max_queue_delay_microseconds: 500 }),
    sleeping('large', [5000, 1000], {}, { maxBatchSize: 16 }),
    onnx('mobilenet', 'mobilenet_v1', 96),
    onnx('resnet18', 'resnet18', 64),
    onnx('mlp', 'mlp', 2048),
  ],
  variants: [
    sleeping('medium_delay_0', MEDIUM),
    sleeping('medium_delay_2', MEDIUM, { max_queue_delay_microseconds: 2000 }),
    sleeping('medium_delay_8', MEDIUM, { max_queue_delay_microseconds: 8000 }),
    sleeping('medium_limit', MEDIUM, {
      max_queue_delay_microseconds: 500,
      default_queue_policy: { max_queue_size: 64 },
    }),
    sleeping('medium_two', MEDIUM, { max_queue_delay_microseconds: 500 }, { instances: 2 }),
  ].map((model) => ({ ...model, profile: 'medium' })),
};

/** Other sizes, batch limits, schedulers and numbers of instances than those of the sample: whether rules made on that hold here. */
export const OTHER: ServedModels = {
  calibrated: [
    sleeping(
      'quick',
      [700, 300],
      { preferred_batch_size: [4, 8], max_queue_delay_microseconds: 1000 },
      { maxBatchSize: 32 },
    ),
    sleeping('slow', [8000, 200], {}, { maxBatchSize: 4, spread: 0.15 }),
    sleeping('single', [1500, 0], 'none', { maxBatchSize: 0, instances: 2 }),
    onnx('mobile128', 'mobilenet_v1', 128, { max_queue_delay_microseconds: 2000 }, { maxBatchSize: 4 }),
    onnx('res96', 'resnet18', 96),
    onnx('mlp1024', 'mlp', 1024, {}, { maxBatchSize: 16, instances: 2 }),
  ],
  variants: [
    {
      ...onnx('mobile128_two', 'mobilenet_v1', 128, {}, { maxBatchSize: 4, instances: 2 }),
      profile: 'mobile128',
    },
    { ...sleeping('quick_default', [700, 300], 'none', { maxBatchSize: 32 }), profile: 'quick' },
  ],
};

/**
 * Models far from the sample's: executions of a quarter of a millisecond and of 40, turns of milliseconds on one lock, networks of
 * twenty to forty milliseconds with images of 300 and 600 kB, and one whose executions cost less than its requests.
 */
export const FAR: ServedModels = {
  calibrated: [
    sleeping('tiny', [200, 20], { max_queue_delay_microseconds: 300 }, { maxBatchSize: 64 }),
    sleeping('long', [40_000, 4000], {}, { instances: 2 }),
    locked('turns_short', [2000, 500], 'far', { spread: 0.1 }),
    locked('turns_long', [6000, 300], 'far'),
    onnx('mobile224', 'mobilenet_v1', 224, {}, { maxBatchSize: 4 }),
    onnx('res160', 'resnet18', 160, {}, { maxBatchSize: 2 }),
    onnx('mlp512', 'mlp', 512, { max_queue_delay_microseconds: 1000 }, { maxBatchSize: 32 }),
  ],
  variants: [
    { ...onnx('mobile224_default', 'mobilenet_v1', 224, 'none', { maxBatchSize: 4 }), profile: 'mobile224' },
  ],
};
