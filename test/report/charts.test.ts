import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { lineChart } from '../../scripts/support/line-chart.js';
import type { Estimate } from '../../src/metrics/summary.js';
import { batchSizeChart } from '../../src/report/charts/batch-sizes.js';
import { costChart } from '../../src/report/charts/cost.js';
import { latencyCdfChart } from '../../src/report/charts/latency-cdf.js';
import { predictedMeasuredChart } from '../../src/report/charts/predicted-measured.js';
import { logTicks, tickText } from '../../src/report/charts/scales.js';
import { splitChart } from '../../src/report/charts/split.js';
import { sweepFrontChart } from '../../src/report/charts/sweep-front.js';
import { sweepHeatMap } from '../../src/report/charts/sweep-heat-map.js';
import { sweepLines } from '../../src/report/charts/sweep-lines.js';
import { seriesOf, timelineChart } from '../../src/report/charts/timeline.js';
import { utilisationChart } from '../../src/report/charts/utilisation.js';
import type { RunDoubt } from '../../src/report/run-report.js';
import { uniqueShortNames } from '../../src/report/short-names.js';
import { sampleReport } from './sample-report.js';

const report = sampleReport();
const { tenants, models } = report.summary;

/** What profiles leave open, without an end for the last percentile. */
const anyDoubt: RunDoubt = {
  models: [],
  tenants: tenants.map(({ tenant, latencyMs: { percentiles } }) => ({
    tenant,
    throughputPerS: { low: 1, high: 2 },
    meanMs: { low: 1, high: 2 },
    noiseMeanMs: { low: 1, high: 2 },
    reasons: [],
    percentilesMs: percentiles.map(({ percentile, ms }, i) => ({
      percentile,
      low: ms.value / 2,
      high: i === percentiles.length - 1 ? null : ms.value * 2,
    })),
  })),
};

/** What people may call an axis. */
const ODD = 'a < b & "c" > \'d\'';
const oddMatrix = {
  x: [1, 2],
  y: [ODD, 'b'],
  means: [
    [1, Number.NaN],
    [2, 3],
  ],
  depth: 1,
};

const LINES = {
  ...{ description: 'd', width: 620, height: 380, xLabel: 'ResNet-50', yLabel: 'Inception v3' },
  ...{ x: { domain: [0, 210] }, y: { domain: [0, 160] }, stroke: { strokeWidth: 2 }, dot: { r: 4 } },
};
const ends = (y: number, x: number) => [
  { x: 0, y },
  { x, y: 0 },
];

/** Points of a sweep, each a dollar dearer than the one before; null: nothing is known of its SLOs. */
const frontPoints = (attainments: readonly (number | null)[]) =>
  attainments.map((slo_attainment, i) => ({
    number: i + 1,
    onFront: i === 0,
    values: [],
    tenants: [],
    total: { usd_per_hour: i + 1, slo_attainment },
  }));

const charts: Record<string, () => string> = {
  'latency distribution': () => latencyCdfChart(report.series.cdfs, { tenants }),
  'latency tail': () => latencyCdfChart(report.series.cdfs, { tenants, tail: true }),
  'latency distribution with the doubt of the profiles': () =>
    latencyCdfChart(report.series.cdfs, { tenants, doubt: anyDoubt }),
  'time line': () => timelineChart(seriesOf(report.series.timelines, 'inSystem', 'queued'), { label: 'n' }),
  utilisation: () => utilisationChart(report.series.deviceTimelines),
  'utilisation of many devices': () =>
    utilisationChart(
      Array.from({ length: 60 }, (_, i) => ({ ...report.series.deviceTimelines[0]!, device: String(i) })),
    ),
  split: () => splitChart(tenants),
  cost: () => costChart(report.cost!),
  'batch sizes': () => batchSizeChart(models[0]!),
  'predicted and measured': () =>
    predictedMeasuredChart([{ name: 'p50', points: [{ predicted: 21, measured: 20 }] }], { unit: 'ms' }),
  'sweep front': () => sweepFrontChart({ cost: 'usd_per_hour', points: frontPoints([0.9, 0.5]) }),
  'sweep lines': () => sweepLines(oddMatrix, { xLabel: ODD, label: ODD, lineLabel: ODD }),
  'sweep heat map': () => sweepHeatMap(oddMatrix, { xLabel: ODD, yLabel: ODD, label: ODD }),
  'lines and dots': () =>
    lineChart(
      [
        { label: 'measured', colour: 0, drawnAs: 'dots', points: ends(150, 200) },
        { label: 'predicted', colour: 0, drawnAs: 'line', points: ends(149, 201) },
      ],
      LINES,
    ),
};

it('a heat map of shares tells those near 1 apart, in percent', () => {
  const options = { xLabel: 'x', yLabel: 'y', label: 'SLO attainment', isShare: true };
  const text = sweepHeatMap({ x: [1, 2], y: [1], means: [[0.9996, 1]], depth: 1 }, options);
  expect(text).toContain('SLO attainment, %');
  expect(text).toContain('>99.96<');
  expect(text).toContain('>100<');
});

