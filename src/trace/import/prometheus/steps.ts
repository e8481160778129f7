import type { RangeAnswer, RangeSeries } from './range-answer.js';
import { gapsUs } from './samples.js';

/** Time from one sample to the next where none is missing, in microseconds, which answers do not say. */
export interface Steps {
  readonly stepUs: (series: RangeSeries) => number;
  /** Whether all samples lie on one grid, as those of `query_range` do. */
  readonly isGrid: boolean;
}

/**
 * The steps of an answer; undefined where no series has two samples. Samples of `query_range` lie on a grid,
 * whatever is missing of it. Those of a range selector (`metric[1h]`) lie where each server was scraped: there
 * the median of a series' gaps is its step.
 */
export function stepsOf({ series }: RangeAnswer): Steps | undefined {
  const gaps = new Map(series.map((each) => [each, gapsUs(each.samples)]));
  const all = [...gaps.values()].flat();
  if (all.length === 0) return undefined;
  const gridUs = gridOf(series, all);
  if (gridUs !== undefined) return { stepUs: () => gridUs, isGrid: true };
  const usualUs = lowerMedian(all);
  return {
    stepUs: (each) => {
      const own = gaps.get(each) ?? [];
      return own.length === 0 ? usualUs : lowerMedian(own);
    },
    isGrid: false,
  };
}

/**
 * The smallest gap, where it is the usual one and all samples are whole steps apart. Not every smallest gap is a
 * step: scrapes lie on whole milliseconds, so two that came one after the other would make a grid of those.
 */
function gridOf(series: readonly RangeSeries[], gaps: readonly number[]): number | undefined {
  const least = gaps.reduce((smallest, gap) => Math.min(smallest, gap), Number.POSITIVE_INFINITY);
  if (2 * gaps.filter((gap) => gap === least).length < gaps.length) return undefined;
  const originUs = series.find(({ samples }) => samples.timesUs.length > 0)?.samples.timesUs[0] ?? 0;
  const onGrid = series.every(({ samples }) => samples.timesUs.every((us) => (us - originUs) % least === 0));
  return onGrid ? least : undefined;
}

/** A value of which half of the others are as large or larger. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[(sorted.length - 1) >> 1] as number;
}
