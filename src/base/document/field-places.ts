import type * as z from 'zod';
import type { Path } from '../path.js';

/** What zod says of a schema that holds others; each kind has some of it. */
interface Holder {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly in?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
}

/** A field that may stand in more places is too common a name for one of them to be meant. */
export const MOST_PLACES = 3;

/** A path as {@link fieldPlaces} has it. */
export function fieldPlaceOf(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? '[]' : i === 0 ? step : `.${step}`)).join('');
}

/**
 * Where the fields that a schema knows may stand, such as `tenants[].routing`, by their names: for each the places nearest to the
 * top first. Objects that stand in several places are told at the first.
 */
export function fieldPlaces(schema: z.core.$ZodType): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  const told = new Set<z.core.$ZodType>();
  const open: { readonly at: string; readonly schema: z.core.$ZodType }[] = [{ at: '', schema }];
  for (const { at, schema: next } of open) {
    if (told.has(next)) continue;
    told.add(next);
    const { shape = {}, element, innerType, options = [], in: input, valueType } = next._zod.def as Holder;
    for (const [name, field] of Object.entries(shape)) {
      const place = at === '' ? name : `${at}.${name}`;
      places.set(name, [...new Set([...(places.get(name) ?? []), place])]);
      open.push({ at: place, schema: field });
    }
    for (const same of [innerType, input, ...options])
      if (same !== undefined) open.push({ at, schema: same });
    if (element !== undefined) open.push({ at: `${at}[]`, schema: element });
    if (valueType !== undefined) open.push({ at: `${at}.NAME`, schema: valueType });
  }
  return places;
}
