import { atRate } from '../effects/rate/at-rate.js';
import type { ServerFacts, Serving } from '../profile/serving.js';
import type { EffectiveNetworkDelay, Load, MeasuredNetworkDelay, NetworkDelay, Server } from './scenario.js';

/**
 * The way that requests for a model of a server take.
 * @param requestsPerS what the server gets of all its clients; undefined where nobody knows
 */
export function networkDelayOf(
  { network }: Pick<Server, 'network'>,
  { networkDelay = network }: { readonly networkDelay?: MeasuredNetworkDelay },
  requestsPerS?: number,
): EffectiveNetworkDelay {
  const { byRate, wakeUs = 0 } = networkDelay;
  const { requestDelayUs, responseDelayUs } =
    byRate === undefined || requestsPerS === undefined
      ? networkDelay
      : atRate(byRate, requestsPerS, DIRECTIONS);
  return { requestDelayUs, responseDelayUs, wakeUs: Math.min(wakeUs, MOST_WAKING * requestDelayUs) };
}

/** The rest of a way is what threads that are awake do for a request. */
const MOST_WAKING = 0.8;

const DIRECTIONS = ['requestDelayUs', 'responseDelayUs'] as const;

/** Closed-loop clients that think for longer find everything asleep again. */
const CLOSED_LOOP_THINK_US = 1000;

/** Whether a load comes from closed-loop clients that send as soon as they have their answer. */
export function isClosedLoop(load: Load): boolean {
  return load.mode === 'closed' && load.thinkTime.meanUs < CLOSED_LOOP_THINK_US;
}

/**
 * Threads that wake one after the other until a request on its way from a client on the same host is in the server: such
 * they took 175 to 190 us where requests were sparse and waking a thread 48 us.
 */
const WAKES_ON_THE_PATH = 4;

/** As a profile says, with clients whose threads take so much of it (default: usual ones). */
export function measuredNetworkDelay(
  serving: Serving,
  clientUs = serving.clientUs ?? 0,
): MeasuredNetworkDelay {
  const { requestDelayUs, responseDelayUs, networkDelayByRate, instanceWakeUs } = serving;
  const networkDelay = {
    requestDelayUs,
    responseDelayUs,
    wakeUs: WAKES_ON_THE_PATH * instanceWakeUs,
    ...(networkDelayByRate !== undefined && { byRate: networkDelayByRate }),
  };
  return networkDelayWithClient(networkDelay, clientUs);
}

/** A signal to a thread that is awake costs it a look at its queue, as that of an instance which goes on. */
export function awakeUsOf({ batcherWakeUs, instancePickUpUs }: ServerFacts): number {
  return Math.min(batcherWakeUs, instancePickUpUs);
}

/** The same way with clients whose threads take so much of it, both directions together. */
export function networkDelayWithClient(
  { clientUs: before = 0, ...networkDelay }: MeasuredNetworkDelay,
  clientUs: number,
): MeasuredNetworkDelay {
  return { ...longerNetworkDelay(networkDelay, clientUs - before), ...(clientUs > 0 && { clientUs }) };
}

/** So much longer under any load, half of it there and half back. */
export function longerNetworkDelay(networkDelay: MeasuredNetworkDelay, us: number): MeasuredNetworkDelay {
  const longer = <W extends NetworkDelay>({ requestDelayUs, responseDelayUs, ...rest }: W) => ({
    ...rest,
    requestDelayUs: Math.max(0, requestDelayUs + us / 2),
    responseDelayUs: Math.max(0, responseDelayUs + us / 2),
  });
  const { byRate, ...plain } = networkDelay;
  return { ...longer(plain), ...(byRate !== undefined && { byRate: byRate.map(longer) }) };
}
