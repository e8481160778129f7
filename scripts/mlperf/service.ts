import { probit } from 'simple-statistics';
import type { ServicePoint, Spread } from '../../src/profile/profile.js';
import { plainPoint } from '../support/made-scenario.js';
import { round4 } from '../support/source-table.js';
import { LATE_FACTOR, type Rules } from './rules.js';

/** What is published of a system without load, for one GPU or slice. */
export interface SoloFigures {
  /** Median of SingleStream. */
  readonly singleMs: number;
  readonly multi?: { readonly samples: number; readonly ms: number };
  /** Offline, one GPU's or slice's part of it. */
  readonly offlinePerS: number;
  readonly batchSize: number;
  /** Executions that run side by side on a GPU. */
  readonly streams: number;
}

/** Most of a sample's time on the GPU that counts as a copy beside it. */
const MOST_COPY_SHARE = 0.5;

/**
 * Service times by batch size. A sample of a large batch takes 1 / Offline. What it takes longer in MultiStream is a copy, which
 * runs beside the execution before. What one sample alone takes longer is the fixed part of an execution; `streams` side by side
 * hide it from each other, and only a share of it is left on the GPU.
 */
export function servicePoints(solo: SoloFigures, rules: Rules): readonly ServicePoint[] {
  const { multi, batchSize } = solo;
  const sizes = [1, ...(multi === undefined ? [] : [multi.samples]), batchSize].filter(
    (size) => size <= batchSize,
  );
  return [...new Set(sizes)].sort((a, b) => a - b).map((size) => pointOf(size, solo, rules));
}

function pointOf(size: number, solo: SoloFigures, rules: Rules): ServicePoint {
  const { singleMs, multi, offlinePerS, streams } = solo;
  const sampleMs = 1000 / (offlinePerS * rules.onlineShare);
  const measuredMs = multi === undefined ? sampleMs : (multi.ms - singleMs) / Math.max(1, multi.samples - 1);
  const copyMs = Math.min(Math.max(0, measuredMs - sampleMs), MOST_COPY_SHARE * sampleMs);
  const slopeMs = Math.min(measuredMs, sampleMs + copyMs);
  const known = multi?.samples ?? 1;
  const latencyMs =
    size <= known
      ? singleMs + (size - 1) * slopeMs
      : singleMs + (known - 1) * slopeMs + (size - known) * (sampleMs + copyMs);
  const fixedMs = Math.max(0, latencyMs - size * (sampleMs + copyMs));
  const inferMs = size * sampleMs + fixedMs / streams ** rules.hiding;
  const gatherMs = ((size - 1) * rules.gatherUs) / 1000;
  return plainPoint(size, round4(inferMs), {
    inputMs: round4(Math.max(0, latencyMs - inferMs) + gatherMs),
  });
}

/** Equally spaced quantiles: the outer of so many are beyond what any figure here asks for. */
const QUANTILES = 100;

/** Lognormal executions, of which some are late by {@link LATE_FACTOR}; the mean stays. */
export function spreadOf({ cv, latePercent }: Rules): Spread {
  if (latePercent === 0) return cv === 0 ? { law: 'none' } : { law: 'lognormal', cv };
  const sigma = Math.sqrt(Math.log(1 + cv * cv));
  const raw = Array.from({ length: QUANTILES }, (_, i) => {
    const ratio = Math.exp(sigma * probit((i + 0.5) / QUANTILES));
    return i < QUANTILES - latePercent ? ratio : ratio * LATE_FACTOR;
  });
  const mean = raw.reduce((sum, ratio) => sum + ratio, 0) / QUANTILES;
  return { law: 'empirical', ratios: raw.map((ratio) => round4(ratio / mean)) };
}
