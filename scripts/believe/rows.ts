import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { medianError, worstFirst } from '../support/points.js';
import { numberIn, type Row, readTable } from '../support/source-table.js';
import { signed } from '../support/table.js';

/** A kind of prediction, and what may be done with it. */
interface Kind {
  readonly what: string;
  readonly use: string;
  readonly doNot: string;
  /** The page with every row. */
  readonly page: string;
  readonly figures: readonly Figures[];
}

/** Points of one figure; none where nobody measured it. */
interface Figures {
  readonly name: string;
  readonly points: readonly Row[];
  /** Where only a page tells it. */
  readonly medianPercent?: number;
}

/** All kinds of predictions on GPUs, from the results that `npm run reproduce:*` wrote into a folder. */
export function kindsIn(results: string): readonly Kind[] {
  const table = (name: string) => readTable(join(results, name, 'predicted.csv'));
  return [
    ...fromSeed(table('seed')),
    ...fromMlperf(table('mlperf'), readFileSync(join(results, 'mlperf/README.md'), 'utf8')),
    ...fromNvidia(table('nvidia')),
    ...fromMig(table('mig')),
    ...NEVER_MEASURED,
  ];
}

function fromSeed(rows: readonly Row[]): Kind[] {
  const predicted = rows.filter(({ basis }) => basis === 'predicted');
  const latencies = (tests: readonly string[], isBelow: boolean): Figures => ({
    name: 'p25 to p95',
    points: predicted.filter(
      ({ test, metric, belowSaturation }) =>
        tests.includes(test!) && /^p\d+$/.test(metric!) && belowSaturation === String(isBelow),
    ),
  });
  const page = 'seed';
  return [
    {
      what: 'one model alone, open loop, on the GPU whose logs were fitted (P4), below saturation',
      use: 'latencies, SLOs',
      doNot: 'the tail of one short pass',
      page,
      figures: [latencies(['4', '5'], true)],
    },
    {
      what: 'the same at or near saturation',
      use: 'the verdict that it does not keep up',
      doNot: 'any latency',
      page,
      figures: [latencies(['4', '5'], false)],
    },
    {
      what: 'two models on one GPU by streams (P4; the law was chosen with these points in view)',
      use: 'throughput; latency of the model that is not saturated',
      doNot: 'latency of the one that is',
      page,
      figures: [
        latencies(['9'], true),
        { name: 'frontier, throughput', points: predicted.filter(({ test }) => test === 'frontier') },
      ],
    },
    {
      what: 'cost of an inference on a GPU whose logs were fitted: price over throughput at saturation',
      use: 'choosing between placements there',
      doNot: 'differences of a few percent',
      page,
      figures: [
        {
          name: 'throughput at saturation',
          points: predicted.filter(({ metric }) => metric === 'saturationThroughput'),
        },
      ],
    },
  ];
}

function fromMlperf(rows: readonly Row[], readme: string): Kind[] {
  const page = 'mlperf';
  const percentiles = (isOne: (row: Row) => boolean): Figures[] =>
    ['p50', 'p99'].map((name) => ({
      name,
      points: rows.filter((row) => row['metric'] === name && isOne(row)),
    }));
  const isMig = ({ system }: Row) => system!.includes('MIG');
  const [p50, p99] = leftOutFamily(readme);
  return [
    {
      what: 'one model alone, open loop, on Triton, from solo figures of the GPU',
      use: 'medians where batches fill; the first guess of a size',
      doNot: 'p99; a last GPU more or less',
      page,
      figures: percentiles((row) => row['harness'] === 'Triton' && !isMig(row)),
    },
    {
      what: 'the same on another server than Triton',
      use: 'orders of magnitude',
      doNot: 'SLOs',
      page,
      figures: percentiles((row) => row['harness'] !== 'Triton' && !isMig(row)),
    },
    {
      what: 'one model on MIG slices, open loop, from solo figures of a slice',
      use: 'orders of magnitude',
      doNot: 'SLOs; neighbours on other slices count as nothing',
      page,
      figures: percentiles(isMig),
    },
    {
      what: 'a family of models of which no row shaped a rule, open loop, on Triton',
      use: 'medians where batches fill',
      doNot: 'p99',
      page,
      figures: [
        { name: 'p50', points: [], medianPercent: p50 },
        { name: 'p99', points: [], medianPercent: p99 },
      ],
    },
  ];
}

