import type { Path } from '../base/path.js';
import { InputError, type Place, type ProblemList, placed } from '../base/problem.js';
import { encodeValue } from './content.js';
import { locateField, setField } from './field-path.js';
import { gpuChoiceOf, type ProfilePlaces } from './gpu-choice.js';
import { NAMED_CHANGES } from './named-fields.js';
import { copyPlain, type Plain, type PlainRecord } from './plain.js';
import { rangeValues } from './range.js';
import { RESULT_COLUMNS } from './row.js';
import { scenarioField } from './scenario-field.js';
import { type AxisSpec, NAMED_FIELDS, type NamedField, type RangeSpec, type SweepDocument } from './spec.js';

/** What stands in an axis's column: a number, or a word. */
export type AxisValue = number | string | boolean;

/** One value of an axis: what its column shows, and what it does to a scenario document. */
export interface AxisLevel {
  readonly value: AxisValue;
  readonly apply: (document: PlainRecord) => void;
}

export interface Axis {
  readonly name: string;
  /** In the order of the file; of a range without steps its two ends. */
  readonly levels: readonly AxisLevel[];
  /** Where values are drawn from a whole range. */
  readonly range?: RangeSpec;
  /** The level of a value drawn from the range. */
  readonly at: (value: number) => AxisLevel;
}

export interface AxisSurroundings extends ProfilePlaces {
  /** The base scenario's document, in which paths must lead somewhere. */
  readonly base: PlainRecord;
}

/** Reads the axes of a sweep; what is wrong goes to `problems`, each at its place in the file. */
export function readAxes(
  document: SweepDocument,
  surroundings: AxisSurroundings,
  problems: ProblemList,
): Axis[] {
  const seen = new Set<string>();
  return document.value!.axes.flatMap((spec, i) => {
    const at: PlaceOf = (...path) => document.positionOf(['axes', i, ...path]);
    if (seen.has(spec.name) || RESULT_COLUMNS.includes(spec.name)) {
      const what = seen.has(spec.name) ? 'is the name of an earlier axis' : 'is a column of the results';
      problems.add({ ...at('name'), what: `"${spec.name}" ${what}`, remedy: 'write another' });
    }
    seen.add(spec.name);
    const changed = at(spec.choices === undefined ? 'vary' : 'choices');
    const axis = problems.attempt(() => readAxis(spec, surroundings, at, problems), changed);
    return axis === undefined ? [] : [placedAxis(axis, changed)];
  });
}

/** Where a part of an axis stands in the file. */
type PlaceOf = (...path: Path) => Place;

/** The axis, whose levels say where it stands of what they cannot do to a point that an earlier axis has changed. */
function placedAxis(axis: Axis, place: Place): Axis {
  const level = ({ value, apply }: AxisLevel): AxisLevel => ({
    value,
    apply: (document) => placed(place, () => apply(document)),
  });
  return { ...axis, levels: axis.levels.map(level), at: (value) => level(axis.at(value)) };
}

function readAxis(
  spec: AxisSpec,
  surroundings: AxisSurroundings,
  place: PlaceOf,
  problems: ProblemList,
): Axis {
  if (spec.choices !== undefined) return choiceAxis(spec, surroundings);
  const change = changeOf(spec, surroundings.base);
  const level = (raw: unknown, label: AxisValue): AxisLevel => {
    if (spec.vary === 'loadScale') requireFactor(raw);
    const value = spec.vary === 'gpu' ? gpuChoiceOf(raw, surroundings) : raw;
    return { value: label, apply: (document) => change(document, copyPlain(value)) };
  };
  const at = (value: number) => level(value, value);
  if (spec.range !== undefined) {
    const { range } = spec;
    const ends = range.steps === undefined ? [range.from, range.to] : rangeValues(range);
    return { name: spec.name, levels: ends.map(at), at, ...(range.steps === undefined ? { range } : {}) };
  }
  const values = spec.values!;
  const labels = labelsOf(values);
  const levels = values.flatMap(
    (value, i) => problems.attempt(() => level(value, labels[i]!), place('values', i)) ?? [],
  );
  const seen = new Set<string>();
  for (const [i, content] of values.map(encodeValue).entries()) {
    const isTwice = seen.has(content);
    if (isTwice)
      problems.add({ ...place('values'), what: `${labels[i]} is listed twice`, remedy: 'keep one' });
    seen.add(content);
  }
  return { name: spec.name, levels, at };
}

/** What loads are multiplied by: the product alone would not say what is wrong. */
function requireFactor(value: unknown): void {
  if (typeof value === 'number' && value > 0) return;
  throw InputError.of(`${JSON.stringify(value)} is no factor on loads`, 'write a number above 0');
}

/** How the axis changes a document. Tried on the base first, so that a path that leads nowhere is found. */
function changeOf(spec: AxisSpec, base: PlainRecord): (document: PlainRecord, value: Plain) => void {
  const vary = spec.vary!;
  if (isNamed(vary)) {
    const change = NAMED_CHANGES[vary];
    change(copyPlain(base) as PlainRecord, vary === 'gpu' ? { kind: 'any' } : 1, spec.of);
    return (document, value) => change(document, value, spec.of);
  }
  const paths = (typeof vary === 'string' ? [vary] : vary).map(scenarioField);
  for (const steps of paths) requireSomewhere(base, steps);
  return (document, value) => {
    for (const steps of paths) setAt(document, steps, value);
  };
}

function isNamed(vary: string | readonly string[]): vary is NamedField {
  return NAMED_FIELDS.some((word) => word === vary);
}

/** With a `*` in an empty list the axis would change nothing, and all its points would be one. */
function requireSomewhere(base: PlainRecord, steps: readonly string[]): void {
  if (locateField(base, steps).length > 0) return;
  const what = `${steps.join('.')} leads to no field, as a list on its way is empty`;
  throw InputError.of(what, 'vary what there is');
}

/** Puts a copy of a value wherever the steps lead. */
export function setAt(document: PlainRecord, steps: readonly string[], value: unknown): void {
  for (const path of locateField(document, steps)) setField(document, path, copyPlain(value));
}

function choiceAxis({ name, choices }: AxisSpec, { base }: AxisSurroundings): Axis {
  const levels = Object.entries(choices!).map(([label, fields]): AxisLevel => {
    const changes = Object.entries(fields).map(([text, value]) => ({ steps: scenarioField(text), value }));
    // One after the other: a later path may lead into what an earlier one put there.
    const apply = (document: PlainRecord) => {
      for (const { steps, value } of changes) setAt(document, steps, value);
    };
    apply(copyPlain(base) as PlainRecord);
    return { value: label, apply };
  });
  return { name, levels, at: () => levels[0]! };
}

/**
 * What the column shows of each value: its label where no other value has the same one, else JSON, so that
 * no two values look the same.
 */
function labelsOf(values: readonly unknown[]): AxisValue[] {
  const labels = values.map(labelOf);
  const counts = new Map<AxisValue, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return labels.map((label, i) => (counts.get(label) === 1 ? label : JSON.stringify(values[i])));
}

/** A kind or mode by its name, other structures as JSON. */
function labelOf(value: unknown): AxisValue {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value === null || typeof value !== 'object') return String(value);
  const { kind } = value as { kind?: unknown };
  return typeof kind === 'string' ? kind : JSON.stringify(value);
}
