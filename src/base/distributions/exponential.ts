import type { Random } from '../random.js';

/** -ln(2^-32): where the part of the distribution that one 32-bit draw can reach ends. */
const TAIL_START = 32 * Math.LN2;

/**
 * An exponential number with the given mean, by inversion: -mean ln U (von Neumann 1951, "Various
 * techniques used in connection with random digits"; Devroye 1986, II.2).
 *
 * The tail is not cut where the 32 bits of a draw end (22.2 means): the distribution has no memory,
 * so the draw that falls beyond it starts again from there.
 */
export function exponential(random: Random, mean: number): number {
  const bits = random.nextUint32();
  if (bits === 0) return mean * TAIL_START + exponential(random, mean);
  return -mean * Math.log((bits + 0.5) * 2 ** -32);
}
