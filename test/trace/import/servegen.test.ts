import { describe, expect, test } from 'vitest';
import { describeTrace } from '../../../src/trace/describe.js';
import { importServeGen } from '../../../src/trace/import/servegen.js';
import { selectTenant, sliceTrace } from '../../../src/trace/transform.js';
import { problemsOf } from '../arbitrary-trace.js';

const HEADER = 'client,t_s,rate_per_s,iat_cv,iat_dist,param1,param2';
const window = (client: number, startS: number, rate: number, cv: number, law: string) =>
  `${client},${startS},${rate},${cv},${law},0,0`;

describe('ServeGen windows', () => {
  test('a window has the rate that was measured in it, to the request', () => {
    const rates = [100, 0, 37.5, 5];
    const rows = rates.map((rate, index) => window(1, index * 600, rate, 2, 'Gamma'));
    const trace = importServeGen([HEADER, ...rows].join('\n'));
    const counts = rates.map((_, index) => {
      const part = sliceTrace(trace, { fromUs: index * 600e6, toUs: (index + 1) * 600e6 });
      return part.arrivalUs.length;
    });
    expect(counts).toEqual(rates.map((rate) => rate * 600));
    expect(trace.durationUs).toBe(2400e6);
  });

  test('windows without arrivals count as time at the end, too, and make no tenant', () => {
    const rows = [window(1, 0, 10, 1, 'Gamma'), window(1, 600, 0, 0, ''), window(2, 1200, 0, 0, '')];
    const trace = importServeGen([HEADER, ...rows].join('\n'));
    expect(trace.arrivalUs.length).toBe(6000);
    expect(trace.durationUs).toBe(1800e6);
    expect(trace.tenants).toEqual(['1']);
  });

  // The CV of a sample of 60 000 gaps strays by a few percent; the heavier the tail, the more.
  test.each([
    ['Gamma', 0.5, 0.02],
    ['Gamma', 1.12, 0.02],
    ['Gamma', 3, 0.1],
    ['Weibull', 0.7, 0.02],
    ['Weibull', 1.5, 0.05],
    ['Weibull', 3, 0.2],
    ['', 1, 0.02],
  ])('gaps of a %s window have the CV %d', (law, cv, tolerance) => {
    const gaps = describeTrace(importServeGen(`${HEADER}\n${window(1, 0, 100, cv, law)}`)).total.gaps;
    expect(Math.abs((gaps?.cv ?? 0) / cv - 1)).toBeLessThan(tolerance);
    expect(Math.abs((gaps?.meanUs ?? 0) / 10_000 - 1)).toBeLessThan(0.001);
  });

  test.each(['', '0', 'nan', '7'])(
    'gaps of a window without a distribution have the CV 1, where "%s" is told',
    (cv) => {
      const text = `${HEADER}\n1,0,100,${cv},,0,0`;
      expect(Math.abs((describeTrace(importServeGen(text)).total.gaps?.cv ?? 0) - 1)).toBeLessThan(0.02);
    },
  );

  test('no part of a window is favoured', () => {
    const rows = Array.from({ length: 400 }, (_, index) => window(1, index * 600, 0.05, 2, 'Weibull'));
    const { arrivalUs } = importServeGen([HEADER, ...rows].join('\n'));
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const us of arrivalUs) tenths[Math.floor((us % 600e6) / 60e6)]!++;
    // 12 000 arrivals in bursts: 1200 a tenth, give or take a hundred or so.
    for (const count of tenths) expect(Math.abs(count - 1200)).toBeLessThan(250);
  });

  test('a scaled rate is that rate, also where a window then has less than one request', () => {
    const rows = Array.from({ length: 1000 }, (_, index) => window(1, index * 600, 1, 1, 'Gamma'));
    const trace = importServeGen([HEADER, ...rows].join('\n'), { rateScale: 0.0005 });
    // 0.3 requests in each of 1000 windows: 300 with a standard deviation of 14.
    expect(Math.abs(trace.arrivalUs.length - 300)).toBeLessThan(60);
  });

  test('a client arrives at the same times whatever other clients and windows there are', () => {
    const rows = [
      window(1, 0, 1, 1, 'Gamma'),
      window(2, 0, 5, 1, 'Weibull'),
      window(2, 600, 5, 1, 'Weibull'),
    ];
    const all = importServeGen([HEADER, ...rows].join('\n'), { seed: 3 });
    const one = importServeGen([HEADER, rows[2]].join('\n'), { seed: 3, fromUs: 600e6 });
    const part = sliceTrace(selectTenant(all, '2'), { fromUs: 600e6 });
    expect(one.arrivalUs).toEqual(part.arrivalUs);
  });

  test('the originals have no header and one client', () => {
    const trace = importServeGen('0,1,1.1,Gamma,0.8,1.2\n600,0,,,,\n1200,2,1.2,Weibull,0.9,1\n', {
      tenant: 'client-5',
    });
    expect(trace.tenants).toEqual(['client-5']);
    expect(trace.arrivalUs.length).toBe(1800);
  });

  test('mistakes are told by line', () => {
    const rows = [
      window(1, 0, -1, 1, 'Gamma'),
      window(1, 100, 1, 1, 'Gamma'),
      window(1, 600, 1, 0, 'Gamma'),
      window(1, 1200, 1, 1, 'Cauchy'),
      window(1, -600, 1, 1, 'Gamma'),
    ];
    const problems = problemsOf(() => importServeGen([HEADER, ...rows].join('\n')));
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [2, 'rate_per_s'],
      [3, undefined],
      [4, 'iat_cv'],
      [5, 'iat_dist'],
      [6, 't_s'],
    ]);
    const twice = [window(1, 0, 1, 1, 'Gamma'), window(1, 0, 1, 1, 'Gamma')];
    expect(problemsOf(() => importServeGen([HEADER, ...twice].join('\n')))[0]?.what).toMatch(
      /^1 windows have/,
    );
  });

  test('a start that is no time is told once, as it was written and cut where it is long', () => {
    const start = 'soon '.repeat(1000);
    const problems = problemsOf(() => importServeGen(`${HEADER}\n1,${start},1,1,Gamma,0,0`));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.what).toMatch(/^"soon soon .{0,60}\.\.\. is not a time in seconds$/);
  });

  test('refuses to draw more requests than allowed', () => {
    const text = `${HEADER}\n${window(1, 0, 1e9, 1, 'Gamma')}`;
    expect(problemsOf(() => importServeGen(text))[0]?.remedy).toMatch(/import a part/);
  });
});
