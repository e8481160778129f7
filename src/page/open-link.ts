import { Inflate, strFromU8, strToU8 } from 'fflate';
import * as z from 'zod';
import { checkAgainst } from '../base/document/schema-problems.js';
import { formatPath } from '../base/path.js';
import { InputError } from '../base/problem.js';
import { ServerProfileSchema, WholeProfileSchema } from '../profile/server-schema.js';
import { type CarriedScenario, carriedFromText } from './carried.js';
import { specOf } from './simulate-carried.js';

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
