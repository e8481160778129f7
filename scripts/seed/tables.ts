import type { Fit } from './fit.js';
import type { Point } from './points.js';
import type { Reproduction } from './reproduction.js';
import { type ErrorRow, errorRows, type Target, worstFirst } from './targets.js';

/** Rows of text cells below a head. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function targetTable(targets: readonly Target[]): Table {
  return {
    head: ['target', 'error %', 'limit %', 'verdict'],
    rows: targets.map(({ name, reachedPercent, limitPercent, holds }) => [
      name,
      reachedPercent.toFixed(2),
      String(limitPercent),
      holds ? 'holds' : 'MISSED',
    ]),
  };
}

/** The points that are off by most; each kind of claim has its own order. */
export function worstTable(points: readonly Point[], count: number): Table {
  return {
    head: ['test', 'model', 'pass', 'metric', 'measured', 'predicted', 'error %'],
    rows: worstFirst(points)
      .slice(0, count)
      .map((point) => [
        String(point.test),
        point.model,
        point.pass === null ? '' : String(point.pass),
        point.metric,
        point.measured.toFixed(1),
        point.predicted.toFixed(1),
        signed(point.errorPercent),
      ]),
  };
}

/** Points that stand for a claim: latency below saturation that is not extrapolated, and throughputs. */
export function claimed(points: readonly Point[]): readonly Point[] {
  return points.filter(
    ({ belowSaturation, basis, metric }) =>
      basis !== 'extrapolated' && (belowSaturation || !metric.startsWith('p')),
  );
}

export function errorTable(points: readonly Point[]): Table {
  const rows = [...errorRows(points)].sort((a, b) => worstOf(b) - worstOf(a));
  return {
    head: ['below saturation', 'basis', 'passes', ...METRICS.map((metric) => `${metric} median | bias`)],
    rows: rows.map(({ label, basis, passes, byMetric }) => [
      label,
      basis,
      String(passes),
      ...METRICS.map((metric) => {
        const errors = byMetric.get(metric);
        return errors === undefined ? '' : `${errors.median.toFixed(2)} | ${signed(errors.bias)}`;
      }),
    ]),
  };
}

const METRICS = ['p25', 'p50', 'p75', 'p95', 'throughput'] as const;

function worstOf({ byMetric }: ErrorRow): number {
  return Math.max(...[...byMetric.values()].map(({ median }) => median));
}

export function constantsTable({ fitted, lines, errorPercent }: Fit): Table {
  return {
    head: [
      'model',
      's(8) ms',
      'GPU ms',
      'host ms',
      'front end ms',
      'host CPU per request core-ms (check)',
      'mean error of the fit %',
    ],
    rows: [...fitted.models].map(([model, { gpuMs, hostMs, frontEndMs }]) => [
      model,
      (gpuMs + hostMs).toFixed(2),
      gpuMs.toFixed(2),
      hostMs.toFixed(2),
      frontEndMs.toFixed(2),
      `${(lines.get(model)!.serviceMs / 8 + frontEndMs).toFixed(2)} of ${lines.get(model)!.hostCpuMs.toFixed(2)} measured`,
      errorPercent.get(model)!.toFixed(2),
    ]),
  };
}

export function gainTable({ gains }: Reproduction): Table {
  return {
    head: [
      'frontier',
      '$/h',
      'ResNet-50 alone $/M',
      'Inception-V3 alone $/M',
      'best mix (ResNet-50 + Inception-V3 /s)',
      'dedicated $/M',
      'shared $/M',
      'saves %',
    ],
    rows: gains.map((gain) => [
      gain.name,
      gain.usdPerHour.toFixed(3),
      gain.aloneUsd.resnet50.toFixed(3),
      gain.aloneUsd['inception-v3'].toFixed(3),
      `${gain.best.resnet50.toFixed(1)} + ${gain.best['inception-v3'].toFixed(1)}`,
      gain.dedicatedUsd.toFixed(3),
      gain.sharedUsd.toFixed(3),
      gain.costReductionPercent.toFixed(1),
    ]),
  };
}

/** What test 9 and the frontier would be with other host assumptions: largest error of each kind. */
export function hostTable({ hosts, targets, setups }: Reproduction): Table {
  const kinds = [
    ['p25', / p25 below/],
    ['p50', / p50 below/],
    ['p75', / p75 below/],
    ['p95', / p95 below/],
    ['ResNet-50 saturation', /resnet50 throughput at saturation/],
    ['Inception-V3 saturation', /inception-v3 throughput at saturation/],
  ] as const;
  const used = {
    threadsAtFullSpeed: setups.host.threadsAtFullSpeed,
    targets: targets.filter(({ name }) => name.startsWith('test 9')),
  };
  const rows = [used, ...hosts].sort((a, b) => a.threadsAtFullSpeed - b.threadsAtFullSpeed);
  return {
    head: ['threads at full speed', ...kinds.map(([name]) => `test 9 ${name} error %`)],
    rows: rows.map(({ threadsAtFullSpeed, targets: own }) => [
      threadsAtFullSpeed === used.threadsAtFullSpeed
        ? `${threadsAtFullSpeed} (used)`
        : String(threadsAtFullSpeed),
      ...kinds.map(
        ([, pattern]) => own.find(({ name }) => pattern.test(name))?.reachedPercent.toFixed(2) ?? '',
      ),
    ]),
  };
}

function signed(value: number): string {
  return value > 0 ? `+${value.toFixed(2)}` : value.toFixed(2);
}

/** Columns aligned for a terminal. */
export function alignedTable({ head, rows }: Table): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '/')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Every point as a row of `predicted.csv`: claims first, then the rest; the worst first in both. */
export function pointsCsv(points: readonly Point[]): string {
  const head = 'test,model,pass,metric,measured,predicted,errorPercent,belowSaturation,basis';
  const claims = claimed(points);
  const rest = points.filter((each) => !claims.includes(each));
  const rows = [...worstFirst(claims), ...worstFirst(rest)].map((point) =>
    [
      point.test,
      point.model,
      point.pass ?? '',
      point.metric,
      point.measured,
      point.predicted,
      point.errorPercent,
      point.belowSaturation,
      point.basis,
    ].join(','),
  );
  return `${[head, ...rows].join('\n')}\n`;
}
