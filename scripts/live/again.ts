import { median } from 'simple-statistics';
import type { LoadRun } from '../../src/live/load-run.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import type { ValidationReport } from '../../src/validate/report.js';
import { figuresOfLiveRun, validatedScenario } from '../../src/validate/run-figures.js';
import { signed, table } from '../support/markdown.js';
import { LATENCY_METRICS } from './cross-check-compare.js';
import { type CaseReport, type JudgedFigure, judgedFigures } from './judged-figures.js';
import type { LiveCase } from './scenarios.js';

/** Cases measured a second time, judged by the same rule twice. */
export interface MeasuredAgain {
  /** The second time beside the first, which stands in the place of the prediction: what the machine lets anybody predict. */
  readonly byFirst: readonly CaseReport[];
  /** The second time beside what is simulated. */
  readonly simulated: readonly CaseReport[];
}

/** Live runs beside earlier ones of the same scenario in the place of simulated ones. */
export function compareWithEarlier(
  scenario: Scenario,
  earlier: readonly LoadRun[],
  later: readonly LoadRun[],
): ValidationReport {
  const described = validatedScenario(scenario);
  return compareRuns({
    scenarioName: scenario.name,
    tenants: described.tenants,
    measured: later.map((run) => figuresOfLiveRun(run, described)),
    predicted: earlier.map((run) => figuresOfLiveRun(run, described)),
  });
}

/** What a prediction without a fault would reach, and what the simulated one does. */
export function againSection({ byFirst, simulated }: MeasuredAgain): string {
  const [first, ours] = [byFirst, simulated].map(judgedFigures) as [JudgedFigure[], JudgedFigure[]];
  const inside = (rows: readonly JudgedFigure[]) => rows.filter(({ margin }) => margin <= 0).length;
  return `## The same cases measured again

After all of them each case was measured three more times. Had somebody predicted, to the digit, what the first three runs
measured, ${inside(first)} of ${first.length} figures of the second three would be within what is asked or within their spread; of what
is simulated ${inside(ours)} of ${ours.length} are. Median error, and the worst:

${table(
  [
    'the second three runs, by',
    'kind',
    ...LATENCY_METRICS.map(([, label]) => label),
    'worst mean',
    'worst p99',
  ],
  GROUPS.flatMap(([group, kind]) => [
    ['the first three runs', kind, ...cellsOf(byFirst, group)],
    ['simulation', kind, ...cellsOf(simulated, group)],
  ]),
)}

`;
}

const GROUPS: readonly (readonly [LiveCase['group'], string])[] = [
  ['sleeping', 'models that wait'],
  ['onnx', 'networks'],
];

function cellsOf(reports: readonly CaseReport[], group: LiveCase['group']): string[] {
  const errorsOf = (name: string) =>
    reports
      .filter(({ live }) => live.group === group)
      .flatMap(({ report }) => report.figures.filter(({ metric }) => metric.name === name))
      .map(({ error }) => error)
      .filter(Number.isFinite);
  const middle = (errors: readonly number[]) =>
    errors.length === 0 ? '–' : `${median(errors.map(Math.abs)).toFixed(1)} %`;
  const range = (errors: readonly number[]) =>
    errors.length === 0 ? '–' : `${signed(Math.min(...errors))} to ${signed(Math.max(...errors))} %`;
  return [
    ...LATENCY_METRICS.map(([name]) => middle(errorsOf(name))),
    range(errorsOf('meanMs')),
    range(errorsOf('p99Ms')),
  ];
}
