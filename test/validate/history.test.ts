import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import {
  type PastValidation,
  parseHistory,
  pastValidationOf,
  trustSummary,
  withValidation,
} from '../../src/validate/history.js';
import { cases } from '../support/cases.js';
import { compared, threeTenants } from './runs.js';

const report = compared(threeTenants(), threeTenants());
const first = pastValidationOf(report, { date: '2026-01-02T03:04:05Z', commit: 'abc1234' });

describe('the history of validations', () => {
  it('gives back what was written, one line each', () => {
    const second: PastValidation = { ...first, scenario: 'other', passed: false };
    const text = withValidation(withValidation(undefined, first), second);
    expect(text.trimEnd().split('\n')).toHaveLength(2);
    const [a, b] = parseHistory(text);
    expect(a).toMatchObject({ scenario: 'three tenants', passed: true, liveRuns: 3 });
    expect(a!.errors['p50Ms']!.worst).toBeCloseTo(first.errors['p50Ms']!.worst, 6);
    expect(b!.scenario).toBe('other');
  });

  it('keeps the median and the worst error of each judged metric and whose it was', () => {
    const judged = report.figures.filter(({ metric }) => metric.name === 'p99Ms');
    const worst = judged.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a));
    expect(first.errors['p99Ms']).toMatchObject({ worstOf: worst.subject, worst: Math.abs(worst.error) });
    expect(Object.keys(first.errors)).not.toContain('queueMs');
  });

  it('a file that was cut gets its line end back', () => {
    const cut = withValidation(undefined, first).trimEnd();
    expect(parseHistory(withValidation(cut, first))).toHaveLength(2);
  });

  it('any text gives validations or an InputError with the line', () => {
    const line = fc.oneof(
      fc.constant(withValidation(undefined, first).trimEnd()),
      fc.string(),
      fc.json(),
      fc.constant('{"format":"perseus-validation-history/1"}'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        try {
          trustSummary(parseHistory(lines.join('\n'), { file: 'h' }));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as InputError).problems[0]).toMatchObject({ file: 'h', line: expect.any(Number) });
        }
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('how far to trust a prediction', () => {
  it('is said plainly where nothing was validated', () => {
    expect(trustSummary([])).toBe('These profiles were never validated against a live server.');
  });

  it('names date, errors and how often intervals held', () => {
    const summary = trustSummary([first]);
    expect(summary).toMatch(
      /^Validated on one scenario .* last on 2026-01-02 with perseus abc1234; all within tolerance\./,
    );
    expect(summary).toMatch(/p50 \d+\.\d % \(worst \d+\.\d %\)/);
    expect(summary).toMatch(/\d+ % of \d+ measured figures lay in their predicted 95 % interval\.$/);
  });

  it('names the newest of all, in whatever order the lines of two files were put together', () => {
    const earlier = { ...first, scenario: 'other', date: '2025-12-24T00:00:00Z', commit: 'fff0000' };
    expect(trustSummary([first, earlier])).toContain(
      'Validated on 2 scenarios against a live server, last on 2026-01-02 with perseus abc1234',
    );
  });

  it('counts the last validation of a scenario, and names those that failed', () => {
    const failed = { ...first, passed: false, date: '2026-01-01T00:00:00Z' };
    expect(trustSummary([failed, first])).toContain('all within tolerance');
    expect(trustSummary([first, failed])).toContain('out of tolerance: three tenants');
  });
});
