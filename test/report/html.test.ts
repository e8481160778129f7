import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { reportToHtml } from '../../src/report/html/page.js';
import { cases } from '../support/cases.js';
import { arbitraryReport } from './arbitrary-report.js';
import { sampleReport } from './sample-report.js';

const TIMEOUT = { timeout: 60_000 };

/** The same report with that name wherever a name can stand. */
function renamed(name: string) {
  return JSON.parse(JSON.stringify(sampleReport()), (_, value) =>
    ['inception', 'resnet', 'host-a', 'gpu0', 'two-tenants', 'resnet50'].includes(value) ? name : value,
  );
}

describe('the HTML report', TIMEOUT, () => {
  it('is one document with every section and chart', () => {
    const { document } = parseHTML(reportToHtml(sampleReport()));
    const sections = [...document.querySelectorAll('section')].map((section) => section.id);
    expect(sections).toEqual([
      'answer',
      'latency',
      'timeline',
      'split',
      'resources',
      'cost',
      'measured',
      'warnings',
      'provenance',
    ]);
    const charts = [...document.querySelectorAll('svg')].map((svg) => svg.getAttribute('aria-label'));
    expect(charts).toEqual([
      'Cumulative latency distribution by tenant',
      'Share of requests slower than a latency, by tenant',
      'requests in the system over time',
      'requests completed per second over time',
      'device busy over time',
      'Split of the mean latency by stage, by tenant',
      'Batch sizes of host-a/inception_v3',
      'Batch sizes of host-a/resnet50',
      'Cost per hour by tenant',
    ]);
  });

  it('gives each chart one name for screen readers, and its parts none', () => {
    const { document } = parseHTML(reportToHtml(sampleReport()));
    expect(document.querySelectorAll('svg [aria-label]').length).toBe(0);
    expect(document.querySelectorAll('svg:not([aria-label])').length).toBe(0);
  });

  it('quotes what past validations found, where there are any', () => {
    const { document } = parseHTML(reportToHtml(sampleReport(), { trust: 'within 3 % <so far>' }));
    expect(document.querySelector('#trust p')?.textContent).toBe('within 3 % <so far>');
    expect(parseHTML(reportToHtml(sampleReport())).document.querySelector('#trust')).toBeNull();
  });

  it('needs nothing from elsewhere and runs nothing', () => {
    const page = reportToHtml(sampleReport());
    const { document } = parseHTML(page);
    expect(document.querySelectorAll('script,link,img,iframe,object').length).toBe(0);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|url\(/);
  });

  it('gives the same bytes for the same report', () => {
    expect(reportToHtml(sampleReport())).toBe(reportToHtml(sampleReport()));
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</style></svg><b onclick="x">',
    "' onmouseover='x",
  ])('escapes %s wherever a name can stand', (hostile) => {
    const { document } = parseHTML(reportToHtml(renamed(hostile)));
    expect(document.querySelectorAll('script,img,[onclick],[onerror],[onmouseover]').length).toBe(0);
    expect(document.querySelectorAll('svg').length).toBe(9);
    expect(document.querySelector('h1')!.textContent).toBe(hostile);
    expect(document.querySelector('tbody td')!.textContent).toBe(hostile);
  });

  it('renders any report, without words of the machine in what one sees', () => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        const page = reportToHtml(report);
        expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
        const { document } = parseHTML(page);
        expect(document.querySelectorAll('script').length).toBe(0);
        expect(document.querySelectorAll('main').length).toBe(1);
      }),
      { numRuns: cases(25) },
    );
  });

  it('shows no price of an inference where there was none', () => {
    const report = sampleReport();
    const cost = { ...report.cost!, usdPerMillionInferences: Number.POSITIVE_INFINITY };
    const page = reportToHtml({ ...report, cost });
    expect(page).toContain('It costs $1.20 per hour, and nothing was inferred for it.');
    expect(page).not.toContain('$unlimited');
    const free = reportToHtml({ ...report, cost: { ...report.cost!, usdPerHour: 0 } });
    expect(free).not.toContain('It costs');
    expect(free).not.toContain('<span>per hour</span>');
  });

  it('says once what many warnings say alike, and has them all', () => {
    const warnings = ['k1', 'k2', 'k3', 'k4', 'k5'].map((model, i) => ({
      code: 'interpolated-batch-size' as const,
      subject: model,
      message: `${model}: batches of ${i + 2} were not measured`,
    }));
    const { document } = parseHTML(reportToHtml({ ...sampleReport(), warnings }));
    const list = document.querySelector('.warnings')!;
    expect(list.children.length).toBe(1);
    expect(list.querySelector('b')!.textContent).toBe('k1, k2, k3 and 2 more');
    expect([...list.querySelectorAll('details li')].map((each) => each.textContent)).toEqual(
      [3, 4, 5, 6].map((size, i) => `k${i + 2}: Batches of ${size} were not measured.`),
    );
  });
});
