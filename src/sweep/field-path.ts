import { formatPath, type Path } from '../base/path.js';
import { InputError } from '../base/problem.js';
import { suggest } from '../scenario/check/findings.js';
import { isRecord, type Plain, type PlainRecord } from './plain.js';

/**
 * The path of a field as a sweep writes it: `servers.t4.devices.0.kind`. Steps are keys; in a list an
 * index, the `name` of an entry, or `*` for every entry. A step with a dot in it is quoted:
 * `servers."t4.large".devices`.
 *
 * @throws InputError when it cannot be read
 */
export function parseFieldPath(text: string): readonly string[] {
  const steps = text.match(/"[^"]*"|[^."]+/g) ?? [];
  const isWhole = steps.join('.') === text;
  const plain = steps.map((step) => (step.startsWith('"') ? step.slice(1, -1) : step.trim()));
  if (!isWhole || plain.length === 0 || plain.includes('')) {
    throw InputError.of(`"${text}" is no path of a field`, 'write steps with dots between them');
  }
  return plain;
}

/**
 * Where the path leads in a document: several places where it has a `*`. The last step need not exist
 * in a record, nor those of records on the way to it; entries of lists must.
 *
 * @throws InputError where a step leads nowhere
 */
export function locateField(document: Plain, steps: readonly string[]): Path[] {
  let places: { path: Path; value: Plain | undefined }[] = [{ path: [], value: document }];
  for (const step of steps) places = places.flatMap((place) => follow(place.path, place.value, step));
  return places.map(({ path }) => path);
}

function follow(
  path: Path,
  value: Plain | undefined,
  step: string,
): { path: Path; value: Plain | undefined }[] {
  if (value === undefined || isRecord(value)) {
    const next = value !== undefined && Object.hasOwn(value, step) ? value[step] : undefined;
    return [{ path: [...path, step], value: next }];
  }
  const where = path.length === 0 ? 'the scenario' : formatPath(path);
  if (!Array.isArray(value)) {
    throw InputError.of(`${where} is a single value and has no "${step}"`, 'end the path there');
  }
  if (step === '*') return value.map((entry, i) => ({ path: [...path, i], value: entry }));
  const index = indexOf(value, step);
  if (index === undefined) {
    throw InputError.of(`${where} has no entry "${step}"`, suggestEntry(value, step));
  }
  return [{ path: [...path, index], value: value[index] }];
}

function indexOf(list: readonly Plain[], step: string): number | undefined {
  const named = list.findIndex((entry) => isRecord(entry) && entry['name'] === step);
  if (named >= 0) return named;
  const index = /^\d{1,6}$/.test(step) ? Number(step) : Number.NaN;
  return index < list.length ? index : undefined;
}

function suggestEntry(list: readonly Plain[], step: string): string {
  const names = list.flatMap((entry) =>
    isRecord(entry) && typeof entry['name'] === 'string' ? [entry['name']] : [],
  );
  if (names.length > 0) return suggest(step, names);
  return list.length === 0 ? 'it is empty' : `write 0 to ${list.length - 1}`;
}

/** Puts a value at a path, making records that are missing on the way. */
export function setField(document: PlainRecord, path: Path, value: Plain): void {
  let at: PlainRecord | Plain[] = document;
  for (const [i, step] of path.entries()) {
    if (i === path.length - 1) {
      (at as PlainRecord)[step] = value;
      return;
    }
    at = recordOrListAt(at as PlainRecord, step);
  }
}

function recordOrListAt(holder: PlainRecord, step: string | number): PlainRecord | Plain[] {
  const found = holder[step];
  if (found !== undefined && found !== null && typeof found === 'object') return found;
  const made = Object.create(null) as PlainRecord;
  holder[step] = made;
  return made;
}
