import {
  coverage,
  errorVerdict,
  type Group,
  groupedChart,
  metricError,
  worstGroups,
} from '../support/errors-by.js';
import { fieldsCsv, markdownTable, signed, type Table, tableOf, terminalTable } from '../support/table.js';
import type { GpuFit } from './fit.js';
import type { SharedFrontEnd } from './front-end.js';
import { COMPARISON, FITTED, INTERVALS, NOT_BLIND } from './page-text.js';
import { METRICS, type Metric, type Point } from './predict.js';
import type { Reproduction } from './reproduction.js';
import { scenarioFiles, tablePaths } from './scenario-files.js';
import type { NvidiaTable } from './tables.js';

/** What issue 4 asks of the rows of convolutional networks, percent. */
export const TARGET_PERCENT = 10;

/** What issue 38 asks of those with large inputs, of other models, and of the worst table. */
const ASKED_PERCENT = { images: 8, others: 15, table: 20 } as const;

const WORST = 25;

export const METRIC_NAMES: Readonly<Record<Metric, string>> = {
  throughputPerS: 'throughput',
  meanMs: 'mean latency',
};

const COLUMNS = [
  ...(['model', 'device', 'concurrency', 'isCnn', 'metric', 'measured', 'predicted'] as const),
  ...(['low', 'high', 'errorPercent'] as const),
];

/** All files of the results folder by name; the same for the same tables and version. */
export function resultFiles(reproduction: Reproduction, made: string): ReadonlyMap<string, string> {
  const { points } = reproduction;
  return new Map([
    ['README.md', readme(reproduction, made)],
    ['predicted.csv', fieldsCsv(points, COLUMNS)],
    ['points.json', `${JSON.stringify({ points }, undefined, 1)}\n`],
    ['throughput.svg', chart(points, 'throughputPerS', '1/s')],
    ['mean-latency.svg', chart(points, 'meanMs', 'ms')],
    ...scenarioFiles(reproduction),
  ]);
}

/** The verdict and the errors by table, for the terminal. */
export function summary(reproduction: Reproduction): string {
  const { points, withoutOffline } = reproduction;
  const lines = verdictLines(reproduction).map((line) => `${line}\n`);
  const left = withoutOffline.length === 0 ? '' : `${notPredicted(withoutOffline)}\n`;
  return `${lines.join('')}${left}${terminalTable(errorTable(points, 'table', tableNameOf))}\n`;
}

function notPredicted(withoutOffline: readonly string[]): string {
  return `Not predicted, because there is no offline table: ${withoutOffline.join('; ')}.`;
}

function tableNameOf({ model, device }: Pick<Point, 'model' | 'device'>): string {
  return `${model} on ${device}`;
}

function tableLinkOf(point: Point): string {
  return `[${tableNameOf(point)}](${tablePaths({ ...point, name: point.model }).sweep})`;
}

/** Mean and worst error of each group, the group with the larger mean first. */
function errorTable(points: readonly Point[], name: string, by: (point: Point) => string): Table {
  return tableOf(worstGroups(points, by, METRICS), [
    [name, ([group]) => group],
    ['rows', ([, own]) => own.length / METRICS.length],
    ...METRICS.flatMap((metric) => [
      [
        `${METRIC_NAMES[metric]}: mean error %`,
        ([, own]: Group<Point>) => metricError(own, metric).toFixed(1),
      ] as const,
      [
        'worst, signed %',
        ([, own]: Group<Point>) => signed(own.find((point) => point.metric === metric)!.errorPercent),
      ] as const,
    ]),
  ]);
}

/** All points by GPU, as SVG. */
function chart(points: readonly Point[], metric: Metric, unit: string): string {
  return groupedChart(points, metric, ({ device }) => device, { unit, bandPercent: TARGET_PERCENT });
}

/** As this page has always written its tables. */
function table(of: Table): string {
  return markdownTable(of, ' --- ');
}

function readme(reproduction: Reproduction, made: string): string {
  return [
    heading(made),
    verdictSection(reproduction),
    gpuSection(reproduction.gpus),
    fitsSection(reproduction),
    limitsSection(reproduction),
    INTERVALS,
    NOT_BLIND,
    COMPARISON,
    errorSections(reproduction),
    worstSection(reproduction),
  ].join('\n\n');
}

