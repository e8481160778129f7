import { describe, expect, it } from 'vitest';
import { sweepAnswer } from '../../src/report/sweep/sweep-answer.js';
import { askedTable } from '../../src/report/sweep/sweep-ask.js';
import { bestFirst } from '../../src/report/sweep/sweep-order.js';
import { type SweepReport, sweepReport } from '../../src/report/sweep/sweep-report.js';
import { overSeeds } from '../../src/report/sweep/sweep-settings.js';
import { sweepToText } from '../../src/report/sweep/sweep-text.js';
import { sweepViews } from '../../src/report/sweep/sweep-views.js';
import type { AxisValue } from '../../src/sweep/axis.js';
import { sweepTable } from '../../src/sweep/sweep-table.js';

interface Point {
  readonly values: readonly AxisValue[];
  readonly p99Ms: number;
  readonly stability?: string;
  readonly more?: Readonly<Record<string, number>>;
}

/** A sweep over GPUs and seeds; points within 30 ms keep the one SLO there is. */
function reportOf(points: readonly Point[]): SweepReport {
  const rows = points.map(({ values, p99Ms, stability = 'stable', more = {} }, i) => {
    const met = p99Ms <= 30 ? 1 : 0;
    const figures = { throughput_per_s: 100, offered_per_s: 100, latency_p99_ms: p99Ms, usd_per_hour: 1 };
    const slos = { slo_attainment: met, slos: 1, slos_met: met, slo_met: met === 1, stability };
    const total = { tenant: 'total', is_total: true, ...figures, ...slos, ...more };
    return { number: i + 1, values, key: `${i}`, rows: [total] };
  });
  return sweepReport({ name: 'cards', seedAxis: 'seed' }, sweepTable(['gpu', 'seed'], rows));
}

const report = reportOf([
  { values: ['T4', 1], p99Ms: 28 },
  { values: ['T4', 2], p99Ms: 32 },
  { values: ['T4', 3], p99Ms: 30, stability: 'overloaded' },
  { values: ['A30', 1], p99Ms: 10 },
  { values: ['A30', 2], p99Ms: 10 },
  { values: ['A30', 3], p99Ms: 10 },
]);

describe('the text of a sweep over seeds', () => {
  it('has a row for each setting: means, how far seeds spread, and SLOs under all of them', () => {
    expect(sweepToText(report, { width: 120 })).toMatchInlineSnapshot(`
      "1 of 2 settings meets every SLO; the cheapest is gpu A30: 1.00 USD per hour, p99 10.0 ms.

      cards: 2 settings of 6 points, best first
      points  gpu  requests/s            p99 ms  SLO %  SLOs met  busy %   $/h  $/M inferences  stability
         4–6  A30         100              10.0    100    3 of 3       –  1.00               –  stable
         1–3  T4          100  30.0 (25.0–35.0)   66.7    2 of 3       –  1.00               –  stable
      Points that differ only in their seed are one row: means, with the 95 % interval between them. SLOs are counted under
      every seed.
      Order: what meets every SLO, the cheapest first; then by SLO attainment; overloaded last.
      "
    `);
  });

  it('shows settings, however many seeds each has', () => {
    const many = ['T4', 'A30'].flatMap((gpu) =>
      Array.from({ length: 40 }, (_, seed) => ({ values: [gpu, seed], p99Ms: 20 + (seed % 7) })),
    );
    const text = sweepToText(reportOf(many), { width: 120 });
    expect(text).toContain('cards: 2 settings of 80 points, best first');
    expect(text.split('\n').length).toBeLessThan(11);
  });

  it('has the verdict in the place of a tail that only grows with the run, however narrow it is', () => {
    const overloaded = reportOf([
      { values: ['T4', 1], p99Ms: 3000, stability: 'overloaded' },
      { values: ['T4', 2], p99Ms: 3500, stability: 'overloaded' },
      { values: ['A30', 1], p99Ms: 10 },
      { values: ['A30', 2], p99Ms: 20 },
    ]);
    const rowOf = (gpu: string) =>
      sweepToText(overloaded, { width: 70 })
        .split('\n')
        .findLast((line) => line.includes(gpu))!;
    expect(rowOf('T4')).toContain('overloaded');
    expect(rowOf('T4')).not.toMatch(/3,\d{3}/);
    expect(rowOf('A30')).not.toContain('overloaded');
    expect(rowOf('A30')).toContain('15');
  });

  it('shows the tail where refusals keep the queue short', () => {
    const shedding = { rejected: 40, timed_out: 0, offered: 200 };
    const report = reportOf([{ values: ['T4', 1], p99Ms: 33, stability: 'overloaded', more: shedding }]);
    expect(sweepToText(report, { width: 70 })).toMatch(/T4 .* 33\.0 /);
  });

  it('takes a point that was drawn twice for one', () => {
    const twice = reportOf([
      { values: ['T4', 1], p99Ms: 20 },
      { values: ['T4', 1], p99Ms: 20 },
      { values: ['T4', 2], p99Ms: 22 },
    ]);
    expect(overSeeds(twice).points[0]!.seeds).toHaveLength(2);
  });

  it('has a row for each point where no two differ in their seed alone, or no axis is of seeds', () => {
    const apart = reportOf([
      { values: ['T4', 1], p99Ms: 20 },
      { values: ['A30', 2], p99Ms: 20 },
    ]);
    expect(overSeeds(apart)).toBe(apart);
    expect(sweepToText(apart)).toContain('cards: 2 points, best first');
    const { seedAxis: _, ...noSeeds } = report;
    expect(overSeeds(noSeeds)).toBe(noSeeds);
  });
});

