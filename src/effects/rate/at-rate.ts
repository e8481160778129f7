import * as z from 'zod';
import { addIssue } from '../values.js';

export const requestsPerS = z.number().positive().describe('To the server');

/** Rates ascend. */
export function checkRates(rates: readonly Rated[], context: z.RefinementCtx): void {
  for (const [i, { requestsPerS: rate }] of rates.entries()) {
    const before = rates[i - 1];
    if (before === undefined || rate > before.requestsPerS) continue;
    const what = `${rate} requests/s do not come after ${before.requestsPerS}`;
    addIssue(context, [i, 'requestsPerS'], what, 'list each rate once, in ascending order');
  }
}

/** What was measured while a server got so many requests per second. */
export interface Rated {
  readonly requestsPerS: number;
}

/**
 * Figures at a rate: on the line in the logarithm of the rate between the two measured rates around; beyond them, the nearest.
 * @param rated one entry at least, ascending by rate
 */
export function atRate<Key extends string>(
  rated: readonly (Rated & Readonly<Record<Key, number>>)[],
  perS: number,
  keys: readonly Key[],
): Record<Key, number> {
  const of = (figureOf: (key: Key) => number) =>
    Object.fromEntries(keys.map((key) => [key, figureOf(key)])) as Record<Key, number>;
  const right = rated.findIndex((each) => each.requestsPerS >= perS);
  if (right === 0) return of((key) => rated[0]![key]);
  if (right < 0) return of((key) => rated.at(-1)![key]);
  const [a, b] = [rated[right - 1]!, rated[right]!];
  const share = Math.log(perS / a.requestsPerS) / Math.log(b.requestsPerS / a.requestsPerS);
  return of((key) => Math.round(1000 * (a[key] + share * (b[key] - a[key]))) / 1000);
}
