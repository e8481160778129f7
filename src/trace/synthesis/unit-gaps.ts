import { exponential, gamma } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import { gammaGap, unitMeanWeibull, weibullGap } from './gaps.js';
import type { Gaps } from './process.js';

/** Gaps of mean 1, drawn one after the other. */
export interface UnitGaps {
  /**
   * From the start of the trace to the first arrival. It is drawn from the equilibrium
   * distribution (what is left of a gap that began before the trace did), which is U × a gap chosen
   * by its length (Cox 1962, "Renewal theory", ch. 5). Only so is the expected number of arrivals in
   * [0, t] exactly t; starting with a whole gap gives (cv² - 1) / 2 more.
   */
  first(): number;
  /** From one arrival to the next. */
  next(): number;
}

export function unitGaps(gaps: Gaps, random: Random): UnitGaps {
  switch (gaps.law) {
    case 'constant':
      return { first: () => gaps.phase ?? random.next(), next: () => 1 };
    case 'exponential':
      return { first: () => exponential(random, 1), next: () => exponential(random, 1) };
    case 'gamma':
      return gammaGaps(gaps.cv, random);
    case 'weibull':
      return weibullGaps(gaps.cv, random);
  }
}

/** A gamma gap chosen by its length is a gamma number of shape + 1. */
function gammaGaps(cv: number, random: Random): UnitGaps {
  const scale = cv * cv;
  return {
    first: () => random.nextOpen() * gamma(random, 1 / scale + 1, scale),
    next: () => gammaGap(random, 1, cv),
  };
}

/** With E^(1/shape) for a gap, one chosen by its length has a gamma number of shape 1 + 1/shape for E. */
function weibullGaps(cv: number, random: Random): UnitGaps {
  const { shape, scale } = unitMeanWeibull(cv);
  return {
    first: () => random.nextOpen() * scale * gamma(random, 1 + 1 / shape, 1) ** (1 / shape),
    next: () => weibullGap(random, 1, cv),
  };
}
