import { mean } from 'simple-statistics';
import { provenanceLine } from '../../src/node/runs/package-facts.js';
import { coverageOf } from '../../src/validate/report.js';
import { signed, table } from '../support/markdown.js';
import { againSection, type MeasuredAgain } from './again.js';
import { type CaseReport, type JudgedFigure, judgedFigures } from './judged-figures.js';
import type { MachineSpeed } from './machine-speed.js';
import { DURATION_S } from './write-scenario.js';

/** The page of results: targets first, then every figure, worst first. */
export function resultsMarkdown(
  reports: readonly CaseReport[],
  speeds: readonly MachineSpeed[],
  { calibration, again }: { readonly calibration: string; readonly again?: MeasuredAgain | undefined },
): string {
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

${again === undefined ? '' : againSection(again)}## Executed batch sizes

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
  return table(
    ['case', 'tenant', 'metric', 'measured', 'spread', 'predicted', 'error', 'asked', ''],
    [...rows]
      .sort((a, b) => b.margin - a.margin)
      .map(({ live, figure, asked, margin }) => [
        live.name,
        figure.subject,
        figure.metric.label,
        `${figure.measured.toFixed(2)} ${figure.metric.unit}`,
        `${figure.spread.toFixed(1)} ${figure.metric.errorUnit}`,
        figure.predicted.toFixed(2),
        `${signed(figure.error)} ${figure.metric.errorUnit}`,
        `${asked} ${figure.metric.errorUnit}`,
        margin > 0 ? 'missed' : '',
      ]),
  );
}

function batchTable(reports: readonly CaseReport[]): string {
  return table(
    ['case', 'model', 'largest difference', 'asked'],
    reports.flatMap(({ live, report }) =>
      report.batches.map((batch) => [
        live.name,
        batch.model,
        `${batch.largestErrorPp.toFixed(1)} pp`,
        '3 pp',
      ]),
    ),
  );
}

function generatorTable(reports: readonly CaseReport[]): string {
  return table(
    ['case', 'lag p99 ms', 'longest stall ms', 'fell behind'],
    reports.map(({ live, health }) => [
      live.name,
      health.map(({ lagMs }) => lagMs.p99.toFixed(2)).join(' / '),
      health.map(({ stalls }) => stalls.longestMs.toFixed(0)).join(' / '),
      health.map(({ fellBehind }) => (fellBehind ? 'yes' : 'no')).join(' / '),
    ]),
  );
}

function speedTable(speeds: readonly MachineSpeed[]): string {
  return table(
    ['model', 'calibration ms, least to most of its loads', 'runs ms', 'runs against calibration'],
    speeds.map(({ model, calibratedMs, runsMs }) => [
      model,
      `${Math.min(...calibratedMs).toFixed(2)} to ${Math.max(...calibratedMs).toFixed(2)} (${calibratedMs.length})`,
      runsMs.map((ms) => ms.toFixed(2)).join(' / '),
      `${signed(100 * (mean([...runsMs]) / mean([...calibratedMs]) - 1))} %`,
    ]),
  );
}