describe('the answer of a sweep', () => {
  const orderOf = (report: SweepReport) => bestFirst(report).map(({ values }) => values[0]);
  const priced = (usd: number) => ({ more: { usd_per_hour: usd } });

  it('is the cheapest point that meets every SLO, however good a dearer one is, and however cheap an overloaded one', () => {
    const report = reportOf([
      { values: ['overloaded', 1], p99Ms: 20, stability: 'overloaded', ...priced(0.1) },
      { values: ['late', 1], p99Ms: 40, ...priced(0.5) },
      { values: ['dear', 1], p99Ms: 5, ...priced(3) },
      { values: ['cheap', 1], p99Ms: 29, ...priced(1) },
    ]);
    expect(orderOf(report)).toEqual(['cheap', 'dear', 'late', 'overloaded']);
    expect(report.points.find(({ values }) => values[0] === 'overloaded')?.onFront).toBe(false);
    expect(sweepAnswer(report)).toBe(
      '2 of 4 settings meet every SLO; the cheapest is gpu cheap, seed 1: 1.00 USD per hour, p99 29.0 ms.',
    );
  });

  it('names no setting where there is one alone, under several seeds', () => {
    const one = reportOf([1, 2].map((seed) => ({ values: ['A30', seed], p99Ms: 10 })));
    const { axes, points, ...rest } = overSeeds(one);
    const alone = { ...rest, axes: [], points: points.map((point) => ({ ...point, values: [] })) };
    expect(axes).toEqual(['gpu']);
    expect(sweepAnswer(alone)).toBe('1 of 1 setting meets every SLO: 1.00 USD per hour, p99 10.0 ms.');
  });

  it('is the closest point where none meets every SLO, and says so where all are overloaded', () => {
    const missing = (share: number) => ({ p99Ms: 50, more: { slo_attainment: share } });
    const report = reportOf([
      { values: ['far', 1], ...missing(0.5) },
      { values: ['near', 1], ...missing(0.97) },
      { values: ['none', 1], stability: 'overloaded', ...missing(0.99) },
    ]);
    expect(sweepAnswer(report)).toBe(
      'None of 3 settings meets every SLO; closest is gpu near, seed 1, with 97.0 % of requests within their limits.',
    );
    const overloaded = reportOf([{ values: ['x', 1], p99Ms: 10, stability: 'overloaded' }]);
    expect(sweepAnswer(overloaded)).toBe('None of 1 setting meets every SLO: all are overloaded.');
  });

  it('names the best of the axis asked about at each load, which nobody chooses', () => {
    const rows: [string, number, number, boolean][] = [
      ['T4', 100, 1, true],
      ['T4', 200, 1, true],
      ['T4', 400, 1, false],
      ['A30', 100, 3, true],
      ['A30', 200, 3, true],
      ['A30', 400, 3, true],
      ['A30', 800, 3, false],
    ];
    const points = rows.map(([gpu, rate, usd, met], i) => {
      const total = { tenant: 'total', is_total: true, stability: met ? 'stable' : 'overloaded' };
      const slo = { slos: 1, slos_met: 1, slo_met: true, slo_attainment: 1, latency_p99_ms: 10 };
      const cost = { usd_per_hour: usd, usd_per_million_inferences: usd / rate, offered_per_s: rate };
      return { number: i + 1, values: [gpu, rate], key: `${i}`, rows: [{ ...total, ...slo, ...cost }] };
    });
    const table = sweepTable(['gpu', 'rate'], points);
    const report = sweepReport({ name: 'cards', loadAxes: ['rate'] }, table);
    expect(sweepAnswer(report)).toBe(
      'The cheapest gpu that meets every SLO: T4 at rate 100 to 200, A30 at rate 400, none at rate 800. 5 of 7 settings meet every SLO.',
    );
    const { rows: asked } = askedTable(report)!;
    expect(asked.map((cells) => cells.map(({ text }) => text))).toEqual([
      ['T4', '2 of 3', '200', '10.0', '0.0050'],
      ['A30', '3 of 4', '400', '10.0', '0.0075'],
    ]);
    expect(sweepViews(report).map(({ x, y }) => [x, y])).toEqual(Array(3).fill(['rate', 'gpu']));
    // What costs the same is no worse for being slower, and is named.
    const alike = points.map((point) => ({
      ...point,
      rows: point.rows.map((row) => ({ ...row, usd_per_hour: 1, usd_per_million_inferences: 0.01 })),
    }));
    expect(
      sweepAnswer(sweepReport({ name: 'cards', loadAxes: ['rate'] }, sweepTable(['gpu', 'rate'], alike))),
    ).toContain('T4 (A30 costs the same) at rate 100 to 200, A30 at rate 400, none at rate 800.');
    // Without a load the axis is a setting like any other, and the sweep asks which setting is best.
    expect(sweepAnswer(sweepReport({ name: 'cards' }, table))).toContain('the cheapest is gpu T4, rate 200');
  });

  it('is one setting for each load where all axes are numbers: nobody chooses a load', () => {
    const rows = [1, 2].flatMap((load) =>
      [1, 2].map((servers, i) => {
        const total = { tenant: 'total', is_total: true, stability: 'stable', latency_p99_ms: 10 };
        const met = servers >= load;
        const slo = { slos: 1, slos_met: met ? 1 : 0, slo_met: met, slo_attainment: met ? 1 : 0.5 };
        const cost = { usd_per_hour: servers, usd_per_million_inferences: servers / load };
        const values = [servers, load];
        const number = 2 * load + i - 1;
        return {
          number,
          values,
          key: `${number}`,
          rows: [{ ...total, ...slo, ...cost, offered_per_s: load }],
        };
      }),
    );
    const report = sweepReport({ name: 'x', loadAxes: ['load'] }, sweepTable(['servers', 'load'], rows));
    expect(sweepAnswer(report)).toBe(
      'The cheapest setting that meets every SLO: servers 1 at load 1, servers 2 at load 2. 3 of 4 settings meet every SLO.',
    );
  });

  it('is the fastest where nothing has a price, and none where nothing has an SLO', () => {
    const free = { more: { usd_per_hour: 0 } };
    const report = reportOf([
      { values: ['slow', 1], p99Ms: 25, ...free },
      { values: ['fast', 1], p99Ms: 15, ...free },
    ]);
    expect(sweepAnswer(report)).toContain('the fastest is gpu fast, seed 1: p99 15.0 ms.');
    const unasked = { more: { slo_attainment: Number.NaN } };
    expect(sweepAnswer(reportOf([{ values: ['x', 1], p99Ms: 15, ...unasked }]))).toBeUndefined();
  });
});
