import * as z from 'zod';

/** Longest time a profile may state: a day. Keeps every sum of nanoseconds an exact integer. */
const LONGEST_MS = 86_400_000;

/** A nanosecond, the unit of the simulator's service times: no execution takes less. */
export const SHORTEST_MS = 1e-6;

/** Characters of its longest texts, such as the notes on where it comes from. */
export const LONGEST_TEXT = 4000;

/** Times that several parts of a profile hold. */
export const ms = z.number().min(0).max(LONGEST_MS);
export const us = z
  .number()
  .min(0)
  .max(LONGEST_MS * 1000);

/** Fields that earlier calibrations wrote and nothing reads any more: such profiles stay valid. */
export function retired(...names: readonly string[]): Record<never, never> {
  return obsolete('Written by earlier calibrations; nothing reads it any more', ...names);
}

/** Fields of earlier versions, of which nobody reads the value. */
export function obsolete(why: string, ...names: readonly string[]): Record<never, never> {
  const field = z.unknown().exactOptional().meta({ deprecated: true }).describe(why);
  return Object.fromEntries(names.map((name) => [name, field]));
}

/** Standard deviation over mean. */
export const cv = z.number().min(0).max(10).describe('Standard deviation over mean');

export const modelName = z.string().min(1).max(200);

/** A problem of a checked value: what is wrong, and what to write. */
export function addIssue(
  context: z.RefinementCtx,
  path: (string | number)[],
  what: string,
  remedy: string,
): void {
  context.addIssue({ code: 'custom', path, message: `${what}; ${remedy}` });
}
