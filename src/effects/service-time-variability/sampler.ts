import { gamma, lognormal, lognormalParameters } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import type { Spread } from './effect.js';

/** Draws the ratio of one execution's service time to its mean; the ratios have mean 1. */
export type SpreadSampler = (random: Random) => number;

/** The sampler of a spread. A spread without width draws no numbers from the source. */
export function spreadSampler(spread: Spread): SpreadSampler {
  if (spread.law === 'empirical') return empiricalSampler(spread.ratios);
  if (spread.law === 'none' || spread.cv === 0) return () => 1;
  const { cv } = spread;
  if (spread.law === 'lognormal') {
    const parameters = lognormalParameters(1, cv);
    return (random) => lognormal(random, parameters);
  }
  const shape = 1 / (cv * cv);
  return (random) => gamma(random, shape, 1 / shape);
}

/**
 * Inverts the distribution function that is linear between the ratios at probabilities (i + 0.5) / n
 * and flat beyond the outermost. Its mean is the mean of the ratios, by which the draws are divided
 * so that it is exactly 1.
 */
function empiricalSampler(ratios: readonly number[]): SpreadSampler {
  const last = ratios.length - 1;
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const scaled = Float64Array.from(ratios, (ratio) => ratio / mean);
  return (random) => {
    const position = Math.min(last, Math.max(0, random.next() * ratios.length - 0.5));
    const below = Math.floor(position);
    const above = Math.min(last, below + 1);
    return scaled[below]! + (scaled[above]! - scaled[below]!) * (position - below);
  };
}
