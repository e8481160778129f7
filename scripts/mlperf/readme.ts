import { median } from 'simple-statistics';
import { csvOf } from '../../src/base/csv.js';
import { groupBy } from '../../src/base/group-by.js';
import { predictedMeasuredChart } from '../../src/report/charts/predicted-measured.js';
import { coverage } from '../support/errors-by.js';
import { type Column, pageTable, signed } from '../support/table.js';
import { rulesText } from './files.js';
import { LEAVE_OUT, type LeaveOut, leftOutErrors, type TriedRow } from './fit.js';
import { SIMPLER_MODELS, TRIED, WIDTH_OF_INTERVALS } from './page-text.js';
import { errorsOf, halfWidth, pointFigures, type RowPoint, SIDES, sideOf } from './points.js';
import type { RowPrediction } from './predict.js';
import type { Fit } from './reproduction.js';
import { METRICS, type Metric } from './rows.js';
import { type ServerKind, serverKind } from './rules.js';
import { isPartFilled } from './setup.js';

export interface Reproduced {
  /** Empty where nothing was fitted. */
  readonly tried: readonly TriedRow[];
  readonly predicted: readonly RowPrediction[];
  readonly points: readonly RowPoint[];
  readonly fit: Fit;
}

/** With the rule of a page that every formatter leaves alone. */
const table = <Row>(rows: readonly Row[], columns: readonly Column<Row>[]) =>
  pageTable(rows, columns, ' --- ');

/** What issue 38 asks: median errors of p50 and p99, percent, by who served; and the worst of all. */
const TARGETS = { Triton: { p50: 5, p99: 8 }, other: { p50: 8, p99: 12 } } as const;
const WORST_PERCENT = 40;

/** All files of the results folder but the scenarios, by name. */
export function resultFiles(reproduced: Reproduced, made: string): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', readme(reproduced, made)],
    ['predicted.csv', csv(reproduced.points)],
    ['predicted-measured.svg', chart(reproduced.points)],
  ]);
}

/** The verdict, for the terminal. */
export function summary(points: readonly RowPoint[]): string {
  return `${verdictLines(points).join('\n')}\n`;
}

function verdictLines(points: readonly RowPoint[]): readonly string[] {
  if (points.length === 0) return ['no figure to compare'];
  const lines = SIDES.flatMap(({ side }) => {
    const own = ofSide(points, side);
    const parts = METRICS.flatMap((metric) => {
      const errors = errorsOf(own, metric);
      return errors === undefined
        ? []
        : [`${metric} ${errors.median.toFixed(1)} (worst ${errors.worst.toFixed(0)})`];
    });
    return own.length === 0
      ? []
      : [`${side}, ${rowsIn(own)} rows, median absolute error %: ${parts.join(', ')}`];
  });
  return [
    ...lines,
    `in their 95 % interval: ${coverage(points).toFixed(1)} % of ${points.length} figures; median half-width ${halfWidth(points).toFixed(0)} %`,
  ];
}

function readme(reproduced: Reproduced, made: string): string {
  return [
    heading(made),
    `## What can be believed\n\n${targetTable(reproduced.points)}\n\n${beliefTable(reproduced.points)}\n\n${BELIEF}`,
    '![Predicted against measured, log axes](predicted-measured.svg)',
    MODEL,
    rulesSection(reproduced.fit),
    neighboursSection(reproduced.tried),
    SIMPLER_MODELS,
    TRIED,
    WIDTH_OF_INTERVALS,
    `## By group\n\n${groupTable(reproduced.points)}`,
    `## Every row, worst first\n\nErrors in percent; the interval is that of p99, milliseconds.\n\n${rowTable(reproduced)}`,
    LIMITS,
  ].join('\n\n');
}

function heading(made: string): string {
  return `# MLPerf Server runs, predicted from SingleStream, MultiStream and Offline

Written by \`npm run reproduce:mlperf\` (${made}). Any machine, seed 1 of each scenario file.
[predicted.csv](predicted.csv) has every figure. \`perseus simulate\` with a file of [scenarios](scenarios) gives each row again.
Percentiles beyond the latency limit are cut to it here, and not by that command: the head of a scenario file names them.

Measured figures: MLPerf Inference v2.0, closed division (Apache-2.0). Submitters tuned and reported them; MLPerf is a trademark of MLCommons, which has not
verified these predictions. Commit and log of each row are in its scenario file and profile.

Each row is predicted with rules that were chosen without all rows of its benchmark on its GPU.
\`-- --leave-out gpu\` and \`family\` leave out more; [what that costs](#what-a-prediction-owes-to-its-neighbours).

Beside other yardsticks: [what can be believed on GPUs](../../docs/accuracy.md#what-can-be-believed-on-gpus).`;
}

const JUDGED = ['p50', 'p99'] as const;

