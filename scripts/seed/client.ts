import { max, median } from 'simple-statistics';
import type { Load } from '../../src/scenario/scenario.js';
import type { MeasuredPass } from './measured.js';
import type { Setups } from './setups.js';

/** A pass to be sent: so many requests at a fixed gap. */
export interface PassPlan {
  readonly desiredPerS: number;
  readonly requests: number;
}

/** The client's gap between two requests: the asked one and the time to hand a request to a process. */
export function gapMs(desiredPerS: number, client: Setups['client']): number {
  return 1000 / desiredPerS + client.dispatchMs;
}

/** What a client offers when it is asked for `desiredPerS` and never has to wait. */
export function offeredPerS(desiredPerS: number, client: Setups['client']): number {
  return 1000 / gapMs(desiredPerS, client);
}

/** The rate to ask for so that `offered` requests a second are sent. */
export function desiredFor(offered: number, client: Setups['client']): number {
  return 1000 / (1000 / offered - client.dispatchMs);
}

/**
 * Passes one after the other, each starting when the one before it has been answered: `drainMs[i]` is
 * that time after the last request of pass i.
 */
export function clientLoad(
  passes: readonly PassPlan[],
  drainMs: readonly number[],
  startMs: number,
  client: Setups['client'],
): Load {
  const arrivalUs = new Float64Array(passes.reduce((sum, { requests }) => sum + requests, 0));
  let atMs = startMs;
  let index = 0;
  passes.forEach(({ desiredPerS, requests }, i) => {
    const gap = gapMs(desiredPerS, client);
    for (let k = 0; k < requests; k++) arrivalUs[index++] = Math.round((atMs + k * gap) * 1000);
    atMs += (requests - 1) * gap + (drainMs[i] ?? 0);
  });
  return {
    mode: 'capped',
    maxInFlight: client.maxInFlight,
    latencyFrom: 'sent',
    pacing: 'gap',
    trace: {
      tenants: ['client'],
      arrivalUs,
      tenant: new Uint16Array(arrivalUs.length),
      durationUs: (arrivalUs.at(-1) ?? 0) + 1,
    },
  };
}

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