function heading(made: string): string {
  return `# NVIDIA's online tables, predicted from its offline tables

Written by \`npm run reproduce:nvidia\` (${made}); the same tables and version give the same bytes.
[predicted.csv](predicted.csv) and [points.json](points.json) have every figure.

Measured figures: NVIDIA/DeepLearningExamples@729963d (BSD-3-Clause or Apache-2.0, by folder of the source), Triton measured
with perf_analyzer. The offline tables have one caller and fixed batches; the online tables have dynamic batching and a
closed loop of many clients.

The shipped profiles of \`calibration/\` predict, byte for byte. What is given with \`--data\` or left out is fitted anew.

Beside other yardsticks: [what can be believed on GPUs](../../docs/accuracy.md#what-can-be-believed-on-gpus).`;
}

function verdictSection(reproduction: Reproduction): string {
  const lines = [
    ...verdictLines(reproduction),
    'Without a family or a GPU: [families](left-out-family.md), [GPUs](left-out-gpu.md).',
    '![Throughput, predicted over measured](throughput.svg)',
    '![Mean latency, predicted over measured](mean-latency.svg)',
  ];
  return `## Verdict\n\n${lines.join('\n\n')}`;
}

/** The errors against what was asked. */
function verdictLines({ points, gpus }: Reproduction): readonly string[] {
  if (points.length === 0) return ['There are no online rows to compare.'];
  const tables = gpus.flatMap((gpu) => gpu.tables.map(({ table }) => table));
  const inMemory = new Set(
    tables.filter(hasNoInputs).map((table) => tableNameOf({ ...table, model: table.name })),
  );
  const cnn = points.filter(({ isCnn }) => isCnn);
  const sent = cnn.filter((point) => !inMemory.has(tableNameOf(point)));
  const others = points.filter(({ isCnn }) => !isCnn);
  const errors = (own: typeof points, asked: number) => {
    const parts = METRICS.map(
      (metric) => `${metricError(own, metric).toFixed(1)} % (${METRIC_NAMES[metric]})`,
    );
    const holds = METRICS.every((metric) => metricError(own, metric) <= asked);
    return `${parts.join(', ')}; asked for is ${asked} %: ${holds ? 'holds' : 'MISSED'}`;
  };
  const all = errorVerdict(cnn, {
    metrics: METRIC_NAMES,
    rows: 'online rows of CNNs',
    askedPercent: TARGET_PERCENT,
  });
  return [
    ...(cnn.length === 0
      ? []
      : [all, `${coverage(cnn).toFixed(1)} % of these figures lie in their 95 % interval.`]),
    ...(sent.length === 0
      ? []
      : [`Of CNNs whose clients send their inputs: ${errors(sent, ASKED_PERCENT.images)}.`]),
    ...(others.length === 0
      ? []
      : [
          `Of the other models: ${errors(others, ASKED_PERCENT.others)}. ${coverage(others).toFixed(1)} % lie in their interval.`,
        ]),
    `Tables with a mean error above ${ASKED_PERCENT.table} %, of which none is asked for: ${tablesAbove(points, ASKED_PERCENT.table)}.`,
  ];
}

/** Whose inputs lie in shared memory: such rows are easy, and do not count as those of other CNNs. */
function hasNoInputs({ setups }: NvidiaTable): boolean {
  return setups[0]!.sharedMemory !== undefined;
}

const FRONT_END_HEAD: Readonly<Record<keyof SharedFrontEnd, string>> = {
  serialMsPerKb: 'one after another, us/MB',
  parallelMsPerKb: 'side by side, us/MB',
  inputMsPerKb: 'input copy, us/MB',
  responseMs: 'response, us',
  roundTripMs: 'round trip, us',
};

function gpuSection(gpus: readonly GpuFit[]): string {
  const names = Object.keys(FRONT_END_HEAD) as (keyof SharedFrontEnd)[];
  const fitted = ({ tables }: GpuFit) => tables.reduce((sum, one) => sum + one.fittedConcurrencies.length, 0);
  const frontEnds = tableOf(gpus, [
    ['GPU', ({ device }) => device],
    ['online rows fitted', fitted],
    ...names.map(
      (name) => [FRONT_END_HEAD[name], ({ front }: GpuFit) => shown(name, front.frontEnd[name])] as const,
    ),
    ['misfit', ({ front }) => front.misfit.toFixed(2)],
  ]);
  return `${FITTED}

${table(frontEnds)}`;
}

