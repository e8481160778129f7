import type * as z from 'zod';
import { addIssue as add, SHORTEST_MS } from '../effects/values.js';
import { namesOfFacts } from './server-facts.js';

interface Timed {
  readonly batchSize: number;
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
}

/** Batch sizes ascend, and no execution takes no time at all. */
export function checkServicePoints(points: readonly Timed[], context: z.RefinementCtx): void {
  checkAscending(
    points.map(({ batchSize }) => batchSize),
    (i) => [i, 'batchSize'],
    context,
  );
  for (const [i, { inputMs, inferMs, outputMs }] of points.entries()) {
    // A negative phase has its own message; the list is checked all the same.
    if ([inputMs, inferMs, outputMs].every((ms) => ms >= 0 && ms < SHORTEST_MS))
      add(context, [i], 'this execution takes no time', 'write its service time in milliseconds');
  }
}

/** Batch sizes ascend. */
export function checkBatchSizes(sizes: readonly number[], context: z.RefinementCtx): void {
  checkAscending(sizes, (i) => [i], context);
}

function checkAscending(
  sizes: readonly number[],
  pathOf: (index: number) => (string | number)[],
  context: z.RefinementCtx,
): void {
  const remedy = 'list each batch size once, in ascending order';
  for (const [i, size] of sizes.entries()) {
    const before = sizes[i - 1];
    if (before === undefined || size > before) continue;
    add(context, pathOf(i), `batch size ${size} does not come after ${before}`, remedy);
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

/** Facts of the server stood in each model's profile before server profiles came. */
export function refuseFacts(serving: object, context: z.RefinementCtx): void {
  const names = namesOfFacts(serving);
  if (names.length === 0) return;
  const facts = names.map((name) => [name, Reflect.get(serving, name)]);
  const moved = JSON.stringify({ format: 'perseus-server/1', ...Object.fromEntries(facts) });
  add(
    context,
    [],
    `holds facts of the server: ${names.join(', ')}`,
    `move them to server.json, once for all profiles of the folder: ${moved}`,
  );
}
