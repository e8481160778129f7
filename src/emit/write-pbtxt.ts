import type { Descriptor, MapDescriptor, MessageDescriptor } from '../scenario/triton/descriptor.js';

/**
 * A message in the protobuf text format, in the order of its descriptor: what `readMessage` (and
 * Triton) reads back to the same value. Fields that are absent are not written.
 */
export function writePbtxt(descriptor: MessageDescriptor, value: object): string {
  return fieldLines(descriptor, value, '')
    .map((line) => `${line}\n`)
    .join('');
}

function fieldLines(descriptor: MessageDescriptor, value: object, indent: string): string[] {
  return Object.entries(descriptor.fields).flatMap(([name, field]) => {
    const part = (value as Record<string, unknown>)[name];
    return part === undefined ? [] : oneField(name, field, part, indent);
  });
}

function oneField(name: string, descriptor: Descriptor, value: unknown, indent: string): string[] {
  switch (descriptor.type) {
    case 'ignored':
      return oneField(name, descriptor.of, value, indent);
    case 'repeated':
      return listLines(name, descriptor.of, value as readonly unknown[], indent);
    case 'map':
      return mapLines(name, descriptor, value, indent);
    case 'message':
      return block(name, fieldLines(descriptor, value as object, `${indent}  `), indent);
    default:
      return [`${indent}${name}: ${scalar(descriptor, value)}`];
  }
}

/** Scalars on one line in brackets, messages one after the other. */
function listLines(name: string, of: Descriptor, values: readonly unknown[], indent: string): string[] {
  if (values.length === 0) return [];
  if (of.type === 'message') return values.flatMap((value) => oneField(name, of, value, indent));
  return [`${indent}${name}: [ ${values.map((value) => scalar(of, value)).join(', ')} ]`];
}

/** The text format writes an entry of a map as a message with two fields. */
function mapLines(name: string, { key, of }: MapDescriptor, value: unknown, indent: string): string[] {
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  const inner = `${indent}  `;
  return entries.flatMap(([entryKey, entry]) =>
    block(name, [...oneField('key', key, entryKey, inner), ...oneField('value', of, entry, inner)], indent),
  );
}

function block(name: string, lines: readonly string[], indent: string): string[] {
  return lines.length === 0 ? [`${indent}${name} {}`] : [`${indent}${name} {`, ...lines, `${indent}}`];
}

function scalar(descriptor: Descriptor, value: unknown): string {
  if (descriptor.type === 'string') return quote(String(value));
  if (descriptor.type === 'float') return float(Number(value));
  return String(value);
}

function float(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

/** Quoted, with escapes for what may not stand in a literal; other characters are left as UTF-8. */
function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
  return `"${text.replace(/["\\\u0000-\u001f\u007f]/g, escaped)}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
