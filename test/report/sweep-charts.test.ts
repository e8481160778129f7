import { describe, expect, it } from 'vitest';
import { sweepFrontChart } from '../../src/report/charts/sweep-front.js';
import { sweepToHtml } from '../../src/report/html/sweep-page.js';
import { drawView } from '../../src/report/html/sweep-view.js';
import { sweepReport } from '../../src/report/sweep/sweep-report.js';
import { sweepViews, viewOf } from '../../src/report/sweep/sweep-views.js';
import { sweepTable } from '../../src/sweep/sweep-table.js';

/** Points of two settings under two loads; of the second batch only the small load can be kept up with. */
function reportOf(loadAxes: readonly string[]) {
  const rows: [instances: number, batch: number, load: number, p99Ms: number, isOverloaded: boolean][] = [
    [1, 4, 1, 20, false],
    [1, 4, 2, 90, false],
    [1, 8, 1, 40, false],
    [1, 8, 2, 999, true],
    [2, 4, 1, 10, false],
    [2, 4, 2, 30, false],
    [2, 8, 1, 15, false],
    [2, 8, 2, 35, false],
  ];
  const points = rows.map(([instances, batch, load, p99Ms, isOverloaded], i) => {
    const stability = isOverloaded ? 'overloaded' : 'stable';
    const slo = { slos: 1, slos_met: isOverloaded ? 0 : 1, slo_attainment: isOverloaded ? 0 : 1 };
    const figures = {
      throughput_per_s: 90 * load,
      latency_p99_ms: p99Ms,
      usd_per_million_inferences: 1 / load,
      usd_per_hour: 1,
    };
    const total = {
      tenant: 'total',
      is_total: true,
      stability,
      ...slo,
      ...figures,
      offered_per_s: 100 * load,
    };
    return { number: i + 1, values: [instances, batch, load], key: `${i}`, rows: [total] };
  });
  return sweepReport({ name: 'settings', loadAxes }, sweepTable(['instances', 'batch', 'load'], points));
}

/** Points that a chart has marks for. */
const marksOf = (svg: string) => svg.match(/<circle/g)?.length ?? 0;

describe('the charts of a sweep', () => {
  it('have a front for each load: a cheap setting under a small load beats none under a large one', () => {
    const onFront = (loadAxes: readonly string[]) =>
      reportOf(loadAxes)
        .points.filter((point) => point.onFront)
        .map(({ values }) => values.at(-1));
    expect(onFront(['load'])).toEqual([1, 2]);
    expect(onFront([])).toEqual([2]);
    const texts = (loadAxes: readonly string[]) =>
      sweepFrontChart(reportOf(loadAxes)).match(/[^>]*not beaten[^<]*/g);
    expect(texts(['load'])).toEqual(['load 1: not beaten', 'load 2: not beaten']);
    expect(texts([])).toEqual(['not beaten by any other']);
  });

  it.each(['overloaded', 'stable'])(
    'leave a point that is %s and meets no limit out of the front, whose axis would begin at 0 for it',
    (stability) => {
      const report = reportOf(['load']);
      const points = report.points.map((point) =>
        point.total['stability'] === 'overloaded'
          ? { ...point, total: { ...point.total, stability } }
          : point,
      );
      const page = sweepToHtml({ ...report, points }, { scenarioHref: () => '' });
      const [front = ''] = /<h2>Cost against SLO attainment.*?<\/figure>/s.exec(page) ?? [];
      expect(front).toContain('answer less than half within the limits are left out.');
      expect(front).not.toContain('>0 %<');
    },
  );

  it('show the cost over the load once: over its axis, or where there is none over what was offered', () => {
    const rows = [1, 2, 4].map((load, i) => {
      const figures = { usd_per_million_inferences: 1 / load, usd_per_hour: 1, offered_per_s: 100 * load };
      const total = {
        tenant: 'total',
        is_total: true,
        stability: 'stable',
        slos: 0,
        slos_met: 0,
        ...figures,
      };
      return {
        number: i + 1,
        values: [load],
        key: `${i}`,
        rows: [{ ...total, throughput_per_s: 100 * load }],
      };
    });
    const titles = (loadAxes: readonly string[]) =>
      sweepToHtml(sweepReport({ name: 'loads', loadAxes }, sweepTable(['users'], rows)), {
        scenarioHref: () => '',
      }).match(/(?<=<h2>)(?:USD|Cost)[^<]*/g);
    expect(titles(['users'])).toEqual(['USD per million inferences over users']);
    expect(titles([])).toEqual(['USD per million inferences over users', 'Cost against load']);
  });

  it('have the load as their axis, and the best setting in each place, where there is one', () => {
    const report = reportOf(['load']);
    const views = sweepViews(report);
    expect(views.map(({ x, y }) => [x, y])).toEqual(Array(3).fill(['load', 'instances']));
    const tail = views.find(({ of }) => of === 'latency_p99_ms')!;
    expect(drawView(report, tail).note).toBe('The best setting of each place.');
  });

  it('can stand over a figure, such as the latency over the throughput, a line for each value of another axis', () => {
    const report = reportOf(['load']);
    const view = viewOf(report, { x: 'throughput_per_s', y: 'instances', figure: 'latency_p99_ms' });
    expect(view).toMatchObject({ x: 'load', over: 'throughput_per_s', y: 'instances', drawnAs: 'lines' });
    const { svg } = drawView(report, view);
    expect(svg).toContain('p99 latency, ms over requests per second');
    expect(marksOf(svg)).toBe(4);
    expect(svg).toContain('>180<');
  });

  it('show no mean over what is left when an overloaded point is left out: it would flatter its setting', () => {
    const report = reportOf([]);
    const view = {
      x: 'instances',
      y: 'batch',
      of: 'latency_p99_ms',
      tenant: 'total',
      drawnAs: 'lines',
    } as const;
    const { svg, note } = drawView(report, view);
    expect(marksOf(svg)).toBe(3);
    expect(note).toBe(
      'Mean over up to 2 points of each place on these axes. Places with overloaded points are left out.',
    );
  });

  it('mark few whole numbers one by one: there are no 1.5 instances', () => {
    const view = {
      x: 'instances',
      y: 'batch',
      of: 'usd_per_hour',
      tenant: 'total',
      drawnAs: 'lines',
    } as const;
    const { svg } = drawView(reportOf([]), view);
    expect(svg).toContain('>2<');
    expect(svg).not.toContain('>1.5<');
  });
});
