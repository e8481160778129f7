import { describe, expect, it } from 'vitest';
import { normal } from '../../src/base/distributions.js';
import { RandomStreams } from '../../src/base/random.js';
import {
  newValueDeviation,
  studentTCentral,
  studentTPValue,
  studentTQuantile,
} from '../../src/metrics/statistics/student-t.js';

describe("Student's t", () => {
  it.each([
    // Published tables, e.g. NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
    [0.975, 1, 12.7062],
    [0.975, 2, 4.3027],
    [0.975, 3, 3.1824],
    [0.975, 4, 2.7764],
    [0.975, 7, 2.3646],
    [0.975, 9, 2.2622],
    [0.975, 15, 2.1314],
    [0.975, 31, 2.0395],
    [0.975, 100, 1.984],
    [0.995, 5, 4.0321],
    [0.995, 30, 2.75],
    [0.95, 1, 6.3138],
    [0.95, 10, 1.8125],
    [0.999, 8, 4.5008],
  ])('quantile %d with %i degrees of freedom is %d, as tables have it', (p, degrees, expected) => {
    expect(studentTQuantile(p, degrees)).toBeCloseTo(expected, 3);
  });

  it('quantile of one and two degrees of freedom equals its closed form', () => {
    for (const p of [0.6, 0.9, 0.99, 0.9999]) {
      expect(studentTQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 7);
      expect(studentTQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 7);
    }
  });

  it('becomes normal with many degrees of freedom', () => {
    expect(studentTQuantile(0.975, 1e9)).toBeCloseTo(1.95996, 3);
  });

  it('is symmetric, and quantile and probability invert each other', () => {
    for (const degrees of [1, 2, 5, 8, 31, 200]) {
      const t = studentTQuantile(0.99, degrees);
      expect(studentTQuantile(0.01, degrees)).toBe(-t);
      expect(studentTCentral(t, degrees)).toBeCloseTo(0.98, 9);
      expect(studentTPValue(t, degrees)).toBeCloseTo(0.02, 9);
    }
  });

  it('has an infinite value with probability 0 and says NaN without degrees of freedom', () => {
    expect(studentTPValue(Number.POSITIVE_INFINITY, 5)).toBeCloseTo(0, 12);
    expect(studentTPValue(1, 0)).toBeNaN();
    expect(studentTQuantile(0.975, 0)).toBeNaN();
  });
});

describe('what a new value may be off by', () => {
  it('is the sample deviation where the sample is large, and more the smaller it is', () => {
    expect(newValueDeviation(100_000)).toBeCloseTo(1, 3);
    // Tables: t of 97.5 % is 2.4469 at 6 degrees of freedom.
    expect(newValueDeviation(7)).toBeCloseTo((2.4469 / 1.96) * Math.sqrt(8 / 7), 4);
    expect(newValueDeviation(3)).toBeGreaterThan(newValueDeviation(4));
  });

  it('holds 95 % of the new values of normal samples of four', () => {
    const random = new RandomStreams('new value').get('normal');
    const draws = 20_000;
    let inside = 0;
    for (let i = 0; i < draws; i++) {
      const sample = Array.from({ length: 4 }, () => normal(random));
      const mean = sample.reduce((sum, each) => sum + each, 0) / 4;
      const deviation = Math.sqrt(sample.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 3);
      if (Math.abs(normal(random) - mean) <= 1.96 * deviation * newValueDeviation(4)) inside++;
    }
    expect(inside / draws).toBeGreaterThan(0.945);
    expect(inside / draws).toBeLessThan(0.955);
  });
});
