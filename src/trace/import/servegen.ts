import { type Random, RandomStreams } from '../../base/random.js';
import { gammaGap, weibullGap } from '../synthesis/gaps.js';
import type { Trace } from '../trace.js';
import { Arrivals, isWanted } from './arrivals.js';
import { checkRequestCount } from './limit.js';
import type { ImportOptions } from './options.js';
import { readServeGenWindows, type ServeGenWindow } from './servegen-windows.js';

/**
 * ServeGen's client windows (Xiang et al., ServeGen, NSDI 2026): of every client and window the
 * rate, the CV of gaps and the distribution they were closest to. Each client becomes a tenant. A
 * window gets as many arrivals as were counted in it (a count that is not whole, after
 * `rateScale`, is rounded up or down at random), with gaps drawn from the given distribution at the
 * given CV and stretched together to fill the window. ServeGen's own shape and scale are not used:
 * as maximum-likelihood fits they reproduce neither the rate nor the CV of a Weibull window.
 *
 * Each window has a random stream of its own, named after client and start, so leaving out some does
 * not move the others.
 *
 * @throws InputError with the line of every problem
 */
export function importServeGen(text: string, options: ImportOptions = {}): Trace {
  const windowUs = options.binUs ?? TEN_MINUTES_US;
  const { fromUs = 0, toUs = Number.POSITIVE_INFINITY } = options;
  const windows = readServeGenWindows(text, windowUs, options).filter(
    (window) => window.startUs < toUs && window.startUs + windowUs > fromUs,
  );
  checkRequestCount(expectedCount(windows, windowUs), options);
  const streams = new RandomStreams(options.seed ?? 0);
  const arrivals = new Arrivals(options);
  for (const window of windows) {
    if (window.ratePerUs === 0) continue;
    arrivals.tenant(window.client);
    const random = streams.get(`servegen/${window.client}/${window.startUs}`);
    for (const us of drawArrivals(window, windowUs, random)) {
      if (isWanted(us, options)) arrivals.add(us, window.client);
    }
  }
  // Windows without arrivals are time as well: a source that falls silent is still measured.
  const lastUs = windows.reduce((end, window) => Math.max(end, window.startUs + windowUs), fromUs);
  return arrivals.toTrace('ServeGen windows', { lastUs });
}

const TEN_MINUTES_US = 600_000_000;

function expectedCount(windows: readonly ServeGenWindow[], windowUs: number): number {
  return windows.reduce((sum, window) => sum + window.ratePerUs * windowUs, 0);
}

/**
 * The gaps of a window are laid around a circle as long as the window, from a random point on: so
 * no place in the window is more likely than another, and their sum is the window.
 */
function drawArrivals(window: ServeGenWindow, windowUs: number, random: Random): Float64Array {
  const count = Math.floor(window.ratePerUs * windowUs + random.next());
  const gaps = Float64Array.from({ length: count }, () => unitGap(window, random));
  const sum = gaps.reduce((total, gap) => total + gap, 0);
  // Gaps too small for a double may all be 0: then the arrivals come together.
  const unitUs = sum > 0 ? windowUs / sum : 0;
  let atUs = random.next() * windowUs;
  return gaps.map((gap) => {
    atUs += gap * unitUs;
    return window.startUs + (Math.floor(atUs) % windowUs);
  });
}

/** A gap with mean 1. */
function unitGap(window: ServeGenWindow, random: Random): number {
  return window.distribution === 'Weibull'
    ? weibullGap(random, 1, window.cv)
    : gammaGap(random, 1, window.cv);
}
