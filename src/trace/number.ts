/**
 * A number written in decimal digits (`12`, `0.5`, `1e6`), with blanks around it; NaN for anything
 * else. Stricter than `Number`, which takes an empty text for 0 and reads `0x10` and `Infinity`.
 */
export function parseNumber(text: string): number {
  const whole = parseDigits(text);
  if (whole !== -1) return whole;
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** So many digits always fit a double exactly. */
const EXACT_DIGITS = 15;

/** The value of a text that is nothing but up to 15 digits, else -1: four times as fast as a pattern. */
function parseDigits(text: string): number {
  if (text.length === 0 || text.length > EXACT_DIGITS) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** A number as Prometheus' formats have it, which Go and C++ print: also `NaN` and `+Inf`; undefined for what is none. */
export function parseMetricNumber(text: string): number | undefined {
  const value = parseNumber(text);
  if (!Number.isNaN(value)) return value;
  const [, sign, word] = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text) ?? [];
  if (word === undefined) return undefined;
  if (/^nan$/i.test(word)) return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
