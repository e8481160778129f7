import { max, median } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import type { Point } from './points.js';

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
const FRONTIER_LIMIT_PERCENT = 5;

/** Every target for which there are points, those that are missed by most first. */
export function judgeTargets(points: readonly Point[]): readonly Target[] {
  const targets = [...latencyTargets(points), ...saturationTargets(points), ...frontierTargets(points)];
  return targets.sort((a, b) => b.reachedPercent / b.limitPercent - a.reachedPercent / a.limitPercent);
}

function latencyTargets(points: readonly Point[]): readonly Target[] {
  return LATENCY_TARGETS.flatMap(({ test, model, limitPercent }) =>
    (['p25', 'p50', 'p75', 'p95'] as const).flatMap((metric) => {
      const own = points.filter(
        (point) =>
          point.test === test && point.model === model && point.metric === metric && point.belowSaturation,
      );
      if (own.length === 0) return [];
      const name = `test ${test} ${model} ${metric} below saturation, median of ${own.length} passes`;
      return [target(name, limitPercent, medianError(own))];
    }),
  );
}

function saturationTargets(points: readonly Point[]): readonly Target[] {
  return points
    .filter(({ metric }) => metric === 'saturationThroughput')
    .map((point) =>
      target(
        `test ${point.test} ${point.model} throughput at saturation`,
        SATURATION_LIMIT_PERCENT,
        Math.abs(point.errorPercent),
      ),
    );
}

function frontierTargets(points: readonly Point[]): readonly Target[] {
  return points
    .filter(({ test }) => test === 'frontier')
    .map((point) =>
      target(
        `One-P4 frontier point ${point.pass}: ${point.model} at ${point.measured}/s`,
        FRONTIER_LIMIT_PERCENT,
        Math.abs(point.errorPercent),
      ),
    );
}

function target(name: string, limitPercent: number, reachedPercent: number): Target {
  return { name, limitPercent, reachedPercent, holds: reachedPercent <= limitPercent };
}

/** Median absolute error, percent. */
function medianError(points: readonly Point[]): number {
  return Number(median(points.map(({ errorPercent }) => Math.abs(errorPercent))).toFixed(2));
}

/** Errors of one client's points of one metric, percent. */
export interface ErrorRow {
  readonly label: string;
  readonly basis: Point['basis'];
  readonly passes: number;
  /** By metric: median of the absolute error, median with sign, largest absolute. */
  readonly byMetric: ReadonlyMap<Point['metric'], { median: number; bias: number; worst: number }>;
}

/** Errors below saturation by test and model. */
export function errorRows(points: readonly Point[]): readonly ErrorRow[] {
  const below = points.filter(({ belowSaturation }) => belowSaturation);
  const groups = groupBy(below, ({ test, model }) => `test ${test} ${model}`);
  return [...groups].map(([label, own]) => {
    const metrics = groupBy(own, ({ metric }) => metric);
    return {
      label,
      basis: own[0]!.basis,
      passes: new Set(own.map(({ pass }) => pass)).size,
      byMetric: new Map(
        [...metrics].map(([metric, of]) => [
          metric,
          {
            median: medianError(of),
            bias: Number(median(of.map(({ errorPercent }) => errorPercent)).toFixed(2)),
            worst: max(of.map(({ errorPercent }) => Math.abs(errorPercent))),
          },
        ]),
      ),
    };
  });
}

/** Those that are off by most first. */
export function worstFirst(points: readonly Point[]): readonly Point[] {
  return [...points].sort((a, b) => Math.abs(b.errorPercent) - Math.abs(a.errorPercent));
}
