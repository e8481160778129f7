import * as z from 'zod';
import { type DocumentOptions, parseDocumentWith } from '../../base/document.js';
import type { Path } from '../../base/path.js';
import type { Place, Problem } from '../../base/problem.js';
import type { Gaps } from './gaps.js';
import { type RecoveryRules, recover } from './recovery.js';

/** A file as it was read, before its parts are checked against each other. */
export interface ReadDocument<T> {
  /** Where there are problems: what is left without the parts that cause them, if anything is. */
  readonly spec?: T;
  readonly problems: readonly Problem[];
  /** Where the value at `path` begins, or the innermost part of the path that exists. */
  readonly positionOf: (path: Path) => Place;
  /** The parts that cause the problems. */
  readonly gaps?: Gaps;
}

/** Reads the text of a file. Never throws: what is wrong is in `problems`. */
export function readDocument<S extends z.ZodType>(
  schema: S,
  rules: RecoveryRules,
  text: string,
  options: DocumentOptions,
): ReadDocument<z.output<S>> {
  const { value, problems, positionOf, isOther } = parseDocumentWith(schema, text, options);
  if (value !== undefined) return { spec: value, problems, positionOf };
  const written = isOther ? undefined : parseDocumentWith(z.unknown(), text, options).value;
  const told = { problems, positionOf };
  return written === undefined ? told : recoverDocument(schema, rules, written, told);
}

/** What is left of a document, as it was written, without the parts that cause its problems. */
export function recoverDocument<S extends z.ZodType>(
  schema: S,
  rules: RecoveryRules,
  written: unknown,
  { problems, positionOf }: Pick<ReadDocument<z.output<S>>, 'problems' | 'positionOf'>,
): ReadDocument<z.output<S>> {
  const rest = recover(schema, written, rules);
  if (rest === undefined) return { problems, positionOf };
  const { value: spec, gaps, originalPath } = rest;
  return { spec, problems, positionOf: (path) => positionOf(originalPath(path)), gaps };
}
