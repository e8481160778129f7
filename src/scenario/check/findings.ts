import { closest } from '../../base/closest.js';
import type { Path } from '../../base/path.js';
import { InputError, type Place, ProblemList, problemsOf } from '../../base/problem.js';
import { someOf } from '../../base/some-of.js';
import type { Warning, WarningCode } from '../../base/warning.js';
import type { Loaded } from '../resources.js';
import { type Gaps, NO_GAPS } from '../spec/gaps.js';

/** What a check has found so far, and where things of the scenario file stand. */
export class Findings {
  readonly list = new ProblemList();
  readonly warnings: Warning[] = [];
  readonly positionOf: (path: Path) => Place;
  readonly gaps: Gaps;

  constructor(positionOf: (path: Path) => Place, gaps: Gaps = NO_GAPS) {
    this.positionOf = positionOf;
    this.gaps = gaps;
  }

  /** Adds a problem with the value at `path` of the scenario file, unless one with it was told already. */
  problem(path: Path, what: string, remedy?: string): void {
    if (this.gaps.at(path)) return;
    this.list.add({ ...this.positionOf(path), what, ...(remedy === undefined ? {} : { remedy }) });
  }

  warn(code: WarningCode, subject: string, message: string): void {
    this.warnings.push({ code, subject, message });
  }

  /** Hands on what went wrong when the file named at `path` was read, and returns what was read. */
  take<T>(loaded: Loaded<T> | undefined, path: Path): T | undefined {
    if (loaded === undefined) {
      this.problem(path, 'the file was not read', 'hand its content to the check');
      return undefined;
    }
    for (const problem of loaded.problems ?? []) {
      this.list.add(problem.file === undefined ? { ...problem, ...this.positionOf(path) } : problem);
    }
    return loaded.value;
  }

  /**
   * What `run` gives; where it throws an {@link InputError}, undefined, and its problems are added as those of the value at
   * `path`.
   */
  attempt<T>(path: Path, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      for (const { what, remedy } of problemsOf(error)) this.problem(path, what, remedy);
      return undefined;
    }
  }

  /** Reports every name that an earlier one has already, at the later of the two. */
  distinct(names: readonly { readonly name: string; readonly path: Path }[], what: string): void {
    const first = new Map<string, Path>();
    for (const { name, path } of names) {
      const earlier = first.get(name);
      if (earlier === undefined) {
        first.set(name, path);
        continue;
      }
      const { line } = this.positionOf(earlier);
      const where = line === undefined ? '' : ` (line ${line})`;
      this.problem(path, `there is already a ${what} "${name}"${where}`, 'give it another name');
    }
  }
}

/** `did you mean "x"?`, or which names there are. */
export function suggest(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (known.length === 0) return 'there is none';
  const begins = (word: string) => Number(word.startsWith(name));
  const alikeFirst = [...known].sort((a, b) => begins(b) - begins(a));
  const shown = alikeFirst.map((word) => `"${word.slice(0, LONGEST_SHOWN)}"`);
  return `there is ${someOf(shown, 8)}`;
}

/** As long as names in a scenario may be; those of a trace have no limit. */
const LONGEST_SHOWN = 200;
