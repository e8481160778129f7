import { shortHash } from '../base/short-hash.js';
import type { Summary } from '../metrics/summary.js';

/** Engines of JavaScript differ in the last digits of exponentials. */
const DIGITS = 10;

/** A short name of the figures of a run: equal figures have equal names, on the command line and in a browser. */
export function resultHash(summary: Summary): string {
  return shortHash(
    JSON.stringify(summary, (_, value: unknown) =>
      typeof value === 'number' ? value.toPrecision(DIGITS) : value,
    ),
  );
}
