import type { Random } from '../base/random.js';

const PRIMES = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
  107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173,
] as const;

/** How many coordinates a Halton point may have. */
export const MOST_DIMENSIONS = PRIMES.length;

/**
 * Points of the Halton sequence (Numerische Mathematik 2, 1960) in [0, 1) of every dimension: spread
 * evenly, whatever number is taken. All are shifted by one random vector, modulo 1 (Cranley & Patterson,
 * SIAM J. Numer. Anal. 13, 1976), which leaves them as even and gives each seed other points.
 */
export function haltonSequence(dimensions: number, random: Random): (index: number) => number[] {
  const shifts = Array.from({ length: dimensions }, () => random.next());
  return (index) => shifts.map((shift, d) => (radicalInverse(PRIMES[d]!, index + 1) + shift) % 1);
}

/** The digits of `index` in that base, mirrored at the point. */
export function radicalInverse(base: number, index: number): number {
  let value = 0;
  let scale = 1 / base;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    value += (rest % base) * scale;
    scale /= base;
  }
  return value;
}
