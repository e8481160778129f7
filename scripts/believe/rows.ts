import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remembered } from '../../src/base/remembered.js';
import { coverage } from '../support/errors-by.js';
import { medianError, worstFirst } from '../support/points.js';
import { numberIn, type Row, readTable } from '../support/source-table.js';
import { signed } from '../support/table.js';

/** A kind of prediction, and what may be done with it. */
interface Kind<Figure> {
  readonly what: string;
  readonly use: string;
  readonly doNot: string;
  /** The page with every row. */
  readonly page: string;
  readonly figures: readonly Figure[];
}

type IsOne = (row: Row) => boolean;

/** Points of one figure: rows of the page's table; undefined where nobody measured any. */
interface Figure {
  readonly name: string;
  readonly isOne?: IsOne;
  /** Where only the page tells it, its number in the page's row of what is left out. */
  readonly onPage?: number;
}

interface Figures extends Pick<Figure, 'name'> {
  readonly points: readonly Row[];
  readonly medianPercent?: number;
}

/** All kinds of predictions on GPUs, from the results that `npm run reproduce:*` wrote into a folder. */
export function kindsIn(results: string): readonly Kind<Figures>[] {
  const tables = new Map<string, readonly Row[]>();
  return KINDS.map((kind) => ({
    ...kind,
    figures: kind.figures.map(({ name, isOne, onPage }) => {
      if (onPage !== undefined) return { name, points: [], medianPercent: leftOutFamily(results)[onPage]! };
      if (isOne === undefined) return { name, points: [] };
      const file = join(results, kind.page, 'predicted.csv');
      return { name, points: remembered(tables, file, () => readTable(file)).filter(isOne) };
    }),
  }));
}

/** Medians of p50 and p99 on Triton that MLPerf's page tells with each family left out. */
function leftOutFamily(results: string): readonly number[] {
  const page = readFileSync(join(results, 'mlperf/README.md'), 'utf8');
  const cells = /^\| family \| ([\d.]+) \| ([\d.]+) \|/m.exec(page);
  if (cells === null) throw new Error('results/mlperf/README.md has no row for a family left out');
  return cells.slice(1).map(Number);
}

const isPredicted: IsOne = ({ basis }) => basis === 'predicted';

/** Of tests of the seed, below saturation or not. */
const latencies = (tests: readonly string[], isBelow: boolean): Figure => ({
  name: 'p25 to p95',
  isOne: (row) =>
    isPredicted(row) &&
    tests.includes(row['test']!) &&
    /^p\d+$/.test(row['metric']!) &&
    row['belowSaturation'] === String(isBelow),
});

/** Figures by name, each with the metric that the table calls it. */
const byMetric = (metrics: Readonly<Record<string, string>>, isOne: IsOne = () => true): Figure[] =>
  Object.entries(metrics).map(([name, metric]) => ({
    name,
    isOne: (row) => row['metric'] === metric && isOne(row),
  }));

const PERCENTILES = { p50: 'p50', p99: 'p99' };
const isMig: IsOne = ({ system }) => system!.includes('MIG');
const isTriton: IsOne = ({ harness }) => harness === 'Triton';

const OF_LOOPS = { throughput: 'throughputPerS', 'mean latency': 'meanMs' };
const isCnn: IsOne = (row) => row['isCnn'] === 'true';
const isTensorRt: IsOne = ({ model }) => /-trt-/.test(model!) && !/-onnx-/.test(model!);

