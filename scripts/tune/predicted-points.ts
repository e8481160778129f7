import { mean } from 'simple-statistics';
import type { CandidateFigures } from '../../src/plan/tune/figures.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { simulateOften } from './choices.js';
import { scenarioOf } from './recorded-scenario.js';
import type { RecordedPoint } from './recorded-search.js';

/** One model of a point that another tuner measured, predicted under the same closed loops. */
export interface PredictedModel {
  readonly model: string;
  readonly point: RecordedPoint;
  readonly throughputPerS: Compared;
  readonly p99Ms: Compared;
}

interface Compared {
  readonly measured: number;
  readonly predicted: number;
  /** Predicted less measured, in percent of measured. */
  readonly errorPercent: number;
}

/** Every model of every point; perf_analyzer's clients need their moment between two requests as ours do. */
export function predictPoints(base: Scenario, points: readonly RecordedPoint[]): PredictedModel[] {
  return points.flatMap((point) => {
    const runs = simulateOften(scenarioOf(base, point.models));
    return base.tenants.map(({ model }, t) => {
      const { throughputPerS, p99Ms } = point.measured[model]!;
      const predicted = (figure: (run: CandidateFigures['tenants'][number]) => number) =>
        mean(runs.map((run) => figure(run.tenants[t]!)));
      return {
        model,
        point,
        throughputPerS: compared(
          throughputPerS,
          predicted(({ inferencesPerS }) => inferencesPerS),
        ),
        p99Ms: compared(
          p99Ms,
          predicted(({ tailMs }) => tailMs),
        ),
      };
    });
  });
}

function compared(measured: number, predicted: number): Compared {
  return { measured, predicted, errorPercent: 100 * (predicted / measured - 1) };
}
