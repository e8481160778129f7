/** A linear program with whole and real variables: minimise `cost · x` within the rows, no variable below 0. Plain data. */
export interface IntegerProgram {
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

export interface Variable {
  readonly cost: number;
  /** Infinity = no upper limit. */
  readonly upper: number;
  readonly isInteger: boolean;
}

/** `lower <= sum of coefficient × variable`; a variable appears at most once. */
export interface Row {
  readonly lower: number;
  readonly terms: readonly Term[];
}

export interface Term {
  readonly variable: number;
  readonly coefficient: number;
}

export interface ProgramSolution {
  /** `feasible`: time ran out before the values were proved to be the best. */
  readonly status: 'optimal' | 'feasible' | 'infeasible' | 'unknown';
  /** Of the best values found; Infinity without any. */
  readonly objective: number;
  /** No solution costs less than this. */
  readonly bound: number;
  readonly values: readonly number[];
}

export interface SolveLimits {
  /** Infinity = no limit. */
  readonly timeLimitS: number;
  /** Nodes of the tree of programs that are looked at. Default: no limit. */
  readonly mostNodes?: number;
  /** Stop when the best is within this share of the bound. Default 0. */
  readonly relativeGap?: number;
}

/** Solves a program; given from outside, because a solver is a binary that must be loaded. */
export type SolveProgram = (program: IntegerProgram, limits: SolveLimits) => ProgramSolution;

export class ProgramBuilder {
  readonly #variables: Variable[] = [];
  readonly #rows: Row[] = [];

  /** A variable that counts something, 0 … `upper`. */
  count(cost: number, upper = Infinity): number {
    return this.#variables.push({ cost, upper, isInteger: true }) - 1;
  }

  /** A real variable, 0 … `upper`. */
  amount(cost: number, upper = Infinity): number {
    return this.#variables.push({ cost, upper, isInteger: false }) - 1;
  }

  /** Terms of coefficient 0 are left out. */
  atLeast(lower: number, terms: readonly Term[]): void {
    this.#rows.push({ lower, terms: terms.filter(isThere) });
  }

  /** The uses together are at most `each` for every one of what a variable counts. */
  atMost(variable: number, each: number, uses: readonly Term[]): void {
    if (!uses.some(isThere) || each === Infinity) return;
    this.atLeast(0, [
      times(variable, each),
      ...uses.map(({ variable: used, coefficient }) => times(used, -coefficient)),
    ]);
  }

  /** GPUs with layouts, so many of each as its variable counts, have enough of every kind of slice for its uses. */
  divide(
    layouts: readonly (readonly number[])[],
    variables: readonly number[],
    usesOf: (slice: number) => readonly number[],
  ): void {
    for (const slice of new Set(layouts.flat())) {
      const made = layouts.map((layout, l) =>
        times(variables[l]!, layout.filter((other) => other === slice).length),
      );
      this.atLeast(0, [...made, ...usesOf(slice).map((use) => times(use, -1))]);
    }
  }

  build(): IntegerProgram {
    return { variables: this.#variables, rows: this.#rows };
  }
}

export function one(variable: number): Term {
  return times(variable, 1);
}

export function times(variable: number, coefficient: number): Term {
  return { variable, coefficient };
}

function isThere({ coefficient }: Term): boolean {
  return coefficient !== 0;
}
