import type * as z from 'zod';
import type { ServicePoint } from './profile.js';
import { SHORTEST_MS } from './schema-values.js';

/** Mean of the ratios of an empirical spread may differ from 1 by rounding only. */
const MEAN_TOLERANCE = 0.01;

/** Batch sizes ascend, and no execution takes no time at all. */
export function checkServicePoints(points: readonly ServicePoint[], context: z.RefinementCtx): void {
  for (const [i, point] of points.entries()) {
    const before = points[i - 1];
    if (before !== undefined && point.batchSize <= before.batchSize) {
      add(
        context,
        [i, 'batchSize'],
        `batch size ${point.batchSize} does not come after ${before.batchSize}`,
        ASCENDING,
      );
    }
    const phases = [point.inputMs, point.inferMs, point.outputMs];
    // A negative phase has its own message; the list is checked all the same.
    if (phases.every((ms) => ms >= 0 && ms < SHORTEST_MS)) {
      add(context, [i], 'this execution takes no time', 'write its service time in milliseconds');
    }
  }
}

/** Batch sizes ascend. */
export function checkBatchSizes(sizes: readonly number[], context: z.RefinementCtx): void {
  for (const [i, size] of sizes.entries()) {
    const before = sizes[i - 1];
    if (before === undefined || size > before) continue;
    add(context, [i], `batch size ${size} does not come after ${before}`, ASCENDING);
  }
}

/** Rates ascend. */
export function checkRates(
  rates: readonly { readonly requestsPerS: number }[],
  context: z.RefinementCtx,
): void {
  for (const [i, { requestsPerS }] of rates.entries()) {
    const before = rates[i - 1];
    if (before === undefined || requestsPerS > before.requestsPerS) continue;
    const what = `${requestsPerS} requests/s do not come after ${before.requestsPerS}`;
    add(context, [i, 'requestsPerS'], what, 'list each rate once, in ascending order');
  }
}

/** Ratios ascend and have mean 1. */
export function checkRatios(ratios: readonly number[], context: z.RefinementCtx): void {
  const descent = ratios.findIndex((ratio, i) => i > 0 && ratio < ratios[i - 1]!);
  if (descent >= 0) {
    add(context, [descent], `ratio ${ratios[descent]} is less than the one before`, 'sort the ratios');
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  if (Math.abs(mean - 1) > MEAN_TOLERANCE) {
    add(context, [], `the ratios have mean ${Number(mean.toFixed(4))}, not 1`, 'divide them by their mean');
  }
}

/** A model is listed once. */
export function checkPairs(pairs: readonly { readonly model: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { model }] of pairs.entries()) {
    if (seen.has(model)) add(context, [i, 'model'], `"${model}" is listed twice`, 'remove one of them');
    seen.add(model);
  }
}

/** `2024`, `2024-05`, `2024-05-31` or `unknown`. */
export const DATE = /^(unknown|\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)$/;

export function isDate(date: string): boolean {
  return DATE.test(date);
}

export function checkDate(date: string, context: z.RefinementCtx): void {
  if (isDate(date)) return;
  add(context, [], `"${date.slice(0, 40)}" is not a date`, 'write it like 2024-05-31, or `unknown`');
}

const ASCENDING = 'list each batch size once, in ascending order';

function add(context: z.RefinementCtx, path: (string | number)[], what: string, remedy: string): void {
  context.addIssue({ code: 'custom', path, message: `${what}; ${remedy}` });
}
