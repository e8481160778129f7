import { mean } from 'simple-statistics';
import type { RecordedConfiguration, RecordedPoint } from './recorded-search.js';

/** A figure that two searches of the same tool measured under the same settings and clients. */
export interface RepeatedFigure {
  readonly model: string;
  readonly point: RecordedPoint;
  /** The earlier search in the place of a prediction: earlier less later, in percent of later. */
  readonly throughputErrorPercent: number;
  readonly p99ErrorPercent: number;
}

/** How well an earlier search predicts a later one, where both measured the same; what the tool did not keep up with is left out. */
export function repeatedFigures(
  earlier: readonly RecordedPoint[],
  later: readonly RecordedPoint[],
): RepeatedFigure[] {
  const before = earlier.filter(({ keptUp }) => keptUp);
  return later
    .filter(({ keptUp }) => keptUp)
    .flatMap((point) => {
      const same = before.filter(({ models }) => keyOf(models) === keyOf(point.models));
      if (same.length === 0) return [];
      return Object.entries(point.measured).map(([model, now]) => {
        const errorPercent = (key: keyof typeof now) =>
          100 * (mean(same.map(({ measured }) => measured[model]![key])) / now[key] - 1);
        return {
          model,
          point,
          throughputErrorPercent: errorPercent('throughputPerS'),
          p99ErrorPercent: errorPercent('p99Ms'),
        };
      });
    });
}

/** The same whichever model is named first. */
function keyOf(models: RecordedConfiguration): string {
  const sorted = Object.entries(models).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    sorted.map(([name, { instances, maxBatchSize, concurrency }]) => [
      name,
      instances,
      maxBatchSize,
      concurrency,
    ]),
  );
}
