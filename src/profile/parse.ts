import { type DocumentOptions, parseDocumentWith } from '../base/document.js';
import { InputError } from '../base/problem.js';
import type { ModelProfile } from './profile.js';
import { ModelProfileSchema } from './schema.js';
import { ASSUMED_FACTS, factsOf, measuredFacts, sameFacts, servedOf, underServer } from './server-facts.js';
import type { ServerProfile } from './server-profile.js';
import { ServerProfileSchema } from './server-schema.js';

/** Width up to which a list or a group of fields stays on one line of a profile file. */
const LINE_WIDTH = 140;

export interface ProfileOptions {
  readonly file?: string;
  /** What was measured of the server under which the model was; default: {@link ASSUMED_FACTS}. */
  readonly server?: ServerProfile;
}

/**
 * Reads a profile file (JSON; YAML is taken as well), and puts it together with what is known of its server.
 * @throws InputError with everything that is wrong and where it stands.
 */
export function parseProfile(text: string, { file, server }: ProfileOptions = {}): ModelProfile {
  const place: DocumentOptions = { ...(file !== undefined && { file }), kind: 'profile' };
  const { value, problems } = parseDocumentWith(ModelProfileSchema, text, place);
  if (value === undefined) throw new InputError(problems);
  const profile = value as ModelProfile;
  if (server !== undefined) return underServer(profile, factsOf(server));
  return profile.serving === undefined ? profile : underServer(profile, ASSUMED_FACTS);
}

/**
 * Reads a server profile (`server.json`).
 * @throws InputError with everything that is wrong and where it stands.
 */
export function parseServerProfile(text: string, options: { readonly file?: string } = {}): ServerProfile {
  const place: DocumentOptions = { ...options, kind: 'server profile' };
  const { value, problems } = parseDocumentWith(ServerProfileSchema, text, place);
  if (value === undefined) throw new InputError(problems);
  return value;
}

/**
 * The profile as the text of its file: the fields in the order of the schema, two spaces of indent,
 * and a line for each service point. The same profile always gives the same bytes. What holds for its server
 * is left to {@link serializeServerProfile}.
 * @throws InputError where the value is not a valid profile.
 */
export function serializeProfile({ serving, ...profile }: ModelProfile): string {
  const own = { ...profile, ...(serving !== undefined && { serving: servedOf(serving) }) };
  // Parsing puts the fields into the order of the schema.
  const { value, problems } = parseDocumentWith(ModelProfileSchema, JSON.stringify(own), { kind: 'profile' });
  if (value === undefined) throw new InputError(problems);
  return `${formatValue(value, 0, true)}\n`;
}

/**
 * The server profile as the text of its file.
 * @throws InputError where the value is not a valid server profile.
 */
export function serializeServerProfile(server: ServerProfile): string {
  return `${formatValue(parseServerProfile(JSON.stringify(server)), 0, true)}\n`;
}

/**
 * The server profile of profiles that were measured together; undefined where nothing was measured of their server.
 * @throws Error where they are of different servers
 */
export function serverProfileOf(profiles: readonly ModelProfile[]): ServerProfile | undefined {
  const measured = profiles.filter((profile) => measuredFacts(profile) !== undefined);
  const [first] = measured;
  if (first === undefined) return undefined;
  const facts = measuredFacts(first)!;
  const other = measured.find((profile) => !sameFacts(measuredFacts(profile)!, facts));
  if (other !== undefined)
    throw new Error(`"${first.model}" and "${other.model}" were measured on different servers`);
  const { source, date, serverVersion } = first.provenance;
  const notes = `measured with ${measured.map(({ model }) => model).join(', ')}`;
  return { format: 'perseus-server/1', provenance: { source, date, serverVersion, notes }, ...facts };
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
