import { deflateSync, strFromU8, strToU8 } from 'fflate';
import { shortHash } from '../base/short-hash.js';
import { type CarriedScenario, carriedToText } from './carried.js';

/** Characters of a link beyond which traces are left out: chats and mail cut longer ones. */
const LONGEST_SHARED = 100_000;

/** A scenario as the fragment of a link. A server never sees it: browsers keep fragments to themselves. */
export interface SharedLink {
  /** Letters, digits, `-` and `_` only. */
  readonly fragment: string;
  /** Traces that would make the link too long: only their name and hash are in it. */
  readonly leftOut: readonly string[];
}

export function linkOf(carried: CarriedScenario): SharedLink {
  const whole = packed(carried);
  const files = Object.keys(carried.traces);
  if (whole.length <= LONGEST_SHARED || files.length === 0) return { fragment: whole, leftOut: [] };
  const hashes = Object.entries(carried.traces).map(([file, csv]) => [file, shortHash(csv)] as const);
  const tracesLeftOut = { ...carried.tracesLeftOut, ...Object.fromEntries(hashes) };
  return { fragment: packed({ ...carried, traces: {}, tracesLeftOut }), leftOut: files };
}

function packed(carried: CarriedScenario): string {
  const bytes = deflateSync(strToU8(carriedToText(carried)), { level: 9 });
  return btoa(strFromU8(bytes, true)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
