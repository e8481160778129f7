import { ProblemList } from '../../base/problem.js';

export interface NumberRange {
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
}

/** Reads options that hold numbers with commas between them, and gathers what is wrong with any of them. */
export class ListReader {
  readonly #problems = new ProblemList();

  /** Whole numbers from 1 to `most`. */
  counts(option: string, text: string | undefined, most: number): readonly number[] | undefined {
    return this.numbers(option, text, { from: 1, to: most, whole: true });
  }

  /** The numbers in the order in which they are written, each once; undefined where the option is absent. */
  numbers(option: string, text: string | undefined, range: NumberRange): readonly number[] | undefined {
    if (text === undefined) return undefined;
    const numbers = String(text)
      .split(',')
      .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
    const { from, to, whole } = range;
    const isWrong = numbers.some(
      (value) => !(value >= from && value <= to) || (whole && !Number.isInteger(value)),
    );
    if (numbers.length > MOST_NUMBERS || isWrong) {
      this.#problems.add({
        path: option,
        what: `"${String(text).slice(0, 60)}" is no list of ${whole ? 'whole ' : ''}numbers from ${from} to ${to}`,
        remedy: `write at most ${MOST_NUMBERS} numbers with commas between them`,
      });
    }
    return [...new Set(numbers)];
  }

  throwIfAny(): void {
    this.#problems.throwIfAny();
  }
}

const MOST_NUMBERS = 100;
