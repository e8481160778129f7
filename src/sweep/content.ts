/** Gives the address of a text: a cryptographic hash of it. */
export type Digest = (text: string) => string;

const TYPE = '$type';

/**
 * A value as text, the same for equal values: keys in code-unit order, numbers in full. Maps, and the
 * numbers that JSON does not know, are written so that {@link decodeValue} gives them back.
 */
export function encodeValue(value: unknown): string {
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'number') {
    return Number.isFinite(value) ? String(value) : `{"${TYPE}":"number","value":"${value}"}`;
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(',')}]`;
  if (value instanceof Map)
    return `{"${TYPE}":"map","entries":${encodeValue([...value].map(([key, one]) => [key, one]))}}`;
  return encodeRecord(value as Readonly<Record<string, unknown>>);
}

function encodeRecord(record: Readonly<Record<string, unknown>>): string {
  let fields = '';
  for (const key of keysInOrder(record)) {
    const value = record[key];
    if (value === undefined) continue;
    fields += `${fields === '' ? '' : ','}${encodeText(key)}:${encodeValue(value)}`;
  }
  return `{${fields}}`;
}

/** Records that were decoded have their keys in order already, and are most. */
function keysInOrder(record: object): string[] {
  const keys = Object.keys(record);
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return keys.sort();
  return keys;
}

/** Text that JSON has as it is, which keys and names are: to ask takes a fraction of what writing it takes. */
const AS_IT_IS = /^[\w ./-]*$/;

function encodeText(text: string): string {
  return AS_IT_IS.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The value that {@link encodeValue} wrote. */
export function decodeValue(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !(TYPE in value)) return value;
    const { [TYPE]: type, entries, value: number } = value as Record<string, unknown>;
    if (type === 'map') return new Map(entries as [unknown, unknown][]);
    return type === 'number' ? Number(number) : value;
  });
}
