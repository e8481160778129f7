import { median } from 'simple-statistics';
import { groupBy } from '../../src/base/group-by.js';
import { coverage, halfWidthPercent } from '../support/errors-by.js';
import { worstFirst } from '../support/points.js';
import { type Column, fields, fieldsCsv, signed, type Table, tableOf } from '../support/table.js';
import type { DoubtedPoint } from './doubt.js';
import type { Fit } from './fit.js';
import { claimed, clientsBelow, medianOf, type Point, type Target } from './judge.js';
import { nameOfGpus } from './peaks.js';
import type { Reproduction } from './reproduction.js';

const METRICS = ['p25', 'p50', 'p75', 'p95', 'throughput'] as const;

export function targetTable(targets: readonly Target[]): Table {
  return tableOf(targets, [
    ['target', ({ name }) => name],
    ['error %', ({ reachedPercent }) => reachedPercent.toFixed(2)],
    ['limit %', ({ limitPercent }) => limitPercent],
    ['verdict', ({ holds }) => (holds ? 'holds' : 'MISSED')],
  ]);
}

/** The points that are off by most; each kind of claim has its own order. */
export function worstTable(points: readonly Point[], count: number): Table {
  return tableOf(worstFirst(points).slice(0, count), [
    ...fields('test', 'model', 'pass', 'metric'),
    ['measured', ({ measured }) => measured.toFixed(1)],
    ['predicted', ({ predicted }) => predicted.toFixed(1)],
    ['error %', (point) => signed(point.errorPercent, 2)],
  ]);
}

/** Medians of the absolute error and of the error with its sign, by test and model. */
export function errorTable(points: readonly Point[]): Table {
  type Client = readonly [string, readonly Point[]];
  return tableOf(clientsBelow(points), [
    ['below saturation', ([label]) => label],
    ['basis', ([, own]) => own[0]!.basis],
    ['passes', ([, own]) => new Set(own.map(({ pass }) => pass)).size],
    ...METRICS.map((metric): Column<Client> => {
      const cell = ([, all]: Client) => {
        const own = all.filter((point) => point.metric === metric);
        const bias = Number(median(own.map(({ errorPercent }) => errorPercent)).toFixed(2));
        return `${medianOf(own).toFixed(2)} | ${signed(bias, 2)}`;
      };
      return [`${metric} median | bias`, cell];
    }),
  ]);
}

export function constantsTable({ fitted, lines, errorPercent }: Fit): Table {
  return tableOf(
    [...fitted.models],
    [
      ['model', ([model]) => model],
      ['s(8) ms', ([, { gpuMs, hostMs }]) => (gpuMs + hostMs).toFixed(2)],
      ['GPU ms', ([, { gpuMs }]) => gpuMs.toFixed(2)],
      ['host ms', ([, { hostMs }]) => hostMs.toFixed(2)],
      ['front end ms', ([, { frontEndMs }]) => frontEndMs.toFixed(2)],
      [
        'host CPU per request core-ms (check)',
        ([model, { frontEndMs }]) => {
          const { serviceMs, hostCpuMs } = lines.get(model)!;
          return `${(serviceMs / 8 + frontEndMs).toFixed(2)} of ${hostCpuMs.toFixed(2)} measured`;
        },
      ],
      ['mean error of the fit %', ([model]) => errorPercent.get(model)!.toFixed(2)],
    ],
  );
}

export function gainTable({ gains }: Reproduction): Table {
  return tableOf(gains, [
    ['frontier', ({ name }) => name],
    ['$/h', ({ usdPerHour }) => usdPerHour.toFixed(3)],
    ['ResNet-50 alone $/M', ({ aloneUsd }) => aloneUsd.resnet50.toFixed(3)],
    ['Inception-V3 alone $/M', ({ aloneUsd }) => aloneUsd['inception-v3'].toFixed(3)],
    [
      'best mix (ResNet-50 + Inception-V3 /s)',
      ({ best }) => `${best.resnet50.toFixed(1)} + ${best['inception-v3'].toFixed(1)}`,
    ],
    ['dedicated $/M', ({ dedicatedUsd }) => dedicatedUsd.toFixed(3)],
    ['shared $/M', ({ sharedUsd }) => sharedUsd.toFixed(3)],
    ['saves %', ({ costReductionPercent }) => costReductionPercent.toFixed(1)],
  ]);
}

