import type * as z from 'zod';
import { checkAgainst, type SchemaProblem } from '../../base/document/schema-problems.js';
import { isObject } from '../../base/json.js';
import type { Path } from '../../base/path.js';
import { type Gaps, gapsAt, leadsThrough } from './gaps.js';

/** What is left of a value, where its parts stood before others were taken out, and which those were. */
export interface Recovered<T> {
  readonly value: T;
  readonly originalPath: (path: Path) => Path;
  readonly gaps: Gaps;
}

/** What must not be taken out of a value, and what not without putting something in its place. */
export interface RecoveryRules {
  /** Whether entries of the list may go; of others they do not, since something may refer to them. */
  readonly mayLose: (list: Path) => boolean;
  /** A valid value for a part whose holder is worth keeping without it; undefined for all others. */
  readonly standIn?: (part: Path) => unknown;
}

/**
 * What is left of a value when the parts that break the schema are taken out, so that the rest can
 * be checked further and all mistakes are reported at once. A part that must not be missing takes
 * what holds it along, unless something can stand in for it. Undefined when nothing valid is left.
 */
export function recover<S extends z.ZodType>(
  schema: S,
  value: unknown,
  rules: RecoveryRules,
): Recovered<z.output<S>> | undefined {
  const rest = new Remainder(value, rules);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const checked = checkAgainst(schema, rest.root);
    if (checked.problems.length === 0) {
      const originalPath = (path: Path) => rest.originalPath(path);
      const gaps = gapsAt(rest.removed, originalPath);
      return { value: checked.value as z.output<S>, originalPath, gaps };
    }
    if (checked.problems.length > MOST_PROBLEMS || !removeAll(checked.problems, rest)) return undefined;
  }
  return undefined;
}

/** Each round takes out the next layer around a part that must not be missing. */
const MOST_ROUNDS = 10;

/** Of so many mistakes only the first are told: what else there is would not be seen, and each costs time to take out. */
const MOST_PROBLEMS = 1000;

/** Takes out what each problem is in; false where nothing could be. */
function removeAll(problems: readonly SchemaProblem[], rest: Remainder): boolean {
  const gone: Path[] = [];
  // From the back, so that taking out an entry does not move those of problems still to come.
  for (const { path } of problems.toReversed()) {
    // A second problem of what is gone would take along what held it, or the entry that moved there.
    if (gone.some((part) => leadsThrough(path, part))) continue;
    const part = rest.remove(path);
    if (part !== undefined) gone.push(part);
  }
  return gone.length > 0;
}

/** A copy of a value from which parts are removed; remembers them, and where entries of lists stood. */
class Remainder {
  readonly root: unknown;
  /** Where the parts stood in the value. */
  readonly removed: Path[] = [];
  readonly #rules: RecoveryRules;
  readonly #originalIndices = new Map<unknown, number[]>();

  constructor(value: unknown, rules: RecoveryRules) {
    this.root = this.#copy(value);
    this.#rules = rules;
  }

  /** Removes or replaces the value at `path`, or the innermost part of the path that is there; returns which. */
  remove(path: Path): Path | undefined {
    const holders = [this.root];
    for (const step of path) {
      const next = childOf(holders.at(-1), step);
      if (next === undefined) break;
      holders.push(next);
    }
    const depth = holders.length - 1;
    const missing = path.slice(0, depth + 1);
    if (this.#replace(missing, holders)) return missing;
    if (depth === 0) return undefined;
    const part = path.slice(0, depth);
    const holder = holders[depth - 1];
    const step = path[depth - 1]!;
    if (!isObject(holder) && !this.#rules.mayLose(path.slice(0, depth - 1))) return undefined;
    this.removed.push(this.originalPath(part));
    if (isObject(holder)) {
      delete holder[String(step)];
      return part;
    }
    (holder as unknown[]).splice(Number(step), 1);
    this.#originalIndices.get(holder)!.splice(Number(step), 1);
    return part;
  }

  /** Puts something in the place of `part`, which may be missing, where something can stand there. */
  #replace(part: Path, holders: readonly unknown[]): boolean {
    const standIn = this.#rules.standIn?.(part);
    const holder = holders[part.length - 1];
    if (standIn === undefined || !isObject(holder)) return false;
    this.removed.push(this.originalPath(part));
    holder[String(part.at(-1))] = this.#copy(standIn);
    return true;
  }

  originalPath(path: Path): Path {
    let at = this.root;
    return path.map((step) => {
      const original = typeof step === 'number' ? (this.#originalIndices.get(at)?.[step] ?? step) : step;
      at = childOf(at, step);
      return original;
    });
  }

  #copy(value: unknown): unknown {
    if (Array.isArray(value)) {
      const list = value.map((entry) => this.#copy(entry));
      this.#originalIndices.set(list, [...list.keys()]);
      return list;
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#copy(part)]));
  }
}

function childOf(holder: unknown, step: string | number): unknown {
  if (Array.isArray(holder)) return typeof step === 'number' ? holder[step] : undefined;
  return isObject(holder) && Object.hasOwn(holder, step) ? holder[String(step)] : undefined;
}
