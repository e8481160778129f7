import { groupBy } from '../../src/base/group-by.js';
import { type Compared, errorPercent, medianError } from '../support/points.js';

/** What stands behind a prediction. */
export type Basis =
  /** The constants were fitted on this test. */
  | 'fitted'
  /** The test, or the pass, had no part in the constants. */
  | 'predicted'
  /** As `predicted`, but it needs service times of batches below 8, of which nothing was measured. */
  | 'extrapolated';

/** A measured figure beside its prediction; milliseconds, or 1/s. */
export interface Point extends Compared {
  /** Number of the test, or `frontier`. */
  readonly test: number | 'frontier';
  /** The line of the figure, e.g. `One-P4`; null for a test. */
  readonly setup: string | null;
  readonly model: string;
  /** What the model shares with another: nothing, its server's host, or its GPU. */
  readonly sharing: 'none' | 'host' | 'gpu';
  /** Pass, or number of the frontier's point, from 1; null for a figure of the whole test. */
  readonly pass: number | null;
  readonly metric: 'p25' | 'p50' | 'p75' | 'p95' | 'throughput' | 'saturationThroughput';
  readonly belowSaturation: boolean;
  readonly basis: Basis;
}

/** A point with its error; figures are cut to what tells something, so that files stay the same everywhere. */
export function point(fields: Omit<Point, 'errorPercent'>): Point {
  const predicted = Number(fields.predicted.toFixed(3));
  return { ...fields, predicted, errorPercent: Number(errorPercent(predicted, fields.measured).toFixed(2)) };
}

/** Points that stand for a claim: latency below saturation that is not extrapolated, and throughputs. */
export function claimed(points: readonly Point[]): readonly Point[] {
  return points.filter(
    ({ belowSaturation, basis, metric }) =>
      basis !== 'extrapolated' && (belowSaturation || !metric.startsWith('p')),
  );
}

/** Something the reproduction must reach, and what it reached, in percent of error. */
export interface Target {
  readonly name: string;
  readonly limitPercent: number;
  readonly reachedPercent: number;
  readonly holds: boolean;
}

/** Median over the passes below saturation, for each quantile of the latency. */
const LATENCY_TARGETS = [
  { test: 4, model: 'resnet50', limitPercent: 2.5 },
  { test: 5, model: 'inception-v3', limitPercent: 2.5 },
  { test: 9, model: 'resnet50', limitPercent: 5 },
] as const;
const SATURATION_LIMIT_PERCENT = 2;
/** Of points at which both models are served, and of those with one alone, which are predicted with themselves left out. */
const FRONTIER_LIMIT_PERCENT = { gpu: 5, none: 3 } as const;

/** Every target for which there are points, those that are missed by most first. */
export function judgeTargets(points: readonly Point[]): readonly Target[] {
  const targets = [
    ...latencyTargets(points),
    ...points.flatMap((each) => {
      const { test, model, metric, pass, measured } = each;
      const reached = Math.abs(each.errorPercent);
      if (metric === 'saturationThroughput')
        return target(`test ${test} ${model} throughput at saturation`, SATURATION_LIMIT_PERCENT, reached);
      if (test !== 'frontier') return [];
      const name = `${each.setup} frontier point ${pass}: ${model} at ${measured}/s`;
      return target(name, FRONTIER_LIMIT_PERCENT[each.sharing === 'gpu' ? 'gpu' : 'none'], reached);
    }),
  ];
  return targets.sort((a, b) => b.reachedPercent / b.limitPercent - a.reachedPercent / a.limitPercent);
}

function latencyTargets(points: readonly Point[]): readonly Target[] {
  return LATENCY_TARGETS.flatMap(({ test, model, limitPercent }) =>
    (['p25', 'p50', 'p75', 'p95'] as const).flatMap((metric) => {
      const own = points.filter(
        (each) =>
          each.test === test && each.model === model && each.metric === metric && each.belowSaturation,
      );
      if (own.length === 0) return [];
      const name = `test ${test} ${model} ${metric} below saturation, median of ${own.length} passes`;
      return target(name, limitPercent, medianOf(own));
    }),
  );
}

function target(name: string, limitPercent: number, reachedPercent: number): Target {
  return { name, limitPercent, reachedPercent, holds: reachedPercent <= limitPercent };
}

/** Points below saturation by test and model, the worst first. */
export function clientsBelow(points: readonly Point[]): readonly (readonly [string, readonly Point[]])[] {
  const below = points.filter(({ belowSaturation }) => belowSaturation);
  const worst = ([, own]: readonly [string, readonly Point[]]) =>
    Math.max(...[...groupBy(own, ({ metric }) => metric).values()].map(medianOf));
  return [...groupBy(below, ({ test, model }) => `test ${test} ${model}`)].sort(
    (a, b) => worst(b) - worst(a),
  );
}

export function medianOf(points: readonly Point[]): number {
  return Number(medianError(points).toFixed(2));
}