/** Figures that are judged, of either side. */
const FIGURES = SIDES.flatMap(({ side, name }) =>
  JUDGED.map((metric) => ({ side, metric, name: `${name}, ${metric}` })),
);

function targetTable(points: readonly RowPoint[]): string {
  const judged = FIGURES.map(({ side, metric, name }) => ({
    name,
    asked: TARGETS[side][metric],
    ...errorsOf(ofSide(points, side), metric)!,
  }));
  const rows = table(judged, [
    ['figure', ({ name }) => name],
    ['rows', ({ count }) => count],
    ['median error %', ({ median }) => median.toFixed(1)],
    ['asked', ({ asked }) => asked],
    [`worst % (asked: ${WORST_PERCENT})`, ({ worst }) => worst.toFixed(0)],
    ['target', ({ median, worst, asked }) => (median <= asked && worst <= WORST_PERCENT ? 'met' : 'missed')],
  ]);
  return `${rows}

${coverage(points).toFixed(1)} % of ${points.length} figures lie in their 95 % interval (asked: 88 to 98 %). The median half-width is ${halfWidth(points).toFixed(0)} % (asked: 25 %). The noise of a run alone reaches ±${(100 * median(points.map(({ noise }) => noise))).toFixed(1)} % in the median; the rest is the model's doubt. Both are in [predicted.csv](predicted.csv).`;
}

function ofSide(points: readonly RowPoint[], side: (typeof SIDES)[number]['side']): readonly RowPoint[] {
  return points.filter(({ row }) => sideOf(row) === side);
}

/** A figure that is nearer is good enough to choose hardware by. */
const NEAR_PERCENT = 25;

function beliefTable(points: readonly RowPoint[]): string {
  const groups = Object.entries(KINDS).flatMap(([kind, name]) =>
    [false, true].map((isPart) => ({
      name,
      batches: isPart ? 'leave part-filled' : 'fill',
      own: points.filter(({ row }) => serverKind(row) === kind && isPartFilled(row) === isPart),
    })),
  );
  return table(
    groups.filter(({ own }) => own.length > 0),
    [
      ['server', ({ name }) => name],
      ['batches', ({ batches }) => batches],
      ...JUDGED.map(
        (metric): Column<(typeof groups)[number]> => [
          `${metric} within ${NEAR_PERCENT} %`,
          ({ own }) => nearOf(own, metric),
        ],
      ),
    ],
  );
}

const KINDS: Readonly<Record<ServerKind, string>> = {
  triton: 'Triton',
  waiting: 'other, waits for a full batch',
  greedy: 'other, takes what is there',
};

function nearOf(points: readonly RowPoint[], metric: Metric): string {
  const own = points.filter((point) => point.metric === metric);
  return `${own.filter((point) => Math.abs(point.errorPercent) <= NEAR_PERCENT).length} of ${own.length}`;
}

const BELIEF = `- A median of Triton with full batches can mostly be believed within ${NEAR_PERCENT} %.
- A tail cannot: late executions, and how batches are spread over GPUs, are in no published figure.
- Where batches leave before they are full, their times were not measured.
- A harness that takes what is there rests on one fitted share. Without another row of that kind it cannot be predicted.`;

const MODEL = `## The model

1. One sample of a large batch takes 1 / Offline. SingleStream gives the time of one sample, MultiStream that of eight.
2. What MultiStream takes longer than that is a copy, which runs beside the execution before.
3. What one sample alone takes longer is the fixed part of an execution. It is hidden where several streams run side by side.
4. Batches, delays, streams and GPUs are as published. Arrivals are Poisson at the published rate. One queue feeds all GPUs;
   each MIG slice has its own server, and requests are spread at random.
5. A valid run keeps its limit. Where more than a tenth of the requests would miss it, service times are cut until they do not.
   No percentile is predicted beyond the limit.
6. An interval spans the errors of all figures of left-out rows: on Triton or on others, with full or with part-filled batches.`;

function rulesSection({ rules, leaveOut }: Fit): string {
  const all = rules['']!;
  const rows = Object.entries(rules).flatMap(([group, kinds]) =>
    (Object.keys(kinds) as ServerKind[])
      .filter((kind) => group === '' || rulesText(kinds[kind]) !== rulesText(all[kind]))
      .map((kind) => ({ group, kind, text: rulesText(kinds[kind]) })),
  );
  return `## What was fitted

Coarse candidates of each kind of server are tried; the nearest on the rows of other groups (by ${leaveOut}) is taken.
Groups that are not listed have the rules of all rows. [rules.json](rules.json) keeps them for \`-- --data\`.

${table(rows, [
  ['rows', ({ group }) => (group === '' ? 'all rows' : `without ${group}`)],
  ['server', ({ kind }) => kind],
  ['rules', ({ text }) => text],
])}`;
}

