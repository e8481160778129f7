/** Gives the address of a text: a cryptographic hash of it. */
export type Digest = (text: string) => string;

const TYPE = '$type';

/**
 * A value as text, the same for equal values: keys in code-unit order, numbers in full. Maps, and the
 * numbers that JSON does not know, are written so that {@link decodeValue} gives them back.
 */
export function encodeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(',')}]`;
  if (value instanceof Map)
    return `{"${TYPE}":"map","entries":${encodeValue([...value].map(([key, one]) => [key, one]))}}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `{"${TYPE}":"number","value":"${value}"}`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${encodeValue(record[key])}`)
    .join(',')}}`;
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
