/**
 * Just enough of a protobuf schema to read a text message against it: names and types of fields,
 * without their numbers.
 */
export type Descriptor =
  | StringDescriptor
  | BoolDescriptor
  | IntegerDescriptor
  | FloatDescriptor
  | EnumDescriptor
  | MessageDescriptor
  | RepeatedDescriptor
  | MapDescriptor
  | IgnoredDescriptor;

export type StringDescriptor = { readonly type: 'string' };
export type BoolDescriptor = { readonly type: 'bool' };
export type FloatDescriptor = { readonly type: 'float' };
export interface IntegerDescriptor {
  readonly type: 'integer';
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
}
/** The index of a name is its number. */
export interface EnumDescriptor<Name extends string = string> {
  readonly type: 'enum';
  readonly names: readonly Name[];
}
export interface MessageDescriptor<Fields extends FieldTable = FieldTable> {
  readonly type: 'message';
  readonly name: string;
  readonly fields: Fields;
}
export interface RepeatedDescriptor<Of extends Descriptor = Descriptor> {
  readonly type: 'repeated';
  readonly of: Of;
}
export interface MapDescriptor<
  Key extends StringDescriptor | IntegerDescriptor = StringDescriptor | IntegerDescriptor,
  Of extends Descriptor = Descriptor,
> {
  readonly type: 'map';
  readonly key: Key;
  readonly of: Of;
}
/** Checked like any other field; changes nothing in a simulation. */
export interface IgnoredDescriptor {
  readonly type: 'ignored';
  readonly of: Descriptor;
}

export type FieldTable = Readonly<Record<string, Descriptor>>;

/** What is read for a descriptor. Fields that are not written are absent; defaults come later. */
export type ValueOf<D> =
  D extends RepeatedDescriptor<infer E>
    ? readonly ValueOf<E>[]
    : D extends MapDescriptor<infer K, infer E>
      ? ReadonlyMap<ValueOf<K>, ValueOf<E>>
      : D extends MessageDescriptor<infer F>
        ? { readonly [Name in keyof F]?: ValueOf<F[Name]> | undefined }
        : D extends EnumDescriptor<infer Name>
          ? Name
          : D extends IntegerDescriptor | FloatDescriptor
            ? number
            : D extends StringDescriptor
              ? string
              : D extends BoolDescriptor
                ? boolean
                : unknown;

export const string: StringDescriptor = { type: 'string' };
export const bool: BoolDescriptor = { type: 'bool' };
export const float: FloatDescriptor = { type: 'float' };
export const int32 = integer('int32', -(2n ** 31n), 2n ** 31n - 1n);
/**
 * What a number can hold, and with it a scenario: beyond 2^53 neighbours cannot be told apart. Nor is more of a time "for ever":
 * Triton makes nanoseconds of its microseconds in 64 bits, of which the largest come out as anything.
 */
const MOST = BigInt(Number.MAX_SAFE_INTEGER);
export const int64 = integer('int64', -MOST, MOST);
export const uint32 = integer('uint32', 0n, 2n ** 32n - 1n);
export const uint64 = integer('uint64', 0n, MOST);

function integer(name: string, min: bigint, max: bigint): IntegerDescriptor {
  return { type: 'integer', name, min, max };
}

export function enumOf<const Name extends string>(...names: Name[]): EnumDescriptor<Name> {
  return { type: 'enum', names };
}

export function message<const F extends FieldTable>(name: string, fields: F): MessageDescriptor<F> {
  return { type: 'message', name, fields };
}

export function repeated<D extends Descriptor>(of: D): RepeatedDescriptor<D> {
  return { type: 'repeated', of };
}

export function map<K extends StringDescriptor | IntegerDescriptor, D extends Descriptor>(
  key: K,
  of: D,
): MapDescriptor<K, D> {
  return { type: 'map', key, of };
}

export function ignored(of: Descriptor): IgnoredDescriptor {
  return { type: 'ignored', of };
}
