/** Fields of a message in the protobuf text format; a field that is undefined is not written. */
export interface PbtxtFields {
  readonly [name: string]: PbtxtValue | undefined;
}

export type PbtxtValue = number | boolean | string | PbtxtEnum | PbtxtFields | readonly PbtxtValue[];

/** The name of a value of an enumeration: written without quotes. */
export class PbtxtEnum {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The text of a message. Lists are repeated fields. */
export function writePbtxt(fields: PbtxtFields): string {
  return fieldLines(fields, '').join('');
}

/** A map from strings in the text format: a repeated message of keys and values. */
export function pbtxtMap(entries: Iterable<readonly [string | number, PbtxtValue]>): PbtxtFields[] {
  return [...entries].map(([key, value]) => ({ key, value }));
}

function fieldLines(fields: PbtxtFields, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const values: readonly PbtxtValue[] = Array.isArray(value) ? value : [value as PbtxtValue];
    return values.flatMap((item) => valueLines(name, item, indent));
  });
}

function valueLines(name: string, value: PbtxtValue, indent: string): string[] {
  if (value instanceof PbtxtEnum) return [`${indent}${name}: ${value.name}\n`];
  if (typeof value !== 'object') return [`${indent}${name}: ${JSON.stringify(value)}\n`];
  const inner = fieldLines(value as PbtxtFields, `${indent}  `);
  return inner.length === 0 ? [`${indent}${name} {}\n`] : [`${indent}${name} {\n`, ...inner, `${indent}}\n`];
}