/** Milliseconds per kilobyte are, by the same figure, microseconds per megabyte / 1024 x 1000. */
function shown(name: keyof SharedFrontEnd, value: number): string {
  const us = name.endsWith('PerKb') ? value * 1024 * 1000 : value * 1000;
  return us.toFixed(us < 10 ? 1 : 0);
}

function fitsSection({ gpus, withoutOffline }: Reproduction): string {
  const left = withoutOffline.length === 0 ? '' : `\n\n${notPredicted(withoutOffline)}`;
  const fits = gpus.flatMap(({ tables }) => tables);
  const seen = tableOf(fits, [
    ['table', ({ table: { name, device } }) => `${name} on ${device}`],
    ['offline rows', ({ table: { offline } }) => offline.length],
    ['online rows fitted (clients)', ({ fittedConcurrencies: clients }) => clients.join(', ') || 'none'],
    ['instances', ({ setup }) => setup.instances],
  ]);
  return `${table(seen)}${left}`;
}

function tablesAbove(points: readonly Point[], percent: number): string {
  const isMissed = ([, own]: Group<Point>) =>
    METRICS.some((metric) => Number(metricError(own, metric).toFixed(1)) > percent);
  const missed = worstGroups(points, tableNameOf, METRICS).filter(isMissed);
  return missed.map(([name]) => name).join(', ') || 'none';
}

function limitsSection({ points }: Reproduction): string {
  return `## Where it does not hold

Tables with a mean error above ${TARGET_PERCENT} %: ${tablesAbove(points, TARGET_PERCENT)}.

TensorFlow's ResNet-50 on the T4 infers in half the time online that its offline table leaves for it: one front end of the GPU
does not describe both ResNet-50s. Copies in of the small models count as offline, where inputs came through shared memory.

Four rows are among the examples, too: \`perseus simulate examples/scenarios/nvidia-onnx.yaml\` (\`-pytorch\`, \`-tensorflow\`, \`-tensorrt\`).`;
}

const EVERY_ROW = `Every row is a command. A table's name leads to a sweep that plays all of its rows, each in the run of this page;
\`clients\` tells the rows apart, and the folder of results has the scenario of each:

\`\`\`sh
npx perseus sweep results/nvidia/sweeps/t4/resnet50-onnx-trt-fp16.yaml --out .tmp/rows --csv
npx perseus simulate results/nvidia/scenarios/t4/resnet50-onnx-trt-fp16.yaml    # one row, beside what was measured
\`\`\`

Throughput is the same but for TFT and wide-and-deep: there this page shows what perf_analyzer does, \`perseus\` the true one.
Mean latency differs by 0.2 % on average, for a run counts requests by when they were sent, this page by when they were
answered. It differs by up to 16 % where the run lasts a few latencies only: TFT with PyTorch on the T4, 24 to 72 clients.`;

function errorSections({ points, isShipped }: Reproduction): string {
  const cnn = points.filter(({ isCnn }) => isCnn);
  return `## Errors by table, worst first

${isShipped ? `${EVERY_ROW}\n\n` : ''}${table(errorTable(points, 'table', isShipped ? tableLinkOf : tableNameOf))}

## By GPU (CNNs)

${table(errorTable(cnn, 'GPU', ({ device }) => device))}

## By model (CNNs)

${table(errorTable(cnn, 'model', ({ model }) => model))}

## By clients (CNNs)

${table(errorTable(cnn, 'clients', ({ concurrency }) => String(concurrency)))}`;
}

function worstSection({ points }: Reproduction): string {
  const worst = tableOf(points.slice(0, WORST), [
    ['model, GPU, clients', ({ tenant }) => tenant],
    ['metric', ({ metric }) => METRIC_NAMES[metric]],
    ['measured', ({ measured }) => measured],
    ['predicted', ({ predicted }) => predicted],
    ['95 % interval', ({ low, high }) => `${low} to ${high}`],
    ['error %', (point) => signed(point.errorPercent)],
  ]);
  return `## The worst single figures

[predicted.csv](predicted.csv) has all, the worst first.

${table(worst)}
`;
}
