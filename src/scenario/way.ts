import { atRate } from '../profile/by-rate.js';
import type { Serving } from '../profile/serving.js';
import type { Load, MeasuredWay, Server, Way, WayTaken } from './scenario.js';

/** What is known of a model's clients. */
export interface WayLoad {
  /** What the server gets of all its clients; absent where nobody knows. */
  readonly requestsPerS?: number;
  /** All who send to the model do so as soon as they have their answer. */
  readonly areCallers?: boolean;
}

/** The way that requests for a model of a server take. */
export function wayOf(
  { network }: Pick<Server, 'network'>,
  { way = network }: { readonly way?: MeasuredWay },
  { requestsPerS, areCallers = false }: WayLoad = {},
): WayTaken {
  const { byRate, ofCallers, wakeUs = 0 } = way;
  const underLoad = () =>
    byRate === undefined || requestsPerS === undefined ? way : atRate(byRate, requestsPerS, DIRECTIONS);
  const { requestDelayUs, responseDelayUs } = areCallers && ofCallers !== undefined ? ofCallers : underLoad();
  return { requestDelayUs, responseDelayUs, wakeUs: Math.min(wakeUs, MOST_WAKING * requestDelayUs) };
}

/** The rest of a way is what threads that are awake do for a request. */
const MOST_WAKING = 0.8;

const DIRECTIONS = ['requestDelayUs', 'responseDelayUs'] as const;

/** Callers that think for longer find everything asleep again. */
const CALLERS_THINK_US = 1000;

/** Whether a load comes from callers that send as soon as they have their answer. */
export function isOfCallers(load: Load): boolean {
  return load.mode === 'closed' && load.thinkTime.meanUs < CALLERS_THINK_US;
}

/**
 * Threads that wake one after the other until a request on its way from a client on the same host is in the server: such
 * ways took 175 to 190 us where requests were sparse and waking a thread 48 us.
 */
const WAKES_ON_THE_WAY = 4;

/** As a profile says, with clients whose threads take so much of it (default: usual ones). */
export function measuredWay(serving: Serving, clientUs = serving.clientUs ?? 0): MeasuredWay {
  const { requestDelayUs, responseDelayUs, wayByRate, wayOfCallers, instanceWakeUs } = serving;
  const way = {
    requestDelayUs,
    responseDelayUs,
    wakeUs: WAKES_ON_THE_WAY * instanceWakeUs,
    ...(wayByRate !== undefined && { byRate: wayByRate }),
    ...(wayOfCallers !== undefined && { ofCallers: wayOfCallers }),
  };
  return wayWithClient(way, clientUs);
}

/** A signal to a thread that is awake costs it a look at its queue, as that of an instance which goes on. */
export function awakeUsOf({ batcherWakeUs, instancePickUpUs }: Serving): number {
  return Math.min(batcherWakeUs, instancePickUpUs);
}

/** The same way with clients whose threads take so much of it, both directions together. */
export function wayWithClient({ clientUs: before = 0, ...way }: MeasuredWay, clientUs: number): MeasuredWay {
  return { ...longerWay(way, clientUs - before), ...(clientUs > 0 && { clientUs }) };
}

/** So much longer under any load, half of it there and half back. */
export function longerWay(way: MeasuredWay, us: number): MeasuredWay {
  const longer = <W extends Way>({ requestDelayUs, responseDelayUs, ...rest }: W) => ({
    ...rest,
    requestDelayUs: Math.max(0, requestDelayUs + us / 2),
    responseDelayUs: Math.max(0, responseDelayUs + us / 2),
  });
  const { byRate, ofCallers, ...plain } = way;
  return {
    ...longer(plain),
    ...(byRate !== undefined && { byRate: byRate.map(longer) }),
    ...(ofCallers !== undefined && { ofCallers: longer(ofCallers) }),
  };
}

/** What it takes under the load under which it takes least. */
export function shortestWay({ byRate = [], ofCallers, ...way }: MeasuredWay): MeasuredWay {
  const ways = [way, ...byRate, ofCallers ?? way];
  const least = (key: keyof Way) => Math.min(...ways.map((each) => each[key]));
  return {
    ...way,
    requestDelayUs: least('requestDelayUs'),
    responseDelayUs: least('responseDelayUs'),
  };
}
