/** Gives the address of a text: a cryptographic hash of it. */
export type Digest = (text: string) => string;

const TYPE = '$type';

/**
 * A value as text, the same for equal values: keys in code-unit order, numbers in full. Maps, and the
 * numbers that JSON does not know, are written so that {@link decodeValue} gives them back.
 */
export function encodeValue(value: unknown): string {
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
  for (const key of Object.keys(record).sort()) {
    const value = record[key];
    if (value === undefined) continue;
    fields += `${fields === '' ? '' : ','}${JSON.stringify(key)}:${encodeValue(value)}`;
  }
  return `{${fields}}`;
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
