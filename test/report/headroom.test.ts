import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../src/metrics/summary.js';
import { headroomChart } from '../../src/report/charts/headroom.js';
import { headroomSearch, headroomSentence, headroomTable } from '../../src/report/headroom.js';
import { reportToHtml } from '../../src/report/html/page.js';
import { parseReport, reportToJson } from '../../src/report/json.js';
import type { Headroom } from '../../src/report/run-report.js';
import { reportToText } from '../../src/report/text.js';
import { about, sampleReport } from './sample-report.js';

/** The search over a system whose tenant `inception` keeps its SLO up to a load, and whose `resnet` has none. */
function searched(holdsUpTo: number): Headroom {
  const search = headroomSearch();
  let step = search.next();
  while (step.done !== true) {
    const factor = step.value;
    const ms: Estimate = about(50 * factor, factor);
    const inception = { tenant: 'inception', percentile: 99, ms, met: factor <= holdsUpTo };
    step = search.next({ factor, tenants: [inception, { tenant: 'resnet', percentile: 99, met: null }] });
  }
  return step.value;
}

describe('the search for headroom', () => {
  it.each([0.07, 0.3, 0.99, 1, 1.37, 1.99, 2, 7.3, 15.9])(
    'finds %d times the load from few runs',
    (limit) => {
      const { factor, failsAt, points } = searched(limit);
      expect(factor).toBeLessThanOrEqual(limit);
      expect(failsAt).toBeGreaterThan(limit);
      expect(failsAt! / factor).toBeLessThanOrEqual(1.06);
      expect(points.length).toBeLessThanOrEqual(14);
      const factors = points.map((point) => point.factor);
      expect(factors).toEqual([...new Set(factors)].sort((a, b) => a - b));
      for (const needed of [1, factor, failsAt!]) expect(factors).toContain(needed);
      expect(factors[0]).toBeLessThanOrEqual(factor / 2);
    },
  );

  it('tells where nothing holds, and where everything does', () => {
    expect(searched(0)).toMatchObject({ factor: 0 });
    expect(searched(0).failsAt).toBeLessThan(0.07);
    expect(searched(1000)).toMatchObject({ factor: 16 });
    expect(searched(1000).failsAt).toBeUndefined();
  });

  it('is told in a sentence', () => {
    expect(headroomSentence(searched(1.4))).toBe(
      'Every SLO holds up to 1.38 times this load; at 1.44 times inception misses its SLO.',
    );
    expect(headroomSentence(searched(0))).toMatch(
      /^Even at 0\.06\d times this load inception misses its SLO\.$/,
    );
    expect(headroomSentence(searched(100))).toBe(
      'Every SLO holds up to 16.0 times this load, the most that is tried.',
    );
  });
});

describe('a report with headroom', () => {
  const headroom = searched(1.4);
  const report = { ...sampleReport(), headroom };
  const { tenants } = report.summary;

  it('has a row for each tenant and a column for each load, with what misses its SLO marked', () => {
    const { columns, rows, notes } = headroomTable(headroom, tenants);
    // With --runs the table above it has the mean of all of them.
    expect(notes![0]).toContain('One run for each load, under the first seed alone.');
    expect(columns).toHaveLength(2 + headroom.points.length);
    const [name, , ...cells] = rows[0]!.map(({ text }) => text);
    expect(name).toBe('inception');
    expect(cells.filter((text) => text.endsWith('!'))).toHaveLength(
      headroom.points.filter(({ factor }) => factor > 1.4).length,
    );
    expect(new Set(rows[1]!.slice(2).map(({ text }) => text))).toEqual(new Set(['–']));
  });

  it('says so in its text and its page, with a chart that has the line of the SLO', () => {
    const sentence = headroomSentence(headroom);
    expect(reportToText(report)).toContain(sentence);
    expect(reportToHtml(report)).toContain('<section id="headroom">');
    expect(reportToHtml(sampleReport())).not.toContain('id="headroom"');
    const chart = headroomChart(headroom, tenants);
    expect(chart).toContain('tail latency, ms over times this load');
    expect(chart).toMatch(/stroke-dasharray="6 4"/);
    expect(chart).not.toMatch(/NaN|undefined/);
  });

  it('is read back from its JSON', () => {
    expect(parseReport(reportToJson(report)).headroom).toEqual(headroom);
  });
});
