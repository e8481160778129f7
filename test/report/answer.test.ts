import { describe, expect, it } from 'vitest';
import { warningSentence } from '../../src/report/advice.js';
import { answerSentences, costSentences } from '../../src/report/answer.js';
import { causeSentence } from '../../src/report/explanation-text.js';
import { latencySection } from '../../src/report/html/sections.js';
import { costTable, machineTable } from '../../src/report/tables/money-tables.js';
import { answerTable, latencyTable, splitTable } from '../../src/report/tables/tenant-tables.js';
import { sampleReport } from './sample-report.js';

describe('the answer of a run', () => {
  const report = sampleReport();
  const { summary } = report;
  const overloaded = summary.tenants.find(({ stability }) => stability === 'overloaded')!;
  const saidOf = (counts: Partial<typeof overloaded.counts>) =>
    answerSentences({
      ...report,
      summary: {
        ...summary,
        tenants: [{ ...overloaded, counts: { ...overloaded.counts, rejected: 0, timedOut: 0, ...counts } }],
      },
    }).join(' ');

  it('says of a tenant without refusals that its latency grows', () => {
    expect(saidOf({})).toContain('its latency grows for as long as this load lasts');
  });

  it('claims no SLO to be met or missed where that rests on guessed profiles, and says who supplies them', () => {
    const profileGuesses = '2 guessed profiles are right (perseus calibrate --models a,b measures them)';
    const provenance = { ...report.provenance, profileGuesses };
    const [verdict] = answerSentences({ ...report, provenance });
    expect(verdict).toBe(answerSentences(report)[0]!.replace(/\.$/, `, if ${profileGuesses}.`));
    const tones = (isGuess: boolean) =>
      answerTable(summary.tenants, isGuess).rows.map((row) => row[2]!.tone ?? 'plain');
    expect([tones(false).includes('good'), tones(true).includes('good')]).toEqual([true, false]);
  });

  it('says below the table whose SLO is met in a run that does not prove it', () => {
    const met = summary.tenants.find(({ slo }) => slo?.met === true)!;
    const notes = (low: number) =>
      answerTable([{ ...met, slo: { ...met.slo!, percentile: 99, attainment: { value: 1, low, high: 1 } } }])
        .notes;
    expect(notes(0.58)).toEqual([expect.stringContaining(`Met, but not proven: ${met.tenant}.`)]);
    expect([notes(0.995), notes(Number.NaN)]).toEqual([[], []]);
  });

  it('names the servers of which no price is known, and shows no costs where it is known of none', () => {
    const cost = sampleReport().cost!;
    const [priced] = cost.machines;
    const unpriced = { ...priced!, server: 'other', usdPerHour: 0, source: 'unpriced' };
    const some = { ...cost, machines: [priced!, unpriced] };
    expect(costSentences(some).join(' ')).toContain('without other, of which no price is known');
    expect(costSentences(cost).join(' ')).not.toContain('without');
    expect(machineTable(some).rows[1]).toContainEqual({ text: '–' });
    const none = { ...cost, usdPerHour: 0, penaltyUsdPerHour: 0, machines: [unpriced] };
    expect(costSentences(none)).toEqual([]);
    const tenants = cost.tenants.map((tenant) => ({ ...tenant, penaltyUsdPerHour: 0 }));
    expect(costTable({ ...none, tenants }).rows).toEqual([]);
    expect(costTable(some).rows).not.toEqual([]);
  });

  it('writes names in its warnings as they are', () => {
    const message = 'inception is overloaded';
    expect(warningSentence({ subject: 'inception', message })).toBe('inception is overloaded.');
    expect(warningSentence({ subject: 'gpu0', message: 'it is full' })).toBe('It is full.');
  });

  it('shows no stage of which only the rounding of times is left', () => {
    const [tenant] = summary.tenants;
    const splitMs = { ...tenant!.splitMs, response: 4e-9 };
    const titles = splitTable([{ ...tenant!, splitMs }]).columns.map(({ header }) => header);
    expect(titles).toContain('queue ms');
    expect(titles).not.toContain('response ms');
  });

  it('says how a cause is known, and of lost requests that they are lost', () => {
    const cause = { text: 'so many', costMs: 0, confirmed: true };
    expect(causeSentence({ ...cause, code: 'host-cpu' })).toBe(
      'host-cpu (shown by running without it): So many.',
    );
    expect(causeSentence({ ...cause, code: 'lost-requests' })).toBe('lost-requests: So many.');
  });

  it('says under the curves which of them move on, and only where one does', () => {
    const report = sampleReport();
    const noteOf = (rejected: number) => {
      const counts = { ...overloaded.counts, rejected, timedOut: 0 };
      const tenants = report.summary.tenants.map((one) =>
        one.tenant === overloaded.tenant ? { ...one, counts } : one,
      );
      return latencySection({ ...report, summary: { ...report.summary, tenants } }).source;
    };
    const tenants = report.summary.tenants.filter(({ stability }) => stability !== 'stable');
    expect(tenants).toHaveLength(1);
    expect(noteOf(0)).toContain('it moves to the right');
    expect(noteOf(overloaded.counts.offered / 10)).not.toContain('it moves to the right');
  });

  it('does not say so of one whose queue is kept short by refusals and timeouts', () => {
    const { offered } = overloaded.counts;
    const text = saidOf({ rejected: offered / 10, timedOut: offered / 20 });
    expect(text).toContain('15.0 % of its requests are refused or time out');
    expect(text).not.toContain('grows');
  });

  it('shows the latency of such a one, and the verdict in place of one that grows', () => {
    const { offered } = overloaded.counts;
    const cellsOf = (rejected: number) => {
      const counts = { ...overloaded.counts, rejected, timedOut: 0 };
      const [row] = latencyTable([{ ...overloaded, counts }]).rows;
      return JSON.stringify(row);
    };
    expect(cellsOf(0)).toContain('overloaded');
    expect(cellsOf(offered / 10)).not.toContain('overloaded');
    expect(cellsOf(offered / 10)).toMatch(/\d/);
  });
});
