import { atRate } from '../profile/by-rate.js';
import type { Serving } from '../profile/profile.js';
import type { Load, MeasuredWay, Server, Way } from './scenario.js';

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
): Way {
  const { byRate, ofCallers } = way;
  if (areCallers && ofCallers !== undefined) return ofCallers;
  return byRate === undefined || requestsPerS === undefined ? way : atRate(byRate, requestsPerS, DIRECTIONS);
}

const DIRECTIONS = ['requestDelayUs', 'responseDelayUs'] as const;

/** Callers that think for longer find everything asleep again. */
const CALLERS_THINK_US = 1000;

/** Whether a load comes from callers that send as soon as they have their answer. */
export function isOfCallers(load: Load): boolean {
  return load.mode === 'closed' && load.thinkTime.meanUs < CALLERS_THINK_US;
}

/** As a profile says, with clients whose threads take so much of it (default: usual ones). */
export function measuredWay(serving: Serving, clientUs = serving.clientUs ?? 0): MeasuredWay {
  const { requestDelayUs, responseDelayUs, wayByRate, wayOfCallers } = serving;
  const way = {
    requestDelayUs,
    responseDelayUs,
    ...(wayByRate !== undefined && { byRate: wayByRate }),
    ...(wayOfCallers !== undefined && { ofCallers: wayOfCallers }),
  };
  return wayWithClient(way, clientUs);
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
