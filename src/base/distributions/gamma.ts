import type { Random } from '../random.js';
import { exponential } from './exponential.js';
import { normal } from './normal.js';

/**
 * A gamma number with the given shape (> 0) and scale; its mean is shape × scale and its coefficient
 * of variation 1/√shape. By rejection from the cube of a normal number (Marsaglia and Tsang 2000, "A
 * simple method for generating gamma variables"); below shape 1 by their boost, gamma(shape + 1) ×
 * U^(1/shape), with U^(1/shape) written as exp(-E/shape) so that small shapes lose no precision.
 */
export function gamma(random: Random, shape: number, scale: number): number {
  if (shape >= 1) return scale * standardGamma(random, shape);
  return scale * standardGamma(random, shape + 1) * Math.exp(-exponential(random, 1) / shape);
}

function standardGamma(random: Random, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const u = random.nextOpen();
    const squared = x * x;
    if (u < 1 - 0.0331 * squared * squared) return d * v;
    if (Math.log(u) < 0.5 * squared + d * (1 - v + Math.log(v))) return d * v;
  }
}
