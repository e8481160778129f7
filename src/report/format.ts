import { halfWidthOf } from '../metrics/statistics/intervals.js';
import type { Estimate } from '../metrics/summary.js';

/** Stands for a figure that cannot be told. */
export const UNKNOWN = '–';

/**
 * A number for people: about three significant digits, never an exponent below 10^15, thousands
 * apart by commas. NaN is {@link UNKNOWN}, Infinity `unlimited`.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  return fixed(value, decimalsFor(value));
}

/**
 * `12.3 (11.9–12.7)`: the value with its interval from low to high, or alone where none is known or its ends read as the value
 * does. Of shares in percent no end is above 100.
 */
export function formatEstimate(estimate: Estimate, scale = 1): string {
  const value = estimate.value * scale;
  const halfWidth = halfWidthOf(estimate) * scale;
  if (!Number.isFinite(value) || !Number.isFinite(halfWidth)) return formatNumber(value);
  const decimals = decimalsForInterval(value, halfWidth);
  const most = scale === 100 ? 100 : Number.POSITIVE_INFINITY;
  const [text, low, high] = [value, estimate.low * scale, Math.min(estimate.high * scale, most)].map((end) =>
    fixed(end, decimals),
  );
  if (low === text && high === text) return text!;
  return `${text} (${low}${estimate.low < 0 ? ' to ' : '–'}${high})`;
}

/** A share 0..1 as percent without its sign, e.g. `99.91`; `100` only when it is exactly that. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (!Number.isFinite(percent)) return formatNonFinite(percent);
  if (percent === 0 || percent === 100) return String(percent);
  const decimals = Math.abs(percent) > 99 || Math.abs(percent) < 1 ? 2 : 1;
  return fixed(percent < 100 ? Math.min(percent, 100 - 10 ** -decimals) : percent, decimals);
}

/** A quantity somebody set, e.g. a limit or a length: whole numbers without decimals. */
export function formatSetting(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatNumber(value);
}

/** A count in full, thousands apart by commas. */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? fixed(value, 0) : formatNonFinite(value);
}

/** Dollars without their sign, to the cent, or to three digits below a dime. */
export function formatUsd(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  return fixed(value, value !== 0 && Math.abs(value) < 0.1 ? decimalsFor(value) : 2);
}

/** A signed percentage, e.g. `+2.1`. */
export function formatSigned(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const text = fixed(value, 1);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return UNKNOWN;
  return value > 0 ? 'unlimited' : '-unlimited';
}

/** Decimals that leave three significant digits, two below one: 1234, 123, 12.3, 1.23, 0.12, 0.012. */
function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size === 0) return 0;
  const digits = size < 1 ? 1 : 2;
  return Math.min(Math.max(digits - orderOf(size), 0), 7);
}

/** Enough decimals to show the first digit of the half width, at most two more than the value has anyway. */
function decimalsForInterval(value: number, halfWidth: number): number {
  const plain = decimalsFor(value);
  if (halfWidth === 0) return plain;
  return Math.min(Math.max(plain, -orderOf(halfWidth)), plain + 2);
}

/** Exponent of the leading digit. Read from the digits: Math.log10 may be off by one near a power of ten. */
function orderOf(size: number): number {
  return Number(size.toExponential(2).split('e')[1]);
}

function fixed(value: number, decimals: number): string {
  if (Math.abs(value) >= 1e15) return value.toExponential(2);
  const [whole = '', fraction] = value.toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return /^-[0.,]*$/.test(text) ? text.slice(1) : text;
}
