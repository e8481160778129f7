import type * as z from 'zod';
import { type DocumentKind, describeKind, otherKind } from './document/kind.js';
import { readPlainJson } from './document/plain-json.js';
import { type Located, readPlainValue } from './document/plain-value.js';
import { checkAgainst } from './document/schema-problems.js';
import { parseSyntax } from './document/syntax.js';
import { formatPath, type Path } from './path.js';
import { plural } from './plural.js';
import { type Place, type Problem, ProblemList } from './problem.js';

/** A YAML or JSON text read against a schema. */
export interface CheckedDocument<T> {
  /** There exactly if nothing is wrong. */
  readonly value?: T;
  /** Everything that is wrong, in the order in which it stands in the text. */
  readonly problems: readonly Problem[];
  /**
   * Where the value at `path` begins: file, line, column and the path as text. A path that does not
   * exist is placed at the innermost part of it that does.
   */
  readonly positionOf: (path: Path) => Place;
  /** It is a document of another kind, which is the one problem: nothing in it is worth a further look. */
  readonly isOther?: true;
}

export interface DocumentOptions {
  readonly file?: string;
  /** What is read: another kind of document is then told as such, not by its fields. */
  readonly kind?: DocumentKind;
}

/** Beyond this many the rest is only counted: a reader has lost the thread long before. */
const MAX_PROBLEMS = 200;

/**
 * Reads `text` as YAML 1.2 (of which JSON is a part) and checks it against `schema`. Never throws for
 * anything in the text; size, nesting and alias use are bounded.
 */
export function parseDocumentWith<S extends z.ZodType>(
  schema: S,
  text: string,
  options: DocumentOptions = {},
): CheckedDocument<z.output<S>> {
  const json = readPlainJson(text);
  const checked = json && checkAgainst(schema, json.value);
  if (checked === undefined || checked.problems.length > 0) return parseWithPlaces(schema, text, options);
  let placed: CheckedDocument<z.output<S>> | undefined;
  const positionOf = (path: Path) => {
    placed ??= parseWithPlaces(schema, text, options);
    return placed.positionOf(path);
  };
  return { value: checked.value as z.output<S>, problems: [], positionOf };
}

/** Slower, but it knows where everything stands. */
function parseWithPlaces<S extends z.ZodType>(
  schema: S,
  text: string,
  options: DocumentOptions,
): CheckedDocument<z.output<S>> {
  const filePlace: Place = options.file === undefined ? {} : { file: options.file };
  const list = new ProblemList(filePlace);
  const syntax = parseSyntax(text, list);
  const root = syntax && list.problems.length === 0 ? readPlainValue(syntax, list) : undefined;
  const place = (path: Path, atKey = false): Place => ({
    ...filePlace,
    ...(syntax && root && syntax.positionAt(offsetOf(root, path, atKey))),
    ...(path.length > 0 && { path: formatPath(path) }),
  });
  const positionOf = (path: Path) => place(path);
  // A document with holes in it would only give misleading problems.
  if (root === undefined) return { problems: inOrder(list.problems, syntax?.untold), positionOf };
  const checked = checkAgainst(schema, root.value);
  if (checked.problems.length > 0 && root.value === null) {
    const remedy = options.kind && `write ${describeKind(options.kind)}`;
    list.add({ ...place([]), what: 'there is nothing in it', ...(remedy && { remedy }) });
    return { problems: list.problems, positionOf };
  }
  const other = checked.problems.length > 0 && options.kind && otherKind(root.value, options.kind);
  if (other) {
    const { key, ...mistake } = other;
    return { problems: [{ ...place([key], true), ...mistake }], positionOf, isOther: true };
  }
  for (const { path, atKey, what, remedy } of checked.problems) {
    list.add({ ...place(path, atKey), what, ...(remedy !== undefined && { remedy }) });
  }
  if (list.problems.length > 0) return { problems: inOrder(list.problems), positionOf };
  return { value: checked.value as z.output<S>, problems: [], positionOf };
}

function offsetOf(root: Located, path: Path, atKey: boolean): number {
  let at = root;
  for (const [i, step] of path.entries()) {
    const keyOffset = at.keyOffsets?.get(String(step));
    if (atKey && i === path.length - 1 && keyOffset !== undefined) return keyOffset;
    const part = at.parts?.get(step);
    if (part === undefined) return at.offset;
    at = part;
  }
  return at.offset;
}

function inOrder(problems: readonly Problem[], untold = 0): readonly Problem[] {
  const sorted = [...problems].sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const hidden = untold + Math.max(0, sorted.length - MAX_PROBLEMS);
  if (hidden === 0) return sorted;
  const file = sorted[0]?.file;
  const more = {
    what: `and ${hidden} more ${plural(hidden, 'problem')}`,
    ...(file !== undefined && { file }),
  };
  return [...sorted.slice(0, MAX_PROBLEMS), more];
}
