import { formatProblem, InputError, LateInputError, type Problem } from '../../base/problem.js';

/** Problems of many points, of which most are the same one again and again. */
export class PointProblems {
  readonly #known: readonly Problem[];
  readonly #found = new Map<string, { readonly problem: Problem; readonly first: string; points: number }>();

  /** @param known told anyway, of no point: points that have these as well add nothing */
  constructor(known: readonly Problem[] = []) {
    this.#known = known;
  }

  /** `label` tells the point, e.g. `gpu = Tesla T4, instances = 2`. */
  add(label: string, problems: readonly Problem[]): void {
    for (const problem of problems) {
      if (this.#known.some((one) => one.path === problem.path && one.what === problem.what)) continue;
      const key = formatProblem(problem);
      const known = this.#found.get(key);
      if (known === undefined) this.#found.set(key, { problem, first: label, points: 1 });
      else known.points++;
    }
  }

  get isEmpty(): boolean {
    return this.#known.length + this.#found.size === 0;
  }

  /**
   * Throws each problem once, with in how many of the `of` points it is: as an InputError, or a LateInputError where
   * other points are done and kept.
   */
  throwIfAny(of: number, { late = false } = {}): void {
    if (this.isEmpty) return;
    throw new (late ? LateInputError : InputError)([
      ...this.#known,
      ...[...this.#found.values()].map(({ problem, first, points }) => ({
        ...problem,
        what: `${problem.what} (in ${points} of ${of} points, first ${first})`,
      })),
    ]);
  }
}
