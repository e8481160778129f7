import { goldenSection } from './golden-section.js';
import { thousandths } from './rounding.js';

/** A share of races, 0..1. */
export type Share = number;

/** What is known of a share before a server is measured. */
export interface Expectation {
  readonly share: Share;
  /** How far servers lie from that, about. */
  readonly deviation: number;
}

/**
 * The share with the least misfit, in squared standard deviations. What other servers showed counts as one more measurement, so that
 * noise of a single point does not lead far away. A grid, then a golden-section search between its neighbours.
 * @param misfitWith a smooth function: the same arrivals and draws for each candidate
 */
export function fitShare(misfitWith: (share: Share) => number, expected: Expectation): Share {
  const misfit = (share: Share) => ((share - expected.share) / expected.deviation) ** 2 + misfitWith(share);
  const tried = GRID.map((share) => ({ share, misfit: misfit(share) }));
  const best = tried.reduce((a, b) => (b.misfit < a.misfit ? b : a)).share;
  const range = { low: Math.max(0, best - GRID_STEP), high: Math.min(1, best + GRID_STEP), within: 0.01 };
  return thousandths(goldenSection(misfit, range));
}

const GRID_STEP = 0.1;
const GRID = Array.from({ length: 11 }, (_, i) => i * GRID_STEP);
