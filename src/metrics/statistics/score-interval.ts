import type { Estimate } from '../summary.js';

/**
 * `share` with Wilson's score interval (JASA 22, 1927): the true shares from which it is no further than chance explains. It stays
 * within 0..1, reaches further to the side of one half, and is known where the share is 0 or 1 too.
 * @param trials independent trials behind it over the square of the quantile (1.96 for 95 % of many trials)
 */
export function scoreInterval(share: number, trials: number): Estimate {
  const center = share + 1 / (2 * trials);
  const half = Math.sqrt((share * (1 - share)) / trials + 1 / (2 * trials) ** 2);
  const scale = 1 + 1 / trials;
  // A share of 0 or 1 is its own bound, which rounding would miss by the last digit.
  const low = share === 0 && trials > 0 ? 0 : (center - half) / scale;
  const high = share === 1 && trials > 0 ? 1 : (center + half) / scale;
  return { value: share, low, high };
}

/** The trials of which {@link scoreInterval} would give that interval; NaN where it is unknown. */
export function trialsOf({ value, low, high }: Estimate): number {
  const bound = value > 0.5 ? low : high;
  return (bound * (1 - bound)) / (bound - value) ** 2;
}
