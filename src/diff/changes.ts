import { isObject } from '../base/json.js';
import { formatPath, type Path } from '../base/path.js';

/** A value that is not the same in both; undefined where one does not have it. */
export interface ValueChange {
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/**
 * Where two plain values differ, innermost first in the order of the first one. Entries of lists that
 * have a `name` of their own (servers, devices, models, tenants) are matched by it, others by their place.
 */
export function changesBetween(a: unknown, b: unknown, path: Path = []): ValueChange[] {
  if (Object.is(a, b)) return [];
  if (isNamedList(a) && isNamedList(b)) return changesByName(a, b, path);
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, i) => changesBetween(a[i], b[i], [...path, i])).flat();
  }
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => changesBetween(own(a, key), own(b, key), [...path, key]));
  }
  return [{ path: formatPath(path), a, b }];
}

/** Where what both sides kept under a name differs: what only one of them has is no difference. */
export function keptByBoth(name: string, a: unknown, b: unknown): ValueChange[] {
  return a === undefined || b === undefined ? [] : changesBetween(a, b, [name]);
}

/** Whether an SLO that was met before, in a sweep under every seed, is not met now, there under none. */
export function isViolatedSlo({ path, a, b }: ValueChange): boolean {
  return /\bsloMet$/.test(path) && a === true && b === false;
}

type Named = Readonly<Record<string, unknown>> & { readonly name: string };

function changesByName(a: readonly Named[], b: readonly Named[], path: Path): ValueChange[] {
  const names = [...new Set([...a, ...b].map(({ name }) => name))];
  const find = (list: readonly Named[], wanted: string) => list.find(({ name }) => name === wanted);
  return names.flatMap((name) => changesBetween(find(a, name), find(b, name), [...path, name]));
}

function isNamedList(value: unknown): value is readonly Named[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const names = value.map((entry: unknown) => (isObject(entry) ? entry['name'] : undefined));
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
