import { closest } from '../../base/closest.js';
import { MOST_PLACES } from '../../base/document/field-places.js';
import { groupBy } from '../../base/group-by.js';
import { formatPath, type Path } from '../../base/path.js';
import type { Place, ProblemList } from '../../base/problem.js';
import { shortened } from '../../base/shortened.js';
import type { FieldName, Position, TextField, TextMessage, TextScalar, TextValue } from '../pbtxt/tree.js';
import type {
  Descriptor,
  EnumDescriptor,
  IntegerDescriptor,
  MapDescriptor,
  MessageDescriptor,
  RepeatedDescriptor,
  ValueOf,
} from './descriptor.js';
import { fieldPaths } from './field-paths.js';

export interface ReadMessage<D> {
  readonly value: ValueOf<D>;
  /** Where the value at `path` is written, or the innermost part of the path that is. */
  readonly placeOf: (path: Path) => Place;
}

/** Reads a text message against its descriptor. Everything wrong goes to `problems`. */
export function readMessage<D extends MessageDescriptor>(
  descriptor: D,
  tree: TextMessage,
  problems: ProblemList,
): ReadMessage<D> {
  const reader = new MessageReader(descriptor, problems);
  const value = reader.message(descriptor, tree, []) as ValueOf<D>;
  return { value, placeOf: (path) => reader.placeOf(path) };
}

class MessageReader {
  readonly #root: MessageDescriptor;
  readonly #problems: ProblemList;
  readonly #positions = new Map<string, Position>();

  constructor(root: MessageDescriptor, problems: ProblemList) {
    this.#root = root;
    this.#problems = problems;
  }

  placeOf(path: Path): Place {
    for (let length = path.length; ; length--) {
      const position = this.#positions.get(formatPath(path.slice(0, length)));
      if (position !== undefined || length === 0) {
        return { ...(position ?? { line: 1, column: 1 }), path: formatPath(path) };
      }
    }
  }

  message(descriptor: MessageDescriptor, tree: TextMessage, path: Path): Readonly<Record<string, unknown>> {
    this.#positions.set(formatPath(path), tree.position);
    const values: Record<string, unknown> = {};
    for (const [name, fields] of groupBy(tree.fields, (each) => each.name)) {
      const field = Object.hasOwn(descriptor.fields, name) ? descriptor.fields[name] : undefined;
      if (field === undefined) {
        this.#unknownField(descriptor, name, fields[0]!.position, path);
        continue;
      }
      const value = this.#field(field, fields, [...path, name]);
      if (value !== undefined) values[name] = value;
    }
    for (const each of tree.emptyLists) this.#emptyList(descriptor, each, path);
    return values;
  }

  #emptyList(descriptor: MessageDescriptor, { name, position }: FieldName, path: Path): void {
    const field = Object.hasOwn(descriptor.fields, name) ? descriptor.fields[name] : undefined;
    if (field === undefined) this.#unknownField(descriptor, name, position, path);
    else if (!takesLists(field)) this.#singleExpected([...path, name], position);
  }

  #field(descriptor: Descriptor, fields: readonly TextField[], path: Path): unknown {
    this.#positions.set(formatPath(path), fields[0]!.position);
    switch (descriptor.type) {
      case 'ignored':
        return this.#field(descriptor.of, fields, path);
      case 'repeated':
        return this.#repeated(descriptor, fields, path);
      case 'map':
        return this.#map(descriptor, fields, path);
      default:
        return this.#singular(descriptor, fields, path);
    }
  }

  #singular(descriptor: Descriptor, fields: readonly TextField[], path: Path): unknown {
    const [first, second] = fields;
    if (first!.listed) {
      this.#singleExpected(path, first!.value.position);
      return undefined;
    }
    if (second !== undefined) {
      this.#add(path, second.position, 'is given more than once', 'keep one of them');
    }
    return this.#value(descriptor, first!.value, path);
  }

  #singleExpected(path: Path, position: Position): void {
    this.#add(path, position, 'a list where one value is expected', 'leave the brackets out');
  }

  #repeated(descriptor: RepeatedDescriptor, fields: readonly TextField[], path: Path): unknown[] {
    return fields.flatMap((field, i) => {
      const value = this.#value(descriptor.of, field.value, [...path, i]);
      return value === undefined ? [] : [value];
    });
  }

  #map(descriptor: MapDescriptor, fields: readonly TextField[], path: Path): Map<unknown, unknown> {
    const entries = new Map<unknown, unknown>();
    for (const [i, field] of fields.entries()) {
      const entry = this.#entry(field, [...path, i]);
      if (entry === undefined) continue;
      const entryPath = [...path, entry.key === undefined ? i : String(entry.key.value)];
      const key = entry.key ? this.#value(descriptor.key, entry.key, entryPath) : emptyValue(descriptor.key);
      const value = entry.value
        ? this.#value(descriptor.of, entry.value, entryPath)
        : emptyValue(descriptor.of);
      // As in Triton the last of a key counts, alone.
      if (key !== undefined && value !== undefined) entries.set(key, value);
    }
    return entries;
  }

  /** One entry of a map, which the text format writes as a message with two fields; either may be left out. */
  #entry(field: TextField, path: Path): { key?: TextScalar; value?: TextValue } | undefined {
    if (field.value.kind === 'message') {
      const parts = field.value.fields;
      const [key, value] = ['key', 'value'].map((wanted) => parts.find(({ name }) => name === wanted)?.value);
      const written = [key, value].filter((part) => part !== undefined);
      if (key?.kind !== 'message' && written.length === parts.length) {
        return { ...(key && { key }), ...(value && { value }) };
      }
    }
    this.#add(path, field.value.position, 'is no entry of a map', 'write {key: …, value: …}');
    return undefined;
  }

  #value(descriptor: Descriptor, value: TextValue, path: Path): unknown {
    this.#positions.set(formatPath(path), value.position);
    if (descriptor.type === 'message') {
      if (value.kind === 'message') return this.message(descriptor, value, path);
      return this.#mismatch(path, value, `{ … } with the fields of ${descriptor.name}`);
    }
    if (value.kind === 'message') return this.#mismatch(path, value, describe(descriptor));
    const read = readScalar(descriptor, value);
    if (read !== undefined) return read;
    if (descriptor.type === 'enum') return this.#unknownEnum(descriptor, value, path);
    return this.#mismatch(path, value, describe(descriptor));
  }

  #mismatch(path: Path, value: TextValue, expected: string): undefined {
    this.#add(path, value.position, `${show(value)} is not allowed here`, `write ${expected}`);
    return undefined;
  }

  #unknownEnum(descriptor: EnumDescriptor, value: TextScalar, path: Path): undefined {
    const meant = closest(String(value.value), descriptor.names);
    const remedy = meant === undefined ? `write one of ${descriptor.names.join(', ')}` : `write ${meant}`;
    this.#add(path, value.position, `${show(value)} is not known here`, remedy);
    return undefined;
  }

  #unknownField(descriptor: MessageDescriptor, name: string, position: Position, path: Path): void {
    const known = Object.keys(descriptor.fields);
    const meant = closest(name, known);
    const what = `unknown field "${shortened(name)}" of ${descriptor.name}`;
    const places = fieldPaths(this.#root, name);
    const elsewhere =
      places.length > 0 && places.length <= MOST_PLACES
        ? `its place is ${places.join(' or ')}`
        : `known here: ${known.join(', ') || 'none'}`;
    const remedy = meant === undefined ? elsewhere : `write ${meant}`;
    this.#add([...path, name], position, what, remedy);
  }

  #add(path: Path, position: Position, what: string, remedy?: string): void {
    const place = { ...position, path: formatPath(path) };
    this.#problems.add({ ...place, what, ...(remedy === undefined ? {} : { remedy }) });
  }
}

