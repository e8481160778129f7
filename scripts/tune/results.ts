import { cpus } from 'node:os';
import { median } from 'simple-statistics';
import { commit } from '../../src/node/package-facts.js';
import type { ConfirmationValues } from '../../src/node/tune/confirm-values.js';
import type { RunFigures } from '../../src/plan/tune/figures.js';
import type { RecordedPoint, RecordedSearch } from './recorded-search.js';

/** A figure with what is asked of it, as `--json` prints it. */
export interface Case {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  readonly unit: string;
}

export interface TuneReproduction {
  readonly combinations: number;
  readonly simulations: number;
  readonly calibrateS: number;
  readonly tuneS: number;
  readonly confirmation: ConfirmationValues;
  readonly recorded?: RecordedSearch;
  readonly predictedPoints: readonly PredictedPoint[];
  /** What `perseus tune` prints of it. */
  readonly text: string;
}

/** A point that the other tuner measured, predicted under the same closed loops. */
export interface PredictedPoint {
  readonly point: RecordedPoint;
  readonly predicted: RunFigures;
}

/** What issue 5 asks for. Model Analyzer's quick search took 252 s on this kind of machine. */
export function casesOf(reproduction: TuneReproduction): Case[] {
  const { combinations, calibrateS, tuneS, recorded, confirmation, predictedPoints } = reproduction;
  const [ours, theirs] = confirmation.candidates;
  const errors = predictedPoints.flatMap(errorsOf);
  return [
    { name: 'tune: configurations x loads searched', value: combinations, bound: 1000, unit: 'at least' },
    {
      name: 'tune: calibration and search',
      value: calibrateS + tuneS,
      bound: recorded?.seconds ?? MODEL_ANALYZER_S,
      unit: 's at most',
    },
    ...(recorded && ours?.measured && theirs?.measured
      ? [
          {
            name: `tune: its choice against that of ${recorded.tool}, measured live`,
            value: ours.measured.value / theirs.measured.value,
            bound: 1,
            unit: 'times, at least',
          },
        ]
      : []),
    ...(errors.length === 0
      ? []
      : [
          {
            name: 'tune: throughput of its measured points, median error',
            value: median(errors.map(({ throughputPercent }) => throughputPercent)),
            bound: 5,
            unit: '% at most',
          },
          {
            name: 'tune: p99 of its measured points, median error',
            value: median(errors.map(({ p99Percent }) => p99Percent)),
            bound: 15,
            unit: '% at most',
          },
        ]),
  ];
}

const MODEL_ANALYZER_S = 252;

function errorsOf({ point, predicted }: PredictedPoint) {
  return predicted.tenants.map(({ tenant, inferencesPerS, tailMs }) => {
    const { throughputPerS, p99Ms } = point.measured[tenant]!;
    return {
      throughputPercent: Math.abs(100 * (inferencesPerS / throughputPerS - 1)),
      p99Percent: Math.abs(100 * (tailMs / p99Ms - 1)),
    };
  });
}

/** The page of results. */
export function resultsMarkdown(reproduction: TuneReproduction): string {
  const { simulations, calibrateS, tuneS, recorded, predictedPoints, text } = reproduction;
  return `# Tuned by simulation, measured live

Written by \`npm run reproduce:tune\`; ${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}, commit ${commit() ?? 'unknown'}.
Two ONNX models share two cores of a real Triton; instances ≤ 2, max batch ≤ 8, concurrency ≤ 16 each.

${table(
  ['what', 'value', 'asked', ''],
  casesOf(reproduction).map(({ name, value, bound, unit }) => [
    name,
    value.toPrecision(4),
    String(bound),
    unit,
  ]),
)}

Calibration ${calibrateS.toFixed(0)} s${calibrateS === 0 ? ' (its profiles were given)' : ''}, search ${tuneS.toFixed(0)} s for ${simulations} simulations.
${recorded === undefined ? `No choice of Model Analyzer was given (\`--against FILE\`): the settings as they are stand in for it below.` : `Candidate 2 is the choice of ${recorded.tool}, made in ${recorded.seconds} s and ${recorded.points.length} measured points.`}

\`\`\`text
${text.trimEnd()}
\`\`\`
${predictedPoints.length === 0 ? '' : `\n## Its measured points, predicted\n\n${pointTable(predictedPoints)}\n`}`;
}

function pointTable(points: readonly PredictedPoint[]): string {
  return table(
    ['settings', 'concurrency', 'model', 'measured /s', 'predicted', 'measured p99 ms', 'predicted'],
    points.flatMap(({ point, predicted }) =>
      predicted.tenants.map(({ tenant, inferencesPerS, tailMs }) => [
        Object.entries(point.models)
          .map(([name, { instances, maxBatchSize }]) => `${name} ${instances}×${maxBatchSize}`)
          .join(', '),
        String(point.concurrency),
        tenant,
        point.measured[tenant]!.throughputPerS.toFixed(1),
        inferencesPerS.toFixed(1),
        point.measured[tenant]!.p99Ms.toFixed(1),
        tailMs.toFixed(1),
      ]),
    ),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
