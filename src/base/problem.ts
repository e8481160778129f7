import { printable } from './printable.js';

/**
 * Where something in an input is: file, 1-based line and column, and the path of the field
 * (`tenants[0].slo.limitMs`). Parts that are not known are left out.
 */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
}

/** One mistake in an input: where it is, what is wrong, and what to write instead. */
export interface Problem extends Place {
  readonly what: string;
  readonly remedy?: string;
}

/**
 * `file:line:column: path: what; remedy`, leaving out the parts that are not known. Always one line, whatever
 * characters of the input are quoted in it.
 */
export function formatProblem(problem: Problem): string {
  const position = [problem.file, problem.line, problem.column]
    .filter((part) => part !== undefined)
    .join(':');
  const head = [position, problem.path].filter((part) => part !== undefined && part !== '').join(': ');
  const text = problem.remedy === undefined ? problem.what : `${problem.what}; ${problem.remedy}`;
  return printable((head === '' ? text : `${head}: ${text}`).replace(/[\t\r\n]+\s*/g, ' '));
}

/**
 * Thrown for every mistake in what the user gave us. It carries all the problems that could be
 * found, not only the first; the command line prints one per line and exits with code 2.
 */
export class InputError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'InputError';
    this.problems = problems;
  }

  static of(what: string, remedy?: string, place: Place = {}): InputError {
    return new InputError([{ ...place, what, ...(remedy === undefined ? {} : { remedy }) }]);
  }
}

/**
 * The problems of an {@link InputError} that was caught.
 * @throws any other error, as it is: it is no mistake of the user
 */
export function problemsOf(error: unknown): readonly Problem[] {
  if (!(error instanceof InputError)) throw error;
  return error.problems;
}

/** Mistakes that showed only when a part of the work was done: what it has written is kept. */
export class LateInputError extends InputError {}

/** Gathers problems while an input is read, so that all are reported at once. */
export class ProblemList {
  readonly problems: Problem[] = [];
  readonly #place: Place;

  /** `place` fills in what a later `add` does not say (usually the file). */
  constructor(place: Place = {}) {
    this.#place = place;
  }

  add(problem: Problem): void {
    this.problems.push({ ...this.#place, ...problem });
  }

  /**
   * What `run` gives; where it throws an {@link InputError}, undefined, and its problems are added, those that do not say where
   * they are at `place`.
   */
  attempt<T>(run: () => T, place: Place = {}): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#addAll(error, place);
      return undefined;
    }
  }

  /** {@link attempt} for what takes time. */
  async attemptLater<T>(run: () => T | Promise<T>, place: Place = {}): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      this.#addAll(error, place);
      return undefined;
    }
  }

  #addAll(error: unknown, place: Place): void {
    for (const problem of problemsOf(error)) this.add({ ...place, ...problem });
  }

  /** Throws an {@link InputError} with everything gathered; does nothing when there is nothing. */
  throwIfAny(): void {
    if (this.problems.length > 0) throw new InputError(this.problems);
  }
}

/** What `run` gives; problems that it throws and that do not say where they are, are at `place`. */
export function placed<T>(place: Place, run: () => T): T {
  const problems = new ProblemList();
  const value = problems.attempt(run, place);
  problems.throwIfAny();
  return value as T;
}

/**
 * What `read` gives for each.
 * @throws InputError with the problems of all
 */
export function readAll<Item, Value>(items: readonly Item[], read: (item: Item) => Value): Value[] {
  const problems = new ProblemList();
  const values = items.map((item) => problems.attempt(() => read(item)));
  problems.throwIfAny();
  return values as Value[];
}
