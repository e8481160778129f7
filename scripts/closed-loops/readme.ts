import { max, median, min } from 'simple-statistics';
import { predictedMeasuredChart } from '../../src/report/charts/predicted-measured.js';
import { errorPercent } from '../support/points.js';
import { readTable } from '../support/source-table.js';
import { fieldsCsv, markdownTable, signed, sixDigits, type Table, tableOf } from '../support/table.js';
import { FIGURES, type Figures } from './predict.js';
import type { JudgedCase } from './reproduction.js';

const TARGET = { median: 3, worst: 8 } as const;

type Which = 'predicted' | 'ideal';

function errorOf(each: JudgedCase, which: Which, figure: keyof Figures): number {
  return errorPercent(each[which][figure], each.measured[figure]);
}

const sizes = (cases: readonly JudgedCase[], which: Which, figure: keyof Figures) =>
  cases.map((each) => Math.abs(errorOf(each, which, figure)));

const NAMES = {
  throughputPerS: 'throughput',
  meanBatch: 'mean batch',
  executionMs: 'execution',
  meanMs: 'mean',
  p50Ms: 'p50',
  p95Ms: 'p95',
  p99Ms: 'p99',
} as const satisfies Record<keyof Figures, string>;

export function verdict(cases: readonly JudgedCase[]): string {
  const own = sizes(cases, 'predicted', 'throughputPerS');
  const ideal = sizes(cases, 'ideal', 'throughputPerS');
  const held = (value: number, target: number) =>
    `${value.toFixed(1)} % (at most ${target}: ${value <= target ? 'holds' : 'MISSED'})`;
  const chosen = cases.flatMap(({ sendUs }) => sendUs ?? []);
  const left =
    chosen.length === 0
      ? ''
      : ` A resend costs ${min(chosen)} to ${max(chosen)} us, chosen for each case by the others.`;
  return `Throughput of ${cases.length} cases: median error ${held(median(own), TARGET.median)}, worst ${held(max(own), TARGET.worst)}. With ideal clients: median ${median(ideal).toFixed(1)} %, worst ${max(ideal).toFixed(1)} %.${left}`;
}

/** Median and worst errors of each figure, with perf_analyzer's threads and with ideal clients. */
export function errorsTable(cases: readonly JudgedCase[]): Table {
  const cell = (figure: keyof Figures, which: Which) => {
    const own = sizes(cases, which, figure);
    return `${median(own).toFixed(1)}, ${max(own).toFixed(1)}`;
  };
  return tableOf(FIGURES, [
    ['figure', (figure) => NAMES[figure]],
    ['perf-analyzer: median, worst error, %', (figure) => cell(figure, 'predicted')],
    ['ideal: median, worst error, %', (figure) => cell(figure, 'ideal')],
  ]);
}

export function casesTable(cases: readonly JudgedCase[]): Table {
  const sorted = [...cases].sort(
    (a, b) =>
      Math.abs(errorOf(b, 'predicted', 'throughputPerS')) -
      Math.abs(errorOf(a, 'predicted', 'throughputPerS')),
  );
  const cell = (figure: keyof Figures, digits: number) => (each: JudgedCase) =>
    `${each.measured[figure].toFixed(digits)}, ${signed(errorOf(each, 'predicted', figure))} % (${signed(errorOf(each, 'ideal', figure))} %)`;
  return tableOf(sorted, [
    ['case', ({ name }) => name],
    ['runs', ({ runs, spreadPercent }) => `${runs} (±${spreadPercent.toFixed(1)} %)`],
    ['throughput /s', cell('throughputPerS', 0)],
    ['mean batch', cell('meanBatch', 2)],
    ['execution, ms', cell('executionMs', 2)],
    ['mean, ms', cell('meanMs', 2)],
    ['p95, ms', cell('p95Ms', 2)],
  ]);
}

export function resultFiles(cases: readonly JudgedCase[], provenance: string): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', readme(cases, provenance)],
    ['predicted.csv', predictedText(cases)],
    ['throughput.svg', chart(cases)],
  ]);
}

const PUBLISHED = 'results/closed-loops/predicted.csv';

/** Every figure of every case, with an interval as wide as the worst published error of that figure in another case. */
export function pointsOf(cases: readonly JudgedCase[]) {
  const published = readTable(PUBLISHED);
  const reachOf = (own: string, figure: string) =>
    Math.max(
      ...published
        .filter(({ name, metric }) => name !== own && metric === figure)
        .map(({ measured, predicted }) => Math.abs(Math.log(Number(predicted) / Number(measured)))),
    );
  return figuresOf(cases).map((point) => {
    const reach = Math.exp(reachOf(point.name, point.metric));
    return { ...point, low: point.predicted / reach, high: point.predicted * reach };
  });
}

function figuresOf(cases: readonly JudgedCase[]) {
  return cases.flatMap((each) =>
    FIGURES.map((figure) => ({
      name: each.name,
      metric: figure,
      measured: each.measured[figure],
      predicted: each.predicted[figure],
      ideal: each.ideal[figure],
      errorPercent: errorOf(each, 'predicted', figure),
    })),
  );
}

function predictedText(cases: readonly JudgedCase[]): string {
  const columns = ['name', 'metric', 'measured', 'predicted', 'ideal', 'errorPercent'] as const;
  return fieldsCsv(figuresOf(cases), columns, sixDigits);
}

function chart(cases: readonly JudgedCase[]): string {
  const group = (name: string, which: Which) => ({
    name,
    points: cases.map((each) => ({
      predicted: each[which].throughputPerS,
      measured: each.measured.throughputPerS,
    })),
  });
  return predictedMeasuredChart([group('perf-analyzer', 'predicted'), group('ideal', 'ideal')], {
    unit: 'requests/s',
    bandPercent: TARGET.worst,
  });
}

function readme(cases: readonly JudgedCase[], provenance: string): string {
  return `# Closed loops of perf_analyzer

Written by \`npm run reproduce:closed-loops\` (${provenance}). [measured.csv](measured.csv) has every run, [predicted.csv](predicted.csv) every figure.

Measured: NVIDIA's perf_analyzer, synchronous, 1 to 64 clients of one model on Triton 24.10 on this machine's processor, 8 s each.
The models sleep for a time that is known, so that what is tested is batching and the clients. Several runs: their medians.
Where an execution takes longer than predicted, the error is the profile's or another program's on the machine.

## Verdict

${verdict(cases)}

${markdownTable(errorsTable(cases))}

## How it is predicted

- Profiles are those of \`calibration/cpu-sample\`, as shipped. \`perseus calibrate\` made them with its own load generator.
- perf_analyzer is \`client: {kind: perf-analyzer}\`: it takes one answer after the other
  ([client-kinds.ts](../../src/scenario/closed-loop/client-kinds.ts) has what that costs, and from where).
- An ideal client takes all answers of an execution at once. Its requests come back together and fill batches.
- \`npm run reproduce:closed-loops -- --leave-out\` chooses the cost for each case by the other cases.
- \`npm run reproduce:closed-loops -- --measure\` measures what measured.csv lacks.

![Throughput, predicted over measured](throughput.svg)

## Cases

Measured, then the error with perf_analyzer's threads, and in brackets with ideal clients; the worst throughput first.

${markdownTable(casesTable(cases))}
`;
}
