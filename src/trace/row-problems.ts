import { plural } from '../base/plural.js';
import { InputError, type Place, type Problem, problemsOf } from '../base/problem.js';

/** Wrong rows that are told one by one; the rest is only counted. */
export const SHOWN = 20;

/**
 * Problems of the rows of one table. A file can have a million wrong rows: the first ones found are
 * kept, the rest is counted. They are told in the order of the lines.
 */
export class RowProblems {
  readonly #place: Place;
  readonly #problems: Problem[] = [];
  #count = 0;

  constructor(place: Place = {}) {
    this.#place = place;
  }

  get count(): number {
    return this.#count;
  }

  add(problem: Problem): void {
    this.#count++;
    if (this.#problems.length < SHOWN) this.#problems.push({ ...this.#place, ...problem });
  }

  /** Runs a part of the reading; what it throws as an input error is added to the others. */
  gather(read: () => void): void {
    try {
      read();
    } catch (error) {
      for (const problem of problemsOf(error)) this.add(problem);
    }
  }

  throwIfAny(): void {
    if (this.#count === 0) return;
    this.#problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    const hidden = this.#count - this.#problems.length;
    const more =
      hidden === 0
        ? []
        : [{ ...this.#place, what: `and ${hidden} more ${plural(hidden, 'problem')} of this file` }];
    throw new InputError([...this.#problems, ...more]);
  }
}

/** A value as it can stand in a message: quoted where it is text, cut where it is long. */
export function quoteValue(value: unknown): string {
  const text = toText(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function toText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  // Files of columns hold whole numbers that JSON cannot.
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));
}
