import { type RepositoryModel, sleeping } from '../triton/repository-model.js';

/** A model that is served, and whose work it does: a profile of calibration/cpu-sample. */
type ServedWork = RepositoryModel & { readonly profile: string };

const MEDIUM = [2000, 250] as const;

/** Work that was calibrated, under the default batcher, one that waits for preferred sizes, several instances, none. */
export const MODELS: readonly ServedWork[] = [
  { ...sleeping('default_batcher', MEDIUM), profile: 'medium' },
  {
    ...sleeping(
      'preferred_sizes',
      MEDIUM,
      { preferred_batch_size: [4, 8], max_queue_delay_microseconds: 3000 },
      { maxBatchSize: 16 },
    ),
    profile: 'medium',
  },
  {
    ...sleeping('two_instances', MEDIUM, { max_queue_delay_microseconds: 500 }, { instances: 2 }),
    profile: 'medium',
  },
  { ...sleeping('large_batches', [5000, 1000], {}, { maxBatchSize: 16 }), profile: 'large' },
  { ...sleeping('no_batcher', [1000, 100], 'none', { instances: 2 }), profile: 'small' },
];

/** Closed-loop clients of one model. */
export interface ClosedLoopCase {
  readonly name: string;
  readonly model: string;
  readonly clients: number;
  /** What about it answers, for perf_analyzer wants to know how many requests to send. */
  readonly aboutPerS: number;
}

function loop(model: string, clients: number, aboutPerS: number): ClosedLoopCase {
  return { name: `${model}, ${clients}`, model, clients, aboutPerS };
}

export const CASES: readonly ClosedLoopCase[] = [
  loop('default_batcher', 1, 350),
  loop('default_batcher', 8, 1100),
  loop('default_batcher', 24, 1500),
  loop('default_batcher', 64, 1500),
  loop('preferred_sizes', 4, 650),
  loop('preferred_sizes', 16, 1600),
  loop('preferred_sizes', 48, 2100),
  loop('two_instances', 2, 550),
  loop('two_instances', 8, 1550),
  loop('two_instances', 32, 2400),
  loop('large_batches', 24, 700),
  loop('no_batcher', 16, 1400),
];
