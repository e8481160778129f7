import { describe, expect, it } from 'vitest';
import {
  formatEstimate,
  formatNumber,
  formatPercent,
  formatSetting,
  formatSigned,
  formatUsd,
} from '../../src/report/format.js';
import { about } from './sample-report.js';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [123.45, '123'],
    [12.345, '12.3'],
    [9.999, '10.0'],
    [1, '1.00'],
    [0.5, '0.50'],
    [0.01234, '0.012'],
    [-0.00000001, '0.0000000'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, 'unlimited'],
  ])('%d reads %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it.each([
    [about(12.3, 0.4), '12.3 (11.9–12.7)'],
    [about(12.3456, 0.004), '12.346 (12.342–12.350)'],
    [about(12.3, 0.000004), '12.300'],
    [about(12.3, 0), '12.3'],
    [about(1234, 56), '1,234 (1,178–1,290)'],
    [{ value: 12.3, low: Number.NaN, high: Number.NaN }, '12.3'],
    [{ value: 0.5, low: 0.2, high: 0.6 }, '0.50 (0.20–0.60)'],
  ])('an estimate shows as many digits as its interval deserves (%o)', (estimate, text) => {
    expect(formatEstimate(estimate)).toBe(text);
  });

  it.each([
    [{ value: 0.5, low: 0, high: 2.5 }, 1, '0.50 (0.00–2.50)'],
    [{ value: 0.99, low: 0.95, high: 1.03 }, 100, '99.0 (95.0–100.0)'],
    [{ value: -0.5, low: -2.5, high: 1.5 }, 1, '-0.50 (-2.50 to 1.50)'],
  ])('an interval names nothing that cannot be: %o times %d', (estimate, scale, text) => {
    expect(formatEstimate(estimate, scale)).toBe(text);
  });

  it('a share is 100 % only if it is exactly that', () => {
    expect([1, 0.99999999, 0.995, 0.5, 0].map(formatPercent)).toEqual(['100', '99.99', '99.50', '50.0', '0']);
  });

  it('settings are shown as they were set', () => {
    expect([100, 0.5, 2.5].map(formatSetting)).toEqual(['100', '0.50', '2.50']);
  });

  it('dollars have cents, and more digits below a dime', () => {
    expect([1234.5, 0.2, 0.0123, 0].map(formatUsd)).toEqual(['1,234.50', '0.20', '0.012', '0.00']);
  });

  it('an error has its sign, and none at zero', () => {
    expect([2.31, -2.31, 0.001, -0.001].map(formatSigned)).toEqual(['+2.3', '-2.3', '0.0', '0.0']);
  });
});
