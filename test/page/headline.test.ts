import { expect, it } from 'vitest';
import type { TenantSummary } from '../../src/metrics/summary.js';
import { headlineOf } from '../../src/page/headline.js';
import type { TimeError } from '../../src/profile/time-error.js';
import { about, sampleReport } from '../report/sample-report.js';

const report = sampleReport();
const [first] = report.summary.tenants;

function tenant(name: string, p99Ms: number, change: Partial<TenantSummary> = {}): TenantSummary {
  const limitMs = 100;
  const percentiles = [{ percentile: 99, ms: about(p99Ms, 1) }];
  return {
    ...first!,
    tenant: name,
    stability: 'stable',
    latencyMs: { ...first!.latencyMs, percentiles },
    slo: { ...first!.slo!, percentile: 99, limitMs, met: p99Ms <= limitMs, attainment: about(0.9, 0) },
    ...change,
  };
}

const { slo: _, ...withoutSlo } = tenant('free', 70);

it.each<[string, TenantSummary[], string, string]>([
  [
    'one that meets its SLO',
    [tenant('a', 90)],
    'The SLO is met: a has a p99 of 90.0 ms of 100 ms allowed (95 % sure: 89.0 to 91.0).',
    'good',
  ],
  [
    'the closest of several',
    [tenant('a', 40), tenant('b', 90)],
    'Both SLOs are met. Closest to its limit: b has a p99',
    'good',
  ],
  [
    'the worst of several',
    [tenant('a', 40), tenant('b', 300)],
    '1 of 2 SLOs is missed. Worst: b has a p99 of 300 ms',
    'bad',
  ],
  [
    'one whose requests are refused',
    [tenant('a', 40, { slo: { ...tenant('a', 40).slo!, met: false } })],
    'a answers only 90.0 % of its requests within 100 ms',
    'bad',
  ],
  [
    'one whose first responses are late',
    [tenant('a', 40, { slo: { ...tenant('a', 40).slo!, met: false, firstResponseMs: 20 } })],
    'a answers only 90.0 % of its requests within 100 ms, first response within 20 ms',
    'bad',
  ],
  [
    'one that is overloaded',
    [tenant('a', 40), tenant('b', 90, { stability: 'overloaded' })],
    'b is overloaded, ',
    'bad',
  ],
  ['one without an SLO', [withoutSlo as TenantSummary], 'free has a p99 of 70.0 ms (95 % sure', 'plain'],
])('the headline tells of %s', (_case, tenants, said, tone) => {
  const headline = headlineOf({ ...report, summary: { ...report.summary, tenants } });
  expect(headline.sentence).toContain(said);
  expect(headline.tone).toBe(tone);
});

it('the headline tells the price where there is one', () => {
  const { cost: _cost, ...free } = report;
  expect(headlineOf(report).sentence).toMatch(/It costs \$[\d.,]+ an hour\.$/);
  expect(headlineOf(free).sentence).not.toContain('$');
});

it.each([
  [170, '70.0 to 170 ms within the error of the profiles'],
  [null, '70.0 ms or more, without end, within the error of the profiles'],
])('the headline reaches as far as the profiles leave open, here to %s ms', (high, said) => {
  const open = { low: 70, high };
  const own = {
    tenant: 'a',
    throughputPerS: { low: 1, high: 2 },
    meanMs: open,
    noiseMeanMs: open,
    reasons: [],
  };
  const doubt = { models: [], tenants: [{ ...own, percentilesMs: [{ percentile: 99, ...open }] }] };
  const summary = { ...report.summary, tenants: [tenant('a', 90)] };
  const { sentence, tone } = headlineOf({ ...report, summary, doubt });
  expect(sentence).toContain('The SLO is met if the profiles are right: ');
  expect(sentence).toContain(`of 100 ms allowed (${said}).`);
  expect(tone).toBe('plain');
});

it('the headline rests on the profiles where nothing tells how well one of them is known', () => {
  const summary = { ...report.summary, tenants: [tenant('a', 90)] };
  const headline = (error: TimeError | null) =>
    headlineOf({ ...report, summary, doubt: { models: [{ model: 'm', device: 'L4', error }], tenants: [] } });
  expect(headline({ factor: 1.1, from: 'loads' })).toMatchObject({ tone: 'good' });
  expect(headline(null).sentence).toContain('The SLO is met if the profiles are right: ');
  expect(headline(null).tone).toBe('plain');
});

it('the headline claims nothing without its condition where profiles are guesses, and no colour says more', () => {
  const profileGuesses = '1 guessed profile is right (perseus calibrate --models a measures it)';
  const provenance = { ...report.provenance, profileGuesses };
  const headline = (p99Ms: number) => {
    const summary = { ...report.summary, tenants: [tenant('a', p99Ms)] };
    return headlineOf({ ...report, provenance, summary });
  };
  expect(headline(90).sentence).toContain(`The SLO is met if ${profileGuesses}: a has a p99`);
  expect(headline(300).sentence).toContain(`The SLO is missed if ${profileGuesses}: a has a p99`);
  expect([headline(90).tone, headline(300).tone]).toEqual(['plain', 'bad']);
});
