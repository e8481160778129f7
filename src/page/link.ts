import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';
import * as z from 'zod';
import { checkAgainst } from '../base/document/schema-problems.js';
import { formatPath } from '../base/path.js';
import { InputError } from '../base/problem.js';
import { shortHash } from '../base/short-hash.js';
import { ServerProfileSchema, WholeProfileSchema } from '../profile/server-schema.js';
import { type CarriedScenario, carriedFromText, carriedToText } from './carried.js';
import { specOf } from './simulate-carried.js';

/** Characters of a link beyond which traces are left out: chats and mail cut longer ones. */
const LONGEST_SHARED = 100_000;
/** What is read of a link, and what it may unpack to: far above any that the page writes. */
const LONGEST_READ = 4_000_000;
const MOST_BYTES = 16_000_000;
/** Bytes unpacked at once, of which each can become about a thousand. */
const STEP = 4096;

const text = z.string().max(MOST_BYTES);
const named = <Value extends z.ZodType>(value: Value) => z.record(z.string().max(10_000), value);

const carriedSchema = z.strictObject({
  version: z.string().max(100),
  spec: named(z.unknown()),
  profiles: named(
    z.array(z.strictObject({ file: text, serverFile: text.exactOptional(), profile: WholeProfileSchema })),
  ),
  serverProfiles: named(z.strictObject({ file: text, server: ServerProfileSchema })),
  traces: named(text),
  tracesLeftOut: named(z.string().max(100)).exactOptional(),
});

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

/**
 * The scenario of a link. Nothing in it is trusted: sizes are limited, and all of it has passed the schemas.
 * @throws InputError with what is wrong in it
 */
export function carriedFromLink(fragment: string): CarriedScenario {
  if (fragment.length > LONGEST_READ)
    throw InputError.of('the link is too long', 'open the file in its place');
  const { value, problems } = checkAgainst(carriedSchema, unpacked(fragment));
  if (value === undefined) {
    throw new InputError(
      problems.map(({ path, what, remedy }) => ({
        path: formatPath(path),
        what,
        ...(remedy !== undefined && { remedy }),
      })),
    );
  }
  const carried = value as CarriedScenario;
  specOf(carried.spec);
  return carried;
}

function packed(carried: CarriedScenario): string {
  const bytes = deflateSync(strToU8(carriedToText(carried)), { level: 9 });
  return btoa(strFromU8(bytes, true)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function unpacked(fragment: string): unknown {
  try {
    const bytes = strToU8(atob(fragment.replaceAll('-', '+').replaceAll('_', '/')), true);
    return carriedFromText(inflated(bytes));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw InputError.of('the link is damaged', 'ask for it again, or for the file');
  }
}

function inflated(bytes: Uint8Array): string {
  const parts: string[] = [];
  let size = 0;
  let isWhole = false;
  const inflate = new Inflate((part, isLast) => {
    size += part.length;
    if (size > MOST_BYTES)
      throw InputError.of('the link unpacks to more than a scenario has', 'open the file in its place');
    parts.push(strFromU8(part, true));
    isWhole = isLast;
  });
  for (let at = 0; at < bytes.length; at += STEP)
    inflate.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length);
  if (!isWhole) throw new Error('cut');
  return strFromU8(strToU8(parts.join(''), true));
}
