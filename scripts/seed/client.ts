import type { Load } from '../../src/scenario/scenario.js';
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
      durationUs: (arrivalUs[arrivalUs.length - 1] ?? 0) + 1,
    },
  };
}
