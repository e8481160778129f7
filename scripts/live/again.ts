import { median } from 'simple-statistics';
import type { LoadRun } from '../../src/live/load-run.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { compareRuns } from '../../src/validate/compare-runs.js';
import type { ValidationReport } from '../../src/validate/report.js';
import { figuresOfLiveRun, validatedScenario } from '../../src/validate/run-figures.js';
import { LATENCY_METRICS } from '../support/latencies.js';
import { pageTable, signed } from '../support/table.js';
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

${pageTable(
  GROUPS.flatMap(([group, kind]) => [
    { by: 'the first three runs', kind, errorsOf: errorsIn(byFirst, group) },
    { by: 'simulation', kind, errorsOf: errorsIn(simulated, group) },
  ]),
  [
    ['the second three runs, by', ({ by }) => by],
    ['kind', ({ kind }) => kind],
    ...LATENCY_METRICS.map(
      ([name, label]) => [label, ({ errorsOf }: Errors) => middle(errorsOf(name))] as const,
    ),
    ['worst mean', ({ errorsOf }) => range(errorsOf('meanMs'))],
    ['worst p99', ({ errorsOf }) => range(errorsOf('p99Ms'))],
  ],
)}

`;
}

const GROUPS: readonly (readonly [LiveCase['group'], string])[] = [
  ['sleeping', 'models that wait'],
  ['onnx', 'networks'],
];

/** Errors of a metric, percent. */
interface Errors {
  readonly errorsOf: (metric: string) => readonly number[];
}

function errorsIn(reports: readonly CaseReport[], group: LiveCase['group']): Errors['errorsOf'] {
  const own = reports.filter(({ live }) => live.group === group);
  return (name) =>
    own
      .flatMap(({ report }) => report.figures.filter(({ metric }) => metric.name === name))
      .map(({ error }) => error)
      .filter(Number.isFinite);
}

function middle(errors: readonly number[]): string {
  return errors.length === 0 ? '–' : `${median(errors.map(Math.abs)).toFixed(1)} %`;
}

function range(errors: readonly number[]): string {
  if (errors.length === 0) return '–';
  return `${signed(Math.min(...errors))} to ${signed(Math.max(...errors))} %`;
}
