import { parseDocumentWith } from '../base/document.js';
import { InputError } from '../base/problem.js';
import type { ModelProfile } from './profile.js';
import { ModelProfileSchema } from './schema.js';

/** Width up to which a list or a group of fields stays on one line of a profile file. */
const LINE_WIDTH = 140;

/**
 * Reads a profile file (JSON; YAML is taken as well).
 * @throws InputError with everything that is wrong and where it stands.
 */
export function parseProfile(text: string, options: { readonly file?: string } = {}): ModelProfile {
  const { value, problems } = parseDocumentWith(ModelProfileSchema, text, { ...options, kind: 'profile' });
  if (value === undefined) throw new InputError(problems);
  return value;
}

/**
 * The profile as the text of its file: the fields in the order of the schema, two spaces of indent,
 * and a line for each service point. The same profile always gives the same bytes.
 * @throws InputError where the value is not a valid profile.
 */
export function serializeProfile(profile: ModelProfile): string {
  // Parsing puts the fields into the order of the schema.
  const ordered = parseProfile(JSON.stringify(profile));
  return `${formatValue(ordered, 0, true)}\n`;
}

function formatValue(value: unknown, indent: number, expand = false): string {
  const flat = formatFlat(value);
  if (isNumberList(value) || !isContainer(value)) return flat;
  if (!expand && indent + flat.length <= LINE_WIDTH) return flat;
  const inner = ' '.repeat(indent + 2);
  const parts = Array.isArray(value)
    ? value.map((part) => inner + formatValue(part, indent + 2))
    : Object.entries(value).map(
        ([key, part]) => `${inner}"${key}": ${formatValue(part, indent + 2, key === 'service')}`,
      );
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${parts.join(',\n')}\n${' '.repeat(indent)}${close}`;
}

function formatFlat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatFlat).join(', ')}]`;
  if (!isContainer(value)) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, part]) => `"${key}": ${formatFlat(part)}`);
  return `{ ${parts.join(', ')} }`;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A long list of numbers stays on its line: nobody reads it, and one number a line hides the rest. */
function isNumberList(value: unknown): boolean {
  return Array.isArray(value) && value.every((part) => typeof part === 'number');
}
