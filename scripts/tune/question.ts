import type { SpaceOptions } from '../../src/plan/tune/space.js';

/** Two networks that share the cores of one server. */
export const MODELS: readonly string[] = ['mobilenet_v1', 'resnet18'];

/** Geometric mean of the models' inferences/s: what Model Analyzer ranks by when it profiles models together. */
export const OBJECTIVE = 'balanced';

/** The largest values of a search. */
export interface SearchLimits {
  readonly instances: number;
  readonly maxBatchSize: number;
  readonly concurrency: number;
}

const LIMITS: SearchLimits = { instances: 2, maxBatchSize: 8, concurrency: 16 };

/** What perseus tries within those limits. */
export const SPACE: SpaceOptions = {
  instances: [1, 2],
  maxBatchSizes: [1, 2, 4, 8],
  delaysUs: [0, 500, 2000],
  preferred: ['max'],
  concurrency: [1, 2, 4, 8, 16],
};

/** How much is done. */
export interface Effort {
  /** Of Model Analyzer; perseus searches the whole space in any case. */
  readonly limits: SearchLimits;
  readonly calibrationS: number;
  /** Of each run, live and simulated, and the part of it that is not counted. */
  readonly durationS: number;
  readonly warmUpS: number;
}

export const FULL: Effort = { limits: LIMITS, calibrationS: 150, durationS: 15, warmUpS: 2 };

/** As little as shows that everything works. */
export const DRY: Effort = {
  limits: { instances: 1, maxBatchSize: 1, concurrency: 1 },
  calibrationS: 20,
  durationS: 2,
  warmUpS: 0.5,
};