/** From the short runs of the fit, without a cut of service times. */
function neighboursSection(tried: readonly TriedRow[]): string {
  const errorOf = (by: LeaveOut, { side, metric }: (typeof FIGURES)[number]) => {
    const own = [...leftOutErrors(tried, by, metric)].filter(([row]) => sideOf(row) === side);
    return median(own.map(([, error]) => error)).toFixed(1);
  };
  return `## What a prediction owes to its neighbours

Median errors in percent where rules are chosen without all rows of a row's group. A cell is a benchmark on a GPU.
These are the short runs of the fit, so that the first line is near the figures above, not equal.

${table(LEAVE_OUT, [
  ['left out', (by) => (by === 'round' ? 'round (the only one: no rule is fitted)' : by)],
  ...FIGURES.map(
    (figure): Column<LeaveOut> => [
      figure.metric === 'p50' ? figure.name : figure.metric,
      (by) => errorOf(by, figure),
    ],
  ),
])}`;
}

function groupTable(points: readonly RowPoint[]): string {
  const named = points.flatMap((point) => {
    const { benchmark, gpu } = point.row;
    const names = [`server: ${serverKind(point.row)}`, `benchmark: ${benchmark}`, `GPU: ${gpu}`];
    return names.map((name) => ({ name, point }));
  });
  const groups = [...groupBy(named, ({ name }) => name)].map(([name, own]) => ({
    name,
    own: own.map(({ point }) => point),
  }));
  type Group = (typeof groups)[number];
  return table(
    groups.sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      ['group', ({ name }) => name],
      ['rows', ({ own }) => rowsIn(own)],
      ...JUDGED.flatMap((metric): Column<Group>[] => [
        [`${metric}: median %`, ({ own }) => errorsOf(own, metric)!.median.toFixed(1)],
        ['worst', ({ own }) => errorsOf(own, metric)!.worst.toFixed(0)],
      ]),
      ['in interval %', ({ own }) => coverage(own).toFixed(0)],
      ['half-width %', ({ own }) => halfWidth(own).toFixed(0)],
    ],
  );
}

function rowsIn(points: readonly RowPoint[]): number {
  return new Set(points.map(({ row }) => row)).size;
}

function rowTable({ predicted, points }: Reproduced): string {
  const judged = predicted.map((each) => ({ ...each, own: points.filter(({ row }) => row === each.row) }));
  type Judged = (typeof judged)[number];
  const worst = ({ own }: Judged) => Math.max(...own.map((point) => Math.abs(point.errorPercent)));
  const cellOf = (metric: Metric, text: (point: RowPoint) => string) => (judged: Judged) => {
    const point = judged.own.find((each) => each.metric === metric);
    return point === undefined ? '–' : text(point);
  };
  return table(
    judged.sort((a, b) => worst(b) - worst(a)),
    [
      ['row', ({ row, files }) => `[${row.benchmark}, ${row.submitter}](scenarios/${files.scenarioPath})`],
      ['GPUs', ({ row }) => `${row.gpus} x ${row.gpu.replace(/^NVIDIA /, '')}`],
      ['harness', ({ row }) => row.harness],
      ['load of Offline', ({ row }) => `${Math.round((100 * row.ratePerS) / row.offlinePerS)} %`],
      ...METRICS.map(
        (metric) => [metric, cellOf(metric, ({ errorPercent }) => signed(errorPercent))] as const,
      ),
      [
        'p99 measured (interval)',
        cellOf('p99', ({ measured, low, high }) => `${measured} (${low} to ${high})`),
      ],
      ['times', ({ scale }) => (scale === 1 ? '' : `cut to ${Math.round(100 * scale)} %`)],
    ],
  );
}

const LIMITS = `## What was not blind, and what was looked up

1. The form of the model, and which few rules a fit chooses among, were found while all 56 rows were in view. Only the choice was made
   with rows left out. Rows that are not in the file are the fair test.
2. How a harness forms batches and hands them to GPUs was read in the public source of LWIS, NVIDIA's harness: its timeout of
   10 ms, its copy streams, its rounds. That search also showed a few published settings of other systems; none is used, and no
   results were looked up.
3. Means of greedy harnesses are left out: they answer what they put off (\`soft_drop\`) after minutes.
`;

function csv(points: readonly RowPoint[]): string {
  const rows = points.map((point) => ({
    ...pointFigures(point),
    errorPercent: Number(point.errorPercent.toFixed(2)),
    noisePercent: Number((100 * point.noise).toFixed(2)),
    modelPercent: Number((100 * (Math.exp(point.model) - 1)).toFixed(1)),
  }));
  return csvOf(Object.keys(rows[0] ?? {}), rows.map(Object.values));
}

function chart(points: readonly RowPoint[]): string {
  const groups = FIGURES.map(({ side, metric, name }) => ({
    name,
    points: ofSide(points, side).filter((point) => point.metric === metric),
  }));
  return predictedMeasuredChart(groups, { unit: 'ms', bandPercent: 10, width: 620 });
}