/** What test 9 would be with other host assumptions: largest error of each kind. */
export function hostTable({ hosts, targets, setups }: Reproduction): Table {
  const kinds = [
    ['p25', / p25 below/],
    ['p50', / p50 below/],
    ['p75', / p75 below/],
    ['p95', / p95 below/],
    ['ResNet-50 saturation', /resnet50 throughput at saturation/],
    ['Inception-V3 saturation', /inception-v3 throughput at saturation/],
  ] as const;
  const used = setups.host.threadsAtFullSpeed;
  const ofTest9 = targets.filter(({ name }) => name.startsWith('test 9'));
  const rows = [{ threadsAtFullSpeed: used, targets: ofTest9 }, ...hosts];
  return tableOf(
    rows.sort((a, b) => a.threadsAtFullSpeed - b.threadsAtFullSpeed),
    [
      [
        'threads at full speed',
        ({ threadsAtFullSpeed: threads }) => `${threads}${threads === used ? ' (used)' : ''}`,
      ],
      ...kinds.map(
        ([name, pattern]) =>
          [
            `test 9 ${name} error %`,
            ({ targets: own }: (typeof rows)[number]) =>
              own.find((target) => pattern.test(target.name))?.reachedPercent.toFixed(2),
          ] as const,
      ),
    ],
  );
}

/** Points of the figure, those that are off by most first. */
export function figureTable(points: readonly DoubtedPoint[]): Table {
  return tableOf(worstFirst(points.filter(({ test }) => test === 'frontier')), [
    ['line', ({ setup }) => setup],
    ['point', ({ pass }) => pass],
    ['models on its GPUs', ({ sharing }) => (sharing === 'gpu' ? 'both' : 'one')],
    ['told', ({ model }) => model],
    ['measured /s', ({ measured }) => measured.toFixed(1)],
    ['predicted /s', ({ predicted }) => predicted.toFixed(1)],
    ['95 % interval', ({ low, high }) => `${low.toFixed(1)} to ${high.toFixed(1)}`],
    ['error %', (point) => signed(point.errorPercent, 2)],
  ]);
}

/** What each peak says of its host. */
export function hostEstimateTable({ known }: Reproduction): Table {
  return tableOf(known.hostEstimates, [
    ['peak', ({ peak }) => `${nameOfGpus(peak)} ${peak.model}`],
    ['threads at full speed with which it comes out', ({ threads }) => threads],
  ]);
}

/** How often measured figures lie in their intervals, by what stands behind a prediction. */
export function intervalTable(points: readonly DoubtedPoint[]): Table {
  const named = [...groupBy(points, intervalKind)].sort(([a], [b]) => a.localeCompare(b));
  return tableOf(
    [['all', points] as const, ...named],
    [
      ['figures', ([name]) => name],
      ['number', ([, own]) => own.length],
      ['within %', ([, own]) => coverage(own).toFixed(1)],
      ['median half-width %', ([, own]) => median(own.map(halfWidthPercent)).toFixed(1)],
    ],
  );
}

function intervalKind({ test, sharing, metric, belowSaturation, basis }: DoubtedPoint): string {
  if (test === 'frontier') return sharing === 'gpu' ? 'frontier, both models' : 'frontier, one model';
  if (!metric.startsWith('p')) return 'throughput of tests';
  return `latency ${belowSaturation ? 'below' : 'at'} saturation${basis === 'extrapolated' ? ', extrapolated' : ''}`;
}

const CSV_COLUMNS = [
  ...(['test', 'setup', 'model', 'pass', 'metric', 'measured', 'predicted', 'low', 'high'] as const),
  ...(['errorPercent', 'belowSaturation', 'sharing', 'basis'] as const),
];

/** Every point as a row of `predicted.csv`: claims first, then the rest; the worst first in both. */
export function pointsCsv(points: readonly DoubtedPoint[]): string {
  const claims = new Set<Point>(claimed(points));
  const rest = points.filter((each) => !claims.has(each));
  const claiming = points.filter((each) => claims.has(each));
  return fieldsCsv([...worstFirst(claiming), ...worstFirst(rest)], CSV_COLUMNS);
}
