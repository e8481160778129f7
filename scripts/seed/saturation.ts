import { max, median } from 'simple-statistics';
import { offeredPerS } from './client.js';
import type { MeasuredPass } from './measured.js';
import type { Setups } from './setups.js';

/** Within this share of the most that was completed, a pass counts as near saturation. */
const NEAR_SATURATION = 0.97;

/** A pass that completed less than was offered by more than this held a stall, or was saturated. */
const KEPT_UP = 0.015;

/** A pass that offers more than it completes by this was held back by the cap. */
const HELD_BACK = 1.005;

/** Passes of one client below saturation, where latency does not depend on how long the pass lasts. */
export function belowSaturation(
  passes: readonly MeasuredPass[],
  client: Setups['client'],
): readonly MeasuredPass[] {
  const most = max(passes.map(({ completedPerS }) => completedPerS));
  return passes.filter(
    ({ completedPerS, desiredPerS }) =>
      completedPerS < NEAR_SATURATION * most &&
      Math.abs(completedPerS / offeredPerS(desiredPerS, client) - 1) < KEPT_UP,
  );
}

/**
 * Passes of one client at saturation: among the highest rates, those held back. Where the client
 * was never held back there are none.
 */
export function saturated(
  passes: readonly MeasuredPass[],
  client: Setups['client'],
): readonly MeasuredPass[] {
  const highest = max(passes.map(({ desiredPerS }) => desiredPerS));
  return passes.filter(
    ({ completedPerS, desiredPerS }) =>
      desiredPerS >= NEAR_SATURATION * highest &&
      offeredPerS(desiredPerS, client) / completedPerS > HELD_BACK,
  );
}

/** Median rate of the given passes, 1/s. */
export function medianThroughput(passes: readonly { readonly completedPerS: number }[]): number {
  return median(passes.map(({ completedPerS }) => completedPerS));
}
