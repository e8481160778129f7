import * as z from 'zod';
import { closest } from '../closest.js';
import type { Path } from '../path.js';
import { plural } from '../plural.js';
import { fieldPlaceOf, fieldPlaces, MOST_PLACES } from './field-places.js';
import { newNameOf } from './renamed-fields.js';

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

/** What a value does wrong against a schema, before it is known where that stands in the text. */
export interface SchemaProblem {
  readonly path: Path;
  /** The mistake is the last key of the path itself, not its value. */
  readonly atKey: boolean;
  readonly what: string;
  readonly remedy?: string;
}

/** Either the value as the schema gives it back, or everything that is wrong with it. */
export type SchemaResult<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value?: never; readonly problems: readonly SchemaProblem[] };

/**
 * Checks `value` and words the mistakes for people. A message that the schema carries itself goes
 * before ours; it is written `what; remedy`.
 */
export function checkAgainst<S extends z.ZodType>(schema: S, value: unknown): SchemaResult<z.output<S>> {
  const objects = new Map<readonly string[], unknown>();
  let places: ReturnType<typeof fieldPlaces> | undefined;
  const known: KnownKeys = {
    objects,
    placesOf: (key) => {
      places ??= fieldPlaces(schema);
      return places.get(key) ?? [];
    },
  };
  const result = schema.safeParse(value, {
    reportInput: true,
    // Only here does zod show the schema behind an issue. An empty text marks "no message of its own".
    error: (raw) => {
      if (raw.code === 'unrecognized_keys') objects.set(raw.keys, raw.inst);
      return '';
    },
  });
  if (result.success) return { value: result.data, problems: [] };
  return { problems: result.error.issues.flatMap((issue) => wordIssue(issue, [], known)) };
}

interface KnownKeys {
  /** By the keys that an issue is about: the schema of the object where they stand. */
  readonly objects: ReadonlyMap<readonly string[], unknown>;
  /** Where else in the document a key may stand. */
  readonly placesOf: (key: string) => readonly string[];
}

