import { describe, expect, it } from 'vitest';
import { answerSentences } from '../../src/report/answer.js';
import { sampleReport } from './sample-report.js';

describe('the answer of a run', () => {
  const { summary } = sampleReport();
  const overloaded = summary.tenants.find(({ stability }) => stability === 'overloaded')!;
  const saidOf = (counts: Partial<typeof overloaded.counts>) =>
    answerSentences({
      ...summary,
      tenants: [{ ...overloaded, counts: { ...overloaded.counts, rejected: 0, timedOut: 0, ...counts } }],
    }).join(' ');

  it('says of a tenant without refusals that its latency grows', () => {
    expect(saidOf({})).toContain('its latency grows for as long as this load lasts');
  });

  it('does not say so of one whose queue is kept short by refusals and timeouts', () => {
    const { offered } = overloaded.counts;
    const text = saidOf({ rejected: offered / 10, timedOut: offered / 20 });
    expect(text).toContain('15.0 % of its requests are refused or time out');
    expect(text).not.toContain('grows');
  });
});