const KINDS: readonly Kind<Figure>[] = [
  {
    page: 'seed',
    what: 'one model alone, open loop, on the GPU whose logs were fitted (P4), below saturation',
    use: 'latencies, SLOs',
    doNot: 'the tail of one short pass',
    figures: [latencies(['4', '5'], true)],
  },
  {
    page: 'seed',
    what: 'the same at or near saturation',
    use: 'the verdict that it does not keep up',
    doNot: 'any latency',
    figures: [latencies(['4', '5'], false)],
  },
  {
    page: 'seed',
    what: 'two models on one GPU by streams (P4; the law was chosen with these points in view)',
    use: 'throughput; latency of the model that is not saturated',
    doNot: 'latency of the one that is',
    figures: [
      latencies(['9'], true),
      { name: 'frontier, throughput', isOne: (row) => isPredicted(row) && row['test'] === 'frontier' },
    ],
  },
  {
    page: 'seed',
    what: 'cost of an inference on a GPU whose logs were fitted: price over throughput at saturation',
    use: 'choosing between placements there',
    doNot: 'differences of a few percent',
    figures: byMetric({ 'throughput at saturation': 'saturationThroughput' }, isPredicted),
  },
  {
    page: 'mlperf',
    what: 'one model alone, open loop, on Triton, from solo figures of the GPU',
    use: 'medians where batches fill; the first guess of a size',
    doNot: 'p99; a last GPU more or less',
    figures: byMetric(PERCENTILES, (row) => isTriton(row) && !isMig(row)),
  },
  {
    page: 'mlperf',
    what: 'the same on another server than Triton',
    use: 'orders of magnitude',
    doNot: 'SLOs',
    figures: byMetric(PERCENTILES, (row) => !isTriton(row) && !isMig(row)),
  },
  {
    page: 'mlperf',
    what: 'one model on MIG slices, open loop, from solo figures of a slice',
    use: 'orders of magnitude',
    doNot: 'SLOs; neighbours on other slices count as nothing',
    figures: byMetric(PERCENTILES, isMig),
  },
  {
    page: 'mlperf',
    what: 'a family of models of which no row shaped a rule, open loop, on Triton',
    use: 'medians where batches fill',
    doNot: 'p99',
    figures: Object.keys(PERCENTILES).map((name, onPage) => ({ name, onPage })),
  },
  {
    page: 'nvidia',
    what: 'closed loop of a CNN, from an offline table of the GPU',
    use: 'throughput within a third',
    doNot: 'choosing between settings that differ by less',
    figures: byMetric(OF_LOOPS, isCnn),
  },
  {
    page: 'nvidia',
    what: 'closed loop of another model, two instances, from an offline table',
    use: 'latency; the order of settings',
    doNot: 'throughput of one setting',
    figures: byMetric(OF_LOOPS, (row) => !isCnn(row) && !isTensorRt(row)),
  },
  {
    page: 'nvidia',
    what: 'the same with TensorRT',
    use: 'orders of magnitude',
    doNot: 'numbers of GPUs: throughput comes out too high',
    figures: byMetric(OF_LOOPS, isTensorRt),
  },
  {
    page: 'mig',
    what: 'four and five processes of one model under MPS on a MIG slice, from one to three of them',
    use: 'throughput and latency of closed loops',
    doNot: 'models that slow each other before the slice is full (BERT)',
    figures: byMetric({ throughput: 'throughputPerS', latency: 'latencyMs' }),
  },
  ...[
    'two models on one GPU by time slices',
    'two models on one GPU by MPS',
    'number of GPUs and cost of a plan, deployed',
  ].map((what) => ({
    page: 'placement',
    what,
    use: 'comparing placements under one assumption',
    doNot: 'an SLO that must hold: nobody measured it',
    figures: [{ name: 'any' }],
  })),
];

/** The cells of a figure: how many, median, worst with its sign, share in their 95 % interval. */
export function errorCells({ points, medianPercent }: Figures): readonly string[] {
  if (points.length === 0)
    return ['–', medianPercent === undefined ? 'not measured' : medianPercent.toFixed(1), '–', '–'];
  const number = (row: Row, column: string) => numberIn(row, column) ?? Number.NaN;
  const errors = points.map((row) => ({ errorPercent: number(row, 'errorPercent') }));
  const judged = points
    .map((row) => ({ measured: number(row, 'measured'), low: number(row, 'low'), high: number(row, 'high') }))
    .filter(({ low }) => !Number.isNaN(low));
  return [
    String(points.length),
    medianError(errors).toFixed(1),
    signed(worstFirst(errors)[0]!.errorPercent, 0),
    judged.length === 0 ? 'none told' : coverage(judged).toFixed(0),
  ];
}
