import { isObject } from '../base/json.js';

/** A value as YAML or JSON has it, which may be changed. */
export type Plain = null | boolean | number | string | Plain[] | PlainRecord;
export interface PlainRecord {
  [key: string]: Plain;
}

export function isRecord(value: unknown): value is PlainRecord {
  return isObject(value) && !(value instanceof Map);
}

/** The entries of a list that are records. */
export function recordsAt(holder: PlainRecord, key: string): PlainRecord[] {
  const list = holder[key];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** A copy that shares nothing with the value; maps become records. */
export function copyPlain(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(copyPlain);
  if (value instanceof Map) return copyPlain(Object.fromEntries(value));
  if (!isRecord(value)) return value === undefined ? null : (value as Plain);
  // Without a prototype a key like __proto__ is one like any other.
  const copy = Object.create(null) as PlainRecord;
  for (const key of Object.keys(value)) if (value[key] !== undefined) copy[key] = copyPlain(value[key]);
  return copy;
}