function takesLists(descriptor: Descriptor): boolean {
  if (descriptor.type === 'ignored') return takesLists(descriptor.of);
  return descriptor.type === 'repeated' || descriptor.type === 'map';
}

/** The value of a scalar of that type, or undefined when it is none. */
function readScalar(descriptor: Descriptor, scalar: TextScalar): string | number | boolean | undefined {
  switch (descriptor.type) {
    case 'string':
      return scalar.kind === 'string' ? scalar.value : undefined;
    case 'bool':
      return readBool(scalar);
    case 'integer':
      return readInteger(descriptor, scalar);
    case 'float':
      return readFloat(scalar);
    case 'enum':
      return readEnum(descriptor, scalar);
    default:
      return undefined;
  }
}

const BOOLEAN_WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  false: false,
  False: false,
  f: false,
};

function readBool(scalar: TextScalar): boolean | undefined {
  if (scalar.kind === 'identifier' && Object.hasOwn(BOOLEAN_WORDS, scalar.value)) {
    return BOOLEAN_WORDS[scalar.value];
  }
  if (scalar.kind === 'integer' && (scalar.value === 0n || scalar.value === 1n)) return scalar.value === 1n;
  return undefined;
}

function readInteger(descriptor: IntegerDescriptor, scalar: TextScalar): number | undefined {
  if (scalar.kind !== 'integer') return undefined;
  // Protobuf takes no sign where there are no negative numbers, not even -0.
  if (scalar.isNegated === true && descriptor.min === 0n) return undefined;
  const inRange = scalar.value >= descriptor.min && scalar.value <= descriptor.max;
  return inRange ? Number(scalar.value) : undefined;
}

function readFloat(scalar: TextScalar): number | undefined {
  if (scalar.kind === 'float' || scalar.kind === 'integer') return Number(scalar.value);
  if (scalar.kind !== 'identifier') return undefined;
  if (/^inf(inity)?$/i.test(scalar.value)) return Number.POSITIVE_INFINITY;
  return /^nan$/i.test(scalar.value) ? Number.NaN : undefined;
}

function readEnum(descriptor: EnumDescriptor, scalar: TextScalar): string | undefined {
  if (scalar.kind === 'integer') {
    return scalar.value >= 0n ? descriptor.names[Number(scalar.value)] : undefined;
  }
  const isName = scalar.kind === 'identifier' && descriptor.names.includes(scalar.value);
  return isName ? scalar.value : undefined;
}

/** Of a part of a map's entry that is left out. */
function emptyValue(descriptor: Descriptor): unknown {
  if (descriptor.type === 'integer') return 0;
  return descriptor.type === 'string' ? '' : {};
}

function describe(descriptor: Descriptor): string {
  switch (descriptor.type) {
    case 'string':
      return 'a text in quotes';
    case 'bool':
      return 'true or false';
    case 'integer':
      return `a whole number from ${descriptor.min} to ${descriptor.max}`;
    case 'float':
      return 'a number';
    case 'enum':
      return descriptor.names.join(' or ');
    default:
      return 'a message';
  }
}

function show(value: TextValue): string {
  if (value.kind === 'message') return 'a message';
  if (value.kind === 'string') return JSON.stringify(shortened(value.value));
  if (value.kind === 'integer' && value.isNegated === true && value.value === 0n) return '-0';
  return shortened(String(value.value));
}
