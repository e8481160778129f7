import type { Random } from '../random.js';
import { exponential } from './exponential.js';

/** A whole number from 1 on whose mean is `mean` >= 1: how often something is tried until it ends, each time as likely as before. */
export function geometric(random: Random, mean: number): number {
  if (mean <= 1) return 1;
  // Of an exponential time that is cut to whole numbers.
  return 1 + Math.floor(exponential(random, -1 / Math.log(1 - 1 / mean)));
}
