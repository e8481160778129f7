import { ProblemList } from '../base/problem.js';

const FORMS = "write name=value or 'name: value', in quotes";

/** A scheme without what belongs to it, which the shell has made another word of the command line. */
const BARE_SCHEME = /^(?:bearer|basic|digest|negotiate|token|apikey)$/i;

/**
 * Refuses headers that the shell has cut in two, before anything can print the rest of them.
 * @returns the headers as they are
 * @throws Error that names no value
 */
export function requireQuoted(lines: readonly string[]): readonly string[] {
  const cut = lines.findIndex((line) => {
    const header = readHeader(line);
    return (
      header !== undefined && (header.value === '' ? line.endsWith(':') : BARE_SCHEME.test(header.value))
    );
  });
  if (cut < 0) return lines;
  throw new Error(`--header: ${numbered(lines, cut)} ends before its value; ${FORMS}`);
}

/**
 * Headers by name. A name that comes several times has all its values, as with curl and grpcurl.
 * @throws InputError, which shows nothing of what may be a secret
 */
export function headersOf(lines: readonly string[]): Record<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  const problems = new ProblemList({ path: '--header' });
  for (const [i, line] of lines.entries()) {
    const header = readHeader(line);
    if (header === undefined)
      problems.add({ what: `${numbered(lines, i)} has no name before a = or :`, remedy: FORMS });
    else if (!NAME.test(header.name))
      problems.add({ what: `the name of ${numbered(lines, i)} cannot be sent`, remedy: NAME_REMEDY });
    else headers.set(header.name, [...(headers.get(header.name) ?? []), header.value]);
  }
  problems.throwIfAny();
  return Object.fromEntries(headers);
}

/** What gRPC takes. Of other names more may be secret than is meant: Basic with a = at its end has one. */
const NAME = /^[\w.-]+$/;
const NAME_REMEDY = `use letters, digits, - _ . in it; ${FORMS}`;

/**
 * `name=value`, or `name: value` as curl takes it, without the blanks around the colon. The first = or : decides; neither can
 * be part of a name.
 */
function readHeader(line: string): { readonly name: string; readonly value: string } | undefined {
  const at = line.search(/[=:]/);
  if (at < 1) return undefined;
  const [name, value] = [line.slice(0, at), line.slice(at + 1)];
  return line[at] === ':' ? { name: name.trimEnd(), value: value.trim() } : { name, value };
}

/** Which of the headers, without a word of it. */
function numbered(lines: readonly string[], index: number): string {
  return lines.length === 1 ? 'the header' : `header ${index + 1} of ${lines.length}`;
}
