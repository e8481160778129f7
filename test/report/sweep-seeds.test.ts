import { describe, expect, it } from 'vitest';
import { type SweepReport, sweepReport } from '../../src/report/sweep/sweep-report.js';
import { overSeeds } from '../../src/report/sweep/sweep-settings.js';
import { sweepToText } from '../../src/report/sweep/sweep-text.js';
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
      "cards: 2 settings of 6 points, best first
      points  gpu  requests/s     p99 ms  SLO %  SLOs met  busy %   $/h  $/M inferences  stability
         4–6  A30         100       10.0    100    3 of 3       –  1.00               –  stable
         1–3  T4          100  30.0 ±5.0   66.7    2 of 3       –  1.00               –  stable
      Points that differ only in their seed are one row: means, ± the 95 % interval between them. SLOs are counted under every
      seed.
      Order: not beaten by any other in USD per hour and SLO attainment; every SLO met; the rest.
      "
    `);
  });

  it('shows settings, however many seeds each has', () => {
    const many = ['T4', 'A30'].flatMap((gpu) =>
      Array.from({ length: 40 }, (_, seed) => ({ values: [gpu, seed], p99Ms: 20 + (seed % 7) })),
    );
    const text = sweepToText(reportOf(many), { width: 120 });
    expect(text).toContain('cards: 2 settings of 80 points, best first');
    expect(text.split('\n').length).toBeLessThan(9);
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
        .find((line) => line.includes(gpu))!;
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
