import type { GeneratorHealth } from '../../src/live/load-run.js';
import type { ComparedFigure, ValidationReport } from '../../src/validate/report.js';
import { marginOf } from '../support/points.js';
import type { LiveCase } from './scenarios.js';

export interface CaseReport {
  readonly live: LiveCase;
  readonly report: ValidationReport;
  readonly health: readonly GeneratorHealth[];
}

/** A figure that something is asked of. */
export interface JudgedFigure {
  readonly live: LiveCase;
  readonly figure: ComparedFigure;
  readonly asked: number;
  /** Above 0 where it is missed. */
  readonly margin: number;
}

/** What issue 4 asks for, by group and metric, in the metric's error unit. */
const ASKED: Readonly<Record<LiveCase['group'], Readonly<Record<string, number>>>> = {
  sleeping: { throughputPerS: 1, meanMs: 2, p50Ms: 2, p95Ms: 3, p99Ms: 8 },
  onnx: { throughputPerS: 1, meanMs: 5, p50Ms: 5, p95Ms: 5, sloAttainment: 1 },
};

/** Every figure of which something is asked. */
export function judgedFigures(reports: readonly CaseReport[]): JudgedFigure[] {
  return reports.flatMap(({ live, report }) =>
    report.figures.flatMap((figure): JudgedFigure[] => {
      const asked = ASKED[live.group][figure.metric.name];
      return asked === undefined
        ? []
        : [{ live, figure, asked, margin: marginOf(figure.error, asked, figure.spread) }];
    }),
  );
}
