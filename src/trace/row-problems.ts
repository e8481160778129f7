import { plural } from '../base/plural.js';
import { InputError, type Place, type Problem, problemsOf } from '../base/problem.js';

/** Wrong rows that are told one by one; the rest is only counted. */
export const SHOWN = 20;

/** Rows from which on a column that is wrong in all of them is told once: fewer are seen at a glance. */
const MANY_ROWS = 5;

/**
 * Problems of the rows of one table. A file can have a million wrong rows: the first ones found are
 * kept, the rest is counted. They are told in the order of the lines. A column that is wrong in
 * every row has another form than was thought: it is told once.
 */
export class RowProblems {
  readonly #place: Place;
  readonly #problems: Problem[] = [];
  /** How many there are of each column; of whole rows under the empty name. */
  readonly #ofColumn = new Map<string, number>();
  #count = 0;
  /** Rows that were read, where the reader counts them. */
  rows = 0;

  constructor(place: Place = {}) {
    this.#place = place;
  }

  get count(): number {
    return this.#count;
  }

  add(problem: Problem): void {
    this.#count++;
    const column = columnOf(problem);
    this.#ofColumn.set(column, (this.#ofColumn.get(column) ?? 0) + 1);
    if (this.#problems.length < SHOWN) this.#problems.push({ ...this.#place, ...problem });
  }

  /** Runs a part of the reading; what it throws as an input error is added to the others. @returns whether it came to its end */
  gather(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      for (const problem of problemsOf(error)) this.add(problem);
      return false;
    }
  }

  throwIfAny(): void {
    if (this.#count === 0) return;
    this.#problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    const told = this.#toldOnce();
    const hidden = this.#count - told.covered;
    const more =
      hidden === 0
        ? []
        : [{ ...this.#place, what: `and ${hidden} more ${plural(hidden, 'problem')} of this file` }];
    throw new InputError([...told.problems, ...more]);
  }

  /** Of each column that is wrong throughout its first problem, and all others; and how many that are together. */
  #toldOnce(): { readonly problems: readonly Problem[]; readonly covered: number } {
    const throughout = [...this.#ofColumn].filter(([, count]) => count === this.rows && count >= MANY_ROWS);
    const pending = new Set(throughout.map(([column]) => column));
    const columns = new Set(pending);
    const problems = this.#problems.flatMap((problem) => {
      const column = columnOf(problem);
      if (!columns.has(column)) return [problem];
      if (!pending.delete(column)) return [];
      return [{ ...problem, what: `${problem.what}, and so in all ${this.rows} rows` }];
    });
    // Of a column of which nothing was kept, its problems are among those that are only counted.
    const known = columns.size - pending.size;
    return { problems, covered: problems.length - known + known * this.rows };
  }
}

function columnOf({ path = '' }: Problem): string {
  return path;
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