/** Medians of p50 and p99 on Triton that the page tells with each family left out. */
function leftOutFamily(readme: string): readonly [number, number] {
  const cells = /^\| family \| ([\d.]+) \| ([\d.]+) \|/m.exec(readme);
  if (cells === null) throw new Error('results/mlperf/README.md has no row for a family left out');
  return [Number(cells[1]), Number(cells[2])];
}

function fromNvidia(rows: readonly Row[]): Kind[] {
  const page = 'nvidia';
  const figures = (isOne: (row: Row) => boolean): Figures[] =>
    [
      ['throughput', 'throughputPerS'],
      ['mean latency', 'meanMs'],
    ].map(([name, metric]) => ({
      name: name!,
      points: rows.filter((row) => row['metric'] === metric && isOne(row)),
    }));
  const isCnn = ({ isCnn }: Row) => isCnn === 'true';
  const isTensorRt = ({ model }: Row) => /-trt-/.test(model!) && !/-onnx-/.test(model!);
  return [
    {
      what: 'closed loop of a CNN, from an offline table of the GPU',
      use: 'throughput within a third',
      doNot: 'choosing between settings that differ by less',
      page,
      figures: figures(isCnn),
    },
    {
      what: 'closed loop of another model, two instances, from an offline table',
      use: 'latency; the order of settings',
      doNot: 'throughput of one setting',
      page,
      figures: figures((row) => !isCnn(row) && !isTensorRt(row)),
    },
    {
      what: 'the same with TensorRT',
      use: 'orders of magnitude',
      doNot: 'numbers of GPUs: throughput comes out too high',
      page,
      figures: figures(isTensorRt),
    },
  ];
}

function fromMig(rows: readonly Row[]): Kind[] {
  return [
    {
      what: 'four and five processes of one model under MPS on a MIG slice, from one to three of them',
      use: 'throughput and latency of closed loops',
      doNot: 'models that slow each other before the slice is full (BERT)',
      page: 'mig',
      figures: [
        ['throughput', 'throughputPerS'],
        ['latency', 'latencyMs'],
      ].map(([name, metric]) => ({ name: name!, points: rows.filter((row) => row['metric'] === metric) })),
    },
  ];
}

const NEVER_MEASURED: readonly Kind[] = [
  'two models on one GPU by time slices',
  'two models on one GPU by MPS',
  'number of GPUs and cost of a plan, deployed',
].map((what) => ({
  what,
  use: 'comparing placements under one assumption',
  doNot: 'an SLO that must hold: nobody measured it',
  page: 'placement',
  figures: [{ name: 'any', points: [] }],
}));

/** The cells of a figure: how many, median, worst with its sign, share in their 95 % interval. */
export function errorCells({ points, medianPercent }: Figures): readonly string[] {
  if (points.length === 0)
    return ['–', medianPercent === undefined ? 'not measured' : medianPercent.toFixed(1), '–', '–'];
  const errors = points.map((row) => ({ errorPercent: numberIn(row, 'errorPercent')! }));
  return [
    String(points.length),
    medianError(errors).toFixed(1),
    signed(worstFirst(errors)[0]!.errorPercent, 0),
    coverageText(points),
  ];
}

function coverageText(points: readonly Row[]): string {
  const judged = points.filter((row) => numberIn(row, 'low') !== undefined);
  if (judged.length === 0) return 'none told';
  const within = judged.filter((row) => {
    const measured = numberIn(row, 'measured')!;
    return measured >= numberIn(row, 'low')! && measured <= numberIn(row, 'high')!;
  });
  return ((100 * within.length) / judged.length).toFixed(0);
}
