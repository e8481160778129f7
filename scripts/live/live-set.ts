import type { RepositoryModel } from '../triton/repository-model.js';
import { FAR_CALIBRATED, FAR_VARIANTS } from './far-models.js';
import { CALIBRATED, VARIANTS, type VariantModel } from './models.js';
import { OTHER_CALIBRATED, OTHER_VARIANTS } from './other-models.js';
import {
  FAR_YARDSTICK_CASES,
  OTHER_YARDSTICK_CASES,
  YARDSTICK_CASES,
  type YardstickCase,
} from './yardstick-cases.js';

/** Models, the loads that they are measured under, and where that is kept. */
export interface LiveSet {
  readonly calibrated: readonly RepositoryModel[];
  readonly variants: readonly VariantModel[];
  readonly yardstickCases: readonly YardstickCase[];
  /** Points and runs as they were measured; not part of the repository. */
  readonly kept: string;
  /** What perf_analyzer saw beside what was simulated. */
  readonly yardstickResults: string;
}

export const LIVE_SETS = {
  sample: {
    calibrated: CALIBRATED,
    variants: VARIANTS,
    yardstickCases: YARDSTICK_CASES,
    kept: '.tmp/live',
    yardstickResults: 'results/live/perf-analyzer.md',
  },
  other: {
    calibrated: OTHER_CALIBRATED,
    variants: OTHER_VARIANTS,
    yardstickCases: OTHER_YARDSTICK_CASES,
    kept: '.tmp/live-other',
    yardstickResults: 'results/live/other-models.md',
  },
  far: {
    calibrated: FAR_CALIBRATED,
    variants: FAR_VARIANTS,
    yardstickCases: FAR_YARDSTICK_CASES,
    kept: '.tmp/live-far',
    yardstickResults: 'results/live/far-models.md',
  },
} satisfies Record<string, LiveSet>;
