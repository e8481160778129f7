/**
 * Significant digits of every fraction in our files: enough for any use, too few for the last bit of a
 * platform's `log` to show.
 */
export const SIGNIFICANT_DIGITS = 9;

/** The value as our files keep it: integers in full, fractions to {@link SIGNIFICANT_DIGITS}, no -0. */
export function roundNumber(value: number): number {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
  return rounded === 0 ? 0 : rounded;
}
