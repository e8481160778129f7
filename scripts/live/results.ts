import { mean } from 'simple-statistics';
import type { GeneratorHealth } from '../../src/live/load-run.js';
import { provenanceLine } from '../../src/node/runs/package-facts.js';
import { type ComparedFigure, coverageOf, type ValidationReport } from '../../src/validate/report.js';
import { marginOf } from '../support/points.js';
import { pageTable, signed } from '../support/table.js';
import type { MachineSpeed } from './machine-speed.js';
import type { LiveCase } from './scenarios.js';
import { DURATION_S } from './write-scenario.js';

export interface CaseReport {
  readonly live: LiveCase;
  readonly report: ValidationReport;
  readonly health: readonly GeneratorHealth[];
}

/** A figure that something is asked of. */
interface JudgedFigure {
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
function judgedFigures(reports: readonly CaseReport[]): JudgedFigure[] {
  return reports.flatMap(({ live, report }) =>
    report.figures.flatMap((figure): JudgedFigure[] => {
      const asked = ASKED[live.group][figure.metric.name];
      return asked === undefined
        ? []
        : [{ live, figure, asked, margin: marginOf(figure.error, asked, figure.spread) }];
    }),
  );
}

export interface LiveResult {
  readonly reports: readonly CaseReport[];
  readonly speeds: readonly MachineSpeed[];
  /** What was said of the calibration behind it. */
  readonly calibration: string;
}

/** The page of results: targets first, then every figure, worst first. */
export function resultsMarkdown({ reports, speeds, calibration }: LiveResult): string {
  const rows = judgedFigures(reports);
  const missed = rows.filter(({ margin }) => margin > 0);
  const { known, inside } = coverageOf(reports.flatMap(({ report }) => report.figures));
  return `# Predicted beside measured: Triton on this machine's CPU

Written by \`npm run reproduce:live\`; ${provenanceLine()}, seed 1.
Triton 24.10 (python backend) and the load generator share the cores. Models and settings of these cases were not
calibrated; each case was measured three times, alternately, ${DURATION_S} s each, on the same arrivals.

${rows.length - missed.length} of ${rows.length} figures are within what is asked or within the spread of the three live runs.
${inside} of ${known} measured figures (${((100 * inside) / Math.max(1, known)).toFixed(1)} %) lie in their 95 % interval.

## Figures, worst first

${figureTable(rows)}

## Executed batch sizes

${batchTable(reports)}

## The load generator

${generatorTable(reports)}

## How fast the machine was

An execution of one request of a model that had the server for itself, in the calibration and in the runs: where these
differ, so do the runs from what was predicted, whatever the rules.

${speedTable(speeds)}

## The calibration behind it

\`\`\`
${calibration.trimEnd()}
\`\`\`
`;
}

function figureTable(rows: readonly JudgedFigure[]): string {
  return pageTable(
    [...rows].sort((a, b) => b.margin - a.margin),
    [
      ['case', ({ live }) => live.name],
      ['tenant', ({ figure }) => figure.subject],
      ['metric', ({ figure }) => figure.metric.label],
      ['measured', ({ figure }) => `${figure.measured.toFixed(2)} ${figure.metric.unit}`],
      ['spread', ({ figure }) => `${figure.spread.toFixed(1)} ${figure.metric.errorUnit}`],
      ['predicted', ({ figure }) => figure.predicted.toFixed(2)],
      ['error', ({ figure }) => `${signed(figure.error)} ${figure.metric.errorUnit}`],
      ['asked', ({ figure, asked }) => `${asked} ${figure.metric.errorUnit}`],
      ['', ({ margin }) => (margin > 0 ? 'missed' : '')],
    ],
  );
}

function batchTable(reports: readonly CaseReport[]): string {
  const batches = reports.flatMap(({ live, report }) =>
    report.batches.map((batch) => ({ ...batch, name: live.name })),
  );
  return pageTable(batches, [
    ['case', ({ name }) => name],
    ['model', ({ model }) => model],
    ['largest difference', ({ largestErrorPp }) => `${largestErrorPp.toFixed(1)} pp`],
    ['asked', () => '3 pp'],
  ]);
}

function generatorTable(reports: readonly CaseReport[]): string {
  const each = (text: (run: CaseReport['health'][number]) => string) => (report: CaseReport) =>
    report.health.map(text).join(' / ');
  return pageTable(reports, [
    ['case', ({ live }) => live.name],
    ['lag p99 ms', each(({ lagMs }) => lagMs.p99.toFixed(2))],
    ['longest stall ms', each(({ stalls }) => stalls.longestMs.toFixed(0))],
    ['fell behind', each(({ fellBehind }) => (fellBehind ? 'yes' : 'no'))],
  ]);
}

function speedTable(speeds: readonly MachineSpeed[]): string {
  const ms = (value: number) => value.toFixed(2);
  return pageTable(speeds, [
    ['model', ({ model }) => model],
    [
      'calibration ms, least to most of its loads',
      ({ calibratedMs: own }) => `${ms(Math.min(...own))} to ${ms(Math.max(...own))} (${own.length})`,
    ],
    ['runs ms', ({ runsMs }) => runsMs.map(ms).join(' / ')],
    [
      'runs against calibration',
      ({ runsMs, calibratedMs }) => `${signed(100 * (mean([...runsMs]) / mean([...calibratedMs]) - 1))} %`,
    ],
  ]);
}
