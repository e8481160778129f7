import { Inflate, strFromU8, strToU8 } from 'fflate';
import * as z from 'zod';
import { checkAgainst } from '../base/document/schema-problems.js';
import { formatPath } from '../base/path.js';
import { InputError } from '../base/problem.js';
import { ServerProfileSchema, WholeProfileSchema } from '../profile/server-schema.js';
import { type CarriedScenario, carriedFromText } from './carried.js';
import { specOf } from './simulate-carried.js';
import { unpackedWithin } from './unpacked-within.js';

/** What is read of a link, and what it may unpack to: far above any that the page writes. */
const LONGEST_READ = 4_000_000;
const MOST_BYTES = 16_000_000;

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
  if (value === undefined)
    throw new InputError(
      problems.map(({ path, atKey: _, ...mistake }) => ({ path: formatPath(path), ...mistake })),
    );
  const carried = value as CarriedScenario;
  specOf(carried.spec);
  return carried;
}

function unpacked(fragment: string): unknown {
  try {
    const bytes = strToU8(atob(fragment.replaceAll('-', '+').replaceAll('_', '/')), true);
    const inflated = unpackedWithin(MOST_BYTES, Inflate, bytes, () =>
      InputError.of('the link unpacks to more than a scenario has', 'open the file in its place'),
    );
    return carriedFromText(strFromU8(inflated));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw InputError.of('the link is damaged', 'ask for it again, or for the file');
  }
}