function keysOf(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function wordIssue(issue: Issue, parent: Path, known: KnownKeys): readonly SchemaProblem[] {
  const path = [...parent, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    const object = known.objects.get(issue.keys);
    return issue.keys.map((key) => unknownKey(key, [...path, key], object, known));
  }
  if (issue.message !== '' && !isOfOtherType(issue)) {
    return [{ path, atKey: false, ...splitMessage(issue.message) }];
  }
  if (issue.code === 'invalid_union') return wordUnion(issue, path, known);
  return [{ path, atKey: false, ...wordValue(issue) }];
}

/** Messages of a schema speak of values of about the right type, not of those that are missing or something else altogether. */
function isOfOtherType(issue: Issue): boolean {
  if (issue.code !== 'invalid_type' && issue.code !== 'invalid_value') return false;
  return issue.input === undefined || (issue.code === 'invalid_type' && typeof issue.input !== 'number');
}

function splitMessage(message: string): Pick<SchemaProblem, 'what' | 'remedy'> {
  const [what, remedy] = message.split(/; (.*)/s);
  return remedy === undefined ? { what: message } : { what: what!, remedy };
}

const DECIMALS = 'begin the decimals of a number with a point: 0.5';

function unknownKey(key: string, path: Path, object: unknown, { placesOf }: KnownKeys): SchemaProblem {
  if (key === '<<') return { path, atKey: true, ...MERGE };
  if (/^\/[/*]/.test(key)) return { path, atKey: true, ...COMMENT };
  // `{ratePerS: 0,5}` is two entries to YAML.
  if (/^\d+$/.test(key))
    return { path, atKey: true, what: `unknown key \`${shorten(key)}\``, remedy: DECIMALS };
  const newName = newNameOf(object, key);
  if (newName !== undefined)
    return { path, atKey: true, what: `\`${key}\` is now called \`${newName}\``, remedy: 'rename it' };
  // Another choice of a union may know the field: then it is the choice that is wrong, not the place.
  const places = placesOf(key);
  const others = places.includes(fieldPlaceOf(path)) ? [] : places;
  const remedy = remedyForUnknown(key, keysOf(object), others);
  return { path, atKey: true, what: `unknown key \`${shorten(key)}\``, remedy };
}

function remedyForUnknown(key: string, allowed: readonly string[], places: readonly string[]): string {
  const meant = closest(key, allowed);
  if (meant !== undefined) return `write \`${meant}\``;
  if (places.length > 0 && places.length <= MOST_PLACES)
    return `its place is ${places.map((place) => (place === key ? 'at the top' : `\`${place}\``)).join(' or ')}`;
  return allowed.length > 0 ? `known here: ${allowed.map((name) => `\`${name}\``).join(', ')}` : 'remove it';
}

/** YAML 1.1 merged maps so; of YAML 1.2 it is no part. */
const MERGE = {
  what: '`<<` merges nothing here',
  remedy: 'write the fields out, or use an alias for a whole value',
};

/** As in JSON with comments, of which no YAML parser knows: it takes them for a part of the key that follows. */
const COMMENT = {
  what: 'neither // nor /* begins a comment here',
  remedy: 'begin it with #, or remove it; what follows it was not read',
};

function wordUnion(issue: UnionIssue, path: Path, known: KnownKeys): readonly SchemaProblem[] {
  if ('options' in issue && issue.options !== undefined) {
    const tag = issue.discriminator ?? '';
    const tagValue = (issue.input as Record<string, unknown> | undefined)?.[tag];
    return [{ path, atKey: false, ...wordChoice(tagValue, issue.options) }];
  }
  const branches = issue.errors.filter((errors) => !errors.some(failsAtTop));
  if (branches.length === 0) {
    const expected = [
      ...new Set(issue.errors.flatMap((errors) => errors.filter(failsAtTop).map(expectation))),
    ];
    return [{ path, atKey: false, ...wordMismatch(expected.join(' or '), issue.input) }];
  }
  const nearest = branches.reduce((best, errors) => (errors.length < best.length ? errors : best));
  return nearest.flatMap((inner) => wordIssue(inner, path, known));
}

/** This branch of a union is not what was meant: the value is of another type altogether. */
function failsAtTop(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeName(issue.expected);
  if (issue.code === 'invalid_value') return quoteList(issue.values);
  return 'another value';
}

function wordValue(issue: Issue): Pick<SchemaProblem, 'what' | 'remedy'> {
  switch (issue.code) {
    case 'invalid_type':
      return wordMismatch(typeName(issue.expected), issue.input);
    case 'invalid_value':
      return wordChoice(issue.input, issue.values);
    case 'too_small':
      return wordBound(issue.input, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return wordBound(issue.input, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'not_multiple_of':
      return { what: `${found(issue.input)} is not a multiple of ${issue.divisor}` };
    case 'invalid_format':
      return { what: `${found(issue.input)} is not written as ${issue.pattern ?? issue.format}` };
    default:
      return { what: `${found(issue.input)} is not allowed here` };
  }
}

function wordMismatch(expected: string, input: unknown): Pick<SchemaProblem, 'what' | 'remedy'> {
  if (input === undefined) return { what: 'missing', remedy: `write ${expected}` };
  return { what: `${found(input)} is not allowed here`, remedy: `write ${expected}` };
}

function wordChoice(input: unknown, values: readonly unknown[]): Pick<SchemaProblem, 'what' | 'remedy'> {
  const names = values.filter((value): value is string => typeof value === 'string');
  const meant = typeof input === 'string' ? closest(input, names) : undefined;
  const remedy = `write ${quoteList(values)}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
  return { what: input === undefined ? 'missing' : `${found(input)} is not known here`, remedy };
}

function wordBound(input: unknown, relation: string, bound: number | bigint) {
  if (typeof input === 'string') {
    return {
      what: `the text has ${input.length} ${plural(input.length, 'character')}`,
      remedy: `write ${relation} ${bound}`,
    };
  }
  if (Array.isArray(input)) {
    return {
      what: `the list has ${input.length} ${plural(input.length, 'entry', 'entries')}`,
      remedy: `write ${relation} ${bound}`,
    };
  }
  return { what: `${found(input)} is out of range`, remedy: `write ${relation} ${bound}` };
}

function quoteList(values: readonly unknown[]): string {
  const quoted = values.map((value) => JSON.stringify(value) ?? String(value));
  return quoted.length === 1 ? quoted[0]! : `one of ${quoted.join(', ')}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'named fields',
  record: 'named fields',
  null: 'null',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function found(value: unknown): string {
  if (value === undefined || value === null) return 'nothing (null)';
  if (typeof value === 'string') return `the text ${JSON.stringify(shorten(value))}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a set of fields' : String(value);
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
