import type { Serving } from '../profile/profile.js';
import type { MeasuredWay, Server, Way } from './scenario.js';

/**
 * The way that requests for a model of a server take.
 * @param requestsPerS what the server gets of all its clients; undefined where nobody knows
 */
export function wayOf(
  { network }: Pick<Server, 'network'>,
  { way = network }: { readonly way?: MeasuredWay },
  requestsPerS?: number,
): Way {
  const { byRate } = way;
  return byRate === undefined || requestsPerS === undefined ? way : atRate(byRate, requestsPerS);
}

/** As a profile says, with clients whose threads take so much of it (default: usual ones). */
export function measuredWay(serving: Serving, clientUs = serving.clientUs ?? 0): MeasuredWay {
  const { requestDelayUs, responseDelayUs, wayByRate } = serving;
  const way = { requestDelayUs, responseDelayUs, ...(wayByRate !== undefined && { byRate: wayByRate }) };
  return wayWithClient(way, clientUs);
}

/** The same way with clients whose threads take so much of it, both directions together. */
export function wayWithClient({ clientUs: before = 0, ...way }: MeasuredWay, clientUs: number): MeasuredWay {
  return { ...longerWay(way, clientUs - before), ...(clientUs > 0 && { clientUs }) };
}

/** So much longer at any rate, half of it there and half back. */
export function longerWay(way: MeasuredWay, us: number): MeasuredWay {
  const longer = <W extends Way>({ requestDelayUs, responseDelayUs, ...rest }: W) => ({
    ...rest,
    requestDelayUs: Math.max(0, requestDelayUs + us / 2),
    responseDelayUs: Math.max(0, responseDelayUs + us / 2),
  });
  const { byRate, ...plain } = way;
  return { ...longer(plain), ...(byRate !== undefined && { byRate: byRate.map(longer) }) };
}

/** What it takes at the rate at which it takes least. */
export function shortestWay({ byRate, ...way }: MeasuredWay): MeasuredWay {
  const least = (key: keyof Way) => Math.min(...[way, ...(byRate ?? [])].map((each) => each[key]));
  return {
    ...way,
    requestDelayUs: least('requestDelayUs'),
    responseDelayUs: least('responseDelayUs'),
  };
}

/** On the line in the logarithm of the rate between the two measured rates around; beyond them, the nearest. */
function atRate(byRate: NonNullable<MeasuredWay['byRate']>, requestsPerS: number): Way {
  const right = byRate.findIndex((each) => each.requestsPerS >= requestsPerS);
  if (right === 0) return byRate[0]!;
  if (right < 0) return byRate.at(-1)!;
  const [a, b] = [byRate[right - 1]!, byRate[right]!];
  const share = Math.log(requestsPerS / a.requestsPerS) / Math.log(b.requestsPerS / a.requestsPerS);
  const between = (key: keyof Way) => Math.round(1000 * (a[key] + share * (b[key] - a[key]))) / 1000;
  return { requestDelayUs: between('requestDelayUs'), responseDelayUs: between('responseDelayUs') };
}
