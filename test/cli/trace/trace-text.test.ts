import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../../src/report/text/width.js';
import { formatDuration, traceDescriptionToText, traceToSentence } from '../../../src/report/trace-text.js';
import { buildTrace } from '../../../src/trace/build.js';
import { describeTrace } from '../../../src/trace/describe.js';
import { anyTrace } from '../../trace/arbitrary-trace.js';

const manyTenants = buildTrace({
  tenants: Array.from({ length: 50 }, (_, i) => `function-${i}`),
  // Tenant i sends i requests.
  ...rowsOf(Array.from({ length: 50 }, (_, i) => Array.from({ length: i }, () => i)).flat()),
});

function rowsOf(tenant: readonly number[]) {
  return { tenant, arrivalUs: tenant.map((_, row) => row * 1000), durationUs: 2_000_000 };
}

describe('the text of a description', () => {
  it('is never wider than it may be, for any trace', () => {
    fc.assert(
      fc.property(anyTrace, fc.integer({ min: 60, max: 140 }), (trace, width) => {
        const text = traceDescriptionToText(describeTrace(trace), { file: 'f.csv', width });
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
      }),
      { numRuns: 100 },
    );
  });

  it('shows the busiest of many tenants and says how many it does not', () => {
    const text = traceDescriptionToText(describeTrace(manyTenants), { file: 'f.csv' });
    expect(text).toMatch(/^function-30 .*\nfunction-31 [\s\S]*?\nfunction-49 .*\nall tenants +1,225 /m);
    expect(text).not.toContain('function-29');
    expect(text).toContain('Shown are the 20 busiest tenants; --json has 30 more.');
  });

  it('shows no total beside a single tenant, and dashes where there is nothing to tell', () => {
    const text = traceDescriptionToText(describeTrace(buildTrace({ arrivalUs: [7] })), { file: 'f.csv' });
    expect(text).not.toContain('all tenants');
    expect(text).toMatch(/^default +– +– /m);
  });

  it('does not let a name move the cursor', () => {
    const trace = buildTrace({ arrivalUs: [1, 2], tenants: ['\u001b[2Jevil'], source: 'a\nb' });
    const description = describeTrace(trace);
    expect(traceDescriptionToText(description, { file: 'f\r.csv' })).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('sentences', () => {
  it('tell the size of a trace', () => {
    expect(traceToSentence(manyTenants)).toBe('1,225 requests of 50 tenants over 2 s, 613 per second');
    expect(traceToSentence(buildTrace({ arrivalUs: [0] }))).toBe('1 request of 1 tenant over 0 s');
  });

  it('tell long times in full and roughly', () => {
    expect([90e6, 120e6, 3501.722e6, 7200e6, 1_209_600e6].map(formatDuration)).toEqual([
      '90 s',
      '120 s (2.00 min)',
      '3501.722 s (58.4 min)',
      '7200 s (2.00 h)',
      '1209600 s (14.0 days)',
    ]);
  });
});