describe.each(Object.entries(charts))('the chart: %s', (_, draw) => {
  let warn: MockInstance;
  beforeEach(() => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    // Plot complains there, and with a sign in the chart, of data it finds odd.
    expect(warn).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('is an SVG file of its own on white', () => {
    const svg = draw();
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('background:#ffffff');
    expect(svg).not.toMatch(/NaN|undefined|var\(--(?!plot)/);
    // A renderer that knows XML only: nothing in it leans on the leniency of HTML.
    expect(new Resvg(svg).render().width).toBeGreaterThan(100);
  });

  it('is drawn the same every time, to a hundredth of a pixel', () => {
    expect(draw()).toBe(draw());
    expect(draw()).not.toMatch(/(?:d|transform|x\d?|y\d?)="[^"]*\.\d{3}/);
  });
});

describe('charts', () => {
  it('name up to eight tenants and count the others', () => {
    const cdfs = Array.from({ length: 11 }, (_, i) => ({ ...report.series.cdfs[0]!, tenant: `t${i}` }));
    const texts = textsOf(latencyCdfChart(cdfs));
    expect(texts).toEqual(expect.arrayContaining(['t0', 't7', '3 more']));
    expect(texts).not.toContain('t8');
  });

  it('mark each SLO limit once', () => {
    const texts = textsOf(latencyCdfChart(report.series.cdfs, { tenants }));
    expect(texts.filter((text) => text.startsWith('SLO'))).toEqual(['SLO 100 ms']);
  });

  it('keep tenants apart whose names look like numbers, dates, or each other', () => {
    const names = [
      '1',
      '2',
      '2019-07-01',
      `${'x'.repeat(40)}a${'y'.repeat(40)}`,
      `${'x'.repeat(40)}b${'y'.repeat(40)}`,
    ];
    const svg = splitChart(names.map((tenant) => ({ ...tenants[0]!, tenant })));
    expect(textsOf(svg).filter((text) => text === '23.6 ms')).toHaveLength(5);
    expect(new Set(textsOf(svg).filter((text) => text.startsWith('xxx'))).size).toBe(2);
  });

  it('show of long names the place where they differ, in the legend too', () => {
    const team = (n: number) => `tenant-of-team-${n}-with-a-long-name-in-production`;
    const cdfs = [1, 22, 3].map((n) => ({ ...report.series.cdfs[0]!, tenant: team(n) }));
    expect(textsOf(latencyCdfChart(cdfs))).toEqual(
      expect.arrayContaining([
        'tenant-…m-1-with-a-l…duction',
        'tenant-…m-22-with-a-…duction',
        'tenant-…m-3-with-a-l…duction',
      ]),
    );
    expect(
      uniqueShortNames(['a'.repeat(30), `${'b'.repeat(25)}-1-prod`, `${'b'.repeat(25)}-2-prod`]),
    ).toEqual([
      `${'a'.repeat(14)}…${'a'.repeat(13)}`,
      `${'b'.repeat(14)}…${'b'.repeat(6)}-1-prod`,
      `${'b'.repeat(14)}…${'b'.repeat(6)}-2-prod`,
    ]);
  });

  it('draw the points of a sweep also where of one of them nothing is known', () => {
    const placesOf = (attainments: readonly (number | null)[]) => {
      const svg = sweepFrontChart({ cost: 'usd_per_hour', points: frontPoints(attainments) });
      return [...svg.matchAll(/<circle[^>]* cy="([\d.]+)"/g)].map(([, y]) => y);
    };
    expect(placesOf([0.9, 0.5, null])).toEqual(placesOf([0.9, 0.5]));
  });

  it('keep the band of an interval within the frame', () => {
    const svg = sweepLines(
      { x: ['1', '2'], y: ['a'], means: [[10, 20]] } as unknown as Parameters<typeof sweepLines>[0],
      {
        xLabel: 'load',
        label: 'p99',
        bands: [[10, 20].map((value) => ({ value, low: value / 2, high: 3 * value }) as Estimate)],
      },
    );
    const [, band = ''] = /aria-label="area"><path d="([^"]+)"/.exec(svg) ?? [];
    const heights = [...band.matchAll(/[ML][\d.]+,(-?[\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights).toHaveLength(4);
    expect(Math.min(...heights)).toBeGreaterThan(20);
  });

  it('draw nothing, but do draw, where there is no data', () => {
    const empty = [
      latencyCdfChart([]),
      timelineChart([], { label: 'n' }),
      utilisationChart([]),
      splitChart([]),
      predictedMeasuredChart([], { unit: 'ms' }),
      lineChart([], LINES),
    ];
    for (const svg of empty) expect(svg).not.toMatch(/NaN|undefined/);
  });
});

describe('axis marks', () => {
  it('are 1, 2, 5 over few decades and the decades over many', () => {
    expect(logTicks([8, 120])).toEqual([10, 20, 50, 100]);
    expect(logTicks([0.5, 20000])).toEqual([1, 10, 100, 1000, 10000]);
  });

  it('lie inside a range of less than a decade too', () => {
    for (const tick of logTicks([31, 33])) expect(tick).toBeGreaterThan(0);
    expect(logTicks([31, 33])).toHaveLength(2);
  });

  it('are labelled without noise', () => {
    expect([0.1 + 0.2, 12345.678, 1000000, 0.0012345].map(tickText)).toEqual([
      '0.3',
      '12,345.7',
      '1,000,000',
      '0.0012345',
    ]);
  });
});

function textsOf(svg: string): readonly string[] {
  return [...parseHTML(svg).document.querySelectorAll('text')].map((text) => text.textContent ?? '');
}
