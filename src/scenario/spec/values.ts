import * as z from 'zod';

/** Simple values that several parts of a scenario file share. */

export const name = z
  .string()
  .min(1, 'is empty; write a name')
  .max(200, 'is too long; write at most 200 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds characters that cannot be printed; write a plain name');

export const filePath = z
  .string()
  .min(1, 'is empty; write the path of a file')
  .max(4096, 'is too long for a path');

/** What everything random is drawn from. */
export const seed = z.union([z.int('is not a whole number'), z.string().max(200, 'is too long for a seed')]);

export const atLeastZero = z.number().min(0, 'is negative; write 0 or more');
export const aboveZero = z.number().positive('is not positive; write a number above 0');

/** A year; longer runs are slips of the unit. */
const MAX_SECONDS = 31_536_000;
export const seconds = atLeastZero.max(MAX_SECONDS, `is longer than a year; write at most ${MAX_SECONDS}`);
export const secondsAboveZero = aboveZero.max(
  MAX_SECONDS,
  `is longer than a year; write at most ${MAX_SECONDS}`,
);

/** The same bounds for the shorter units. */
export const milliseconds = atLeastZero.max(MAX_SECONDS * 1e3, 'is longer than a year');
export const microseconds = atLeastZero.max(MAX_SECONDS * 1e6, 'is longer than a year');

export const usd = atLeastZero.max(1e9, 'is no price; write at most 1e9');

/** Whole numbers from 1 to `max`. */
export function count(max: number): z.ZodNumber {
  return z
    .int('is not a whole number; round it')
    .min(1, 'is too small; write 1 or more')
    .max(max, `is too large; write at most ${max}`);
}

/** Of something of which there is at least one. */
export function meanCount(max: number): z.ZodNumber {
  return aboveZero.min(1, 'is less than one; write 1 or more').max(max, 'is too many');
}

export const countLaw = z
  .enum(['constant', 'geometric'])
  .default('constant')
  .describe('How their number is distributed.');

/** Of all, 0 to 1. */
export const share = z.number().min(0, 'is negative; write 0 to 1').max(1, 'is more than all; write 0 to 1');

/** A coefficient of variation. */
export const cv = z.number().min(0, 'is negative; write 0 for no variation').max(10, 'must be at most 10');

/** A trace stores payloads in 32 bits. */
export const MAX_BYTES = 4_294_967_295;
export const bytes = z
  .int('is not a whole number; round it')
  .min(0, 'is negative; write 0 or more')
  .max(MAX_BYTES, 'is more than 4 GiB; write less');
