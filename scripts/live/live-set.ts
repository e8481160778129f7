import type { RepositoryModel } from '../triton/repository-model.js';
import {
  CROSS_CHECK_CASES,
  type CrossCheckCase,
  FAR_CROSS_CHECK_CASES,
  OTHER_CROSS_CHECK_CASES,
} from './cross-check-cases.js';
import { FAR_CALIBRATED, FAR_VARIANTS } from './far-models.js';
import { CALIBRATED, VARIANTS, type VariantModel } from './models.js';
import { OTHER_CALIBRATED, OTHER_VARIANTS } from './other-models.js';

/** Models, the loads that they are measured under, and where that is kept. */
export interface LiveSet {
  readonly calibrated: readonly RepositoryModel[];
  readonly variants: readonly VariantModel[];
  readonly crossCheckCases: readonly CrossCheckCase[];
  /** Points and runs as they were measured; not part of the repository. */
  readonly kept: string;
  /** What perf_analyzer saw beside what was simulated. */
  readonly crossCheckResults: string;
}

export const LIVE_SETS = {
  sample: {
    calibrated: CALIBRATED,
    variants: VARIANTS,
    crossCheckCases: CROSS_CHECK_CASES,
    kept: '.tmp/live',
    crossCheckResults: 'results/live/perf-analyzer.md',
  },
  other: {
    calibrated: OTHER_CALIBRATED,
    variants: OTHER_VARIANTS,
    crossCheckCases: OTHER_CROSS_CHECK_CASES,
    kept: '.tmp/live-other',
    crossCheckResults: 'results/live/other-models.md',
  },
  far: {
    calibrated: FAR_CALIBRATED,
    variants: FAR_VARIANTS,
    crossCheckCases: FAR_CROSS_CHECK_CASES,
    kept: '.tmp/live-far',
    crossCheckResults: 'results/live/far-models.md',
  },
} satisfies Record<string, LiveSet>;
