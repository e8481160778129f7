import { formatNumber } from '../report/format.js';

/** More decimals than this are noise. */
const MOST_DECIMALS = 6;

/**
 * Figures for people, with as many decimals as it takes to tell each of them from what it is compared
 * with, and a share just below 1 from 1: where 0.9896 breaks a bound of 0.99 it is not shown as 0.99.
 * About three significant digits where nothing is near.
 */
export function formatApart(values: readonly number[], references: readonly number[]): readonly string[] {
  const needed = Math.max(...values.map((value) => decimalsFor(value, references)));
  return values.map((value) => {
    const plain = formatNumber(value);
    if (!Number.isFinite(value) || needed <= decimalsOf(plain)) return plain;
    return value.toLocaleString('en-US', { minimumFractionDigits: needed, maximumFractionDigits: needed });
  });
}

/** Decimals that show two digits of the distance to the nearest reference that is not the value itself. */
function decimalsFor(value: number, references: readonly number[]): number {
  if (!Number.isFinite(value)) return 0;
  const near = value > 0.9 && value < 1 ? [...references, 1] : references;
  const distances = near.map((reference) => Math.abs(value - reference)).filter((distance) => distance > 0);
  const nearest = Math.min(...distances);
  if (!Number.isFinite(nearest)) return 0;
  // Read from the digits: Math.log10 may be off by one near a power of ten.
  const order = Number(nearest.toExponential(2).split('e')[1]);
  return Math.min(MOST_DECIMALS, Math.max(0, 1 - order));
}

function decimalsOf(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}
