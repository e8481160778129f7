import { exponential } from '../../base/distributions.js';
import type { Random } from '../../base/random.js';
import type { BurstyProcess, MmppState, OnOffProcess } from './process.js';
import type { RateSegment } from './rate-clock.js';

/**
 * The states of an MMPP that is in a burst for `burstShare` of the time, where the rate is
 * `burstRatio` times that of calm times, and whose mean rate is `ratePerS`.
 */
export function burstyStates(process: Omit<BurstyProcess, 'kind'>): [MmppState, MmppState] {
  const { ratePerS, burstRatio, burstShare, meanBurstS } = process;
  const calmRatePerS = ratePerS / (1 - burstShare + burstShare * burstRatio);
  return [
    { ratePerS: calmRatePerS, meanDwellS: (meanBurstS * (1 - burstShare)) / burstShare },
    { ratePerS: calmRatePerS * burstRatio, meanDwellS: meanBurstS },
  ];
}

/** The states of an interrupted Poisson process. */
export function onOffStates(process: Omit<OnOffProcess, 'kind'>): [MmppState, MmppState] {
  return [
    { ratePerS: process.onRatePerS, meanDwellS: process.meanOnS },
    { ratePerS: 0, meanDwellS: process.meanOffS },
  ];
}

/**
 * Mean rate over all time. Every state is entered equally often (the jumps are doubly stochastic),
 * so the stationary probability of a state is its mean dwell over the sum of all.
 */
export function mmppMeanRatePerS(states: readonly MmppState[]): number {
  const dwellS = totalDwellS(states);
  return states.reduce((sum, state) => sum + state.ratePerS * (state.meanDwellS / dwellS), 0);
}

/**
 * One path of the modulating chain, without end, as the rate it causes. What is left of the first
 * state is again an exponential time, so the path is stationary from the start.
 */
export function* mmppSegments(states: readonly MmppState[], random: Random): Generator<RateSegment> {
  let now = stationaryState(states, random);
  for (;;) {
    const { ratePerS, meanDwellS } = states[now]!;
    const perUs = ratePerS / 1e6;
    yield { lengthUs: exponential(random, meanDwellS * 1e6), startPerUs: perUs, endPerUs: perUs };
    now = (now + 1 + random.nextInt(states.length - 1)) % states.length;
  }
}

function stationaryState(states: readonly MmppState[], random: Random): number {
  let left = random.next() * totalDwellS(states);
  for (let i = 0; i < states.length - 1; i++) {
    left -= states[i]!.meanDwellS;
    if (left < 0) return i;
  }
  return states.length - 1;
}

function totalDwellS(states: readonly MmppState[]): number {
  return states.reduce((sum, state) => sum + state.meanDwellS, 0);
}
