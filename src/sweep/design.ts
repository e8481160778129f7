import { InputError } from '../base/problem.js';
import { RandomStreams } from '../base/random.js';
import type { Axis, AxisLevel, AxisValue } from './axis.js';
import type { Condition } from './condition/condition.js';
import { haltonSequence } from './halton.js';
import { valueAt } from './range.js';
import { type DesignSpec, MOST_POINTS } from './spec.js';

export type Combination = readonly AxisLevel[];

/** A design that drops more than so many candidates for each point has conditions that hardly anything fulfils. */
const MOST_CANDIDATES_PER_POINT = 1000;

/**
 * The points of a sweep in their order: each a combination of levels that fulfils all conditions, and
 * no two the same. Each setting that is drawn runs under every seed of `seedAxis`.
 *
 * @throws InputError when there are too many, or a condition cannot be computed
 */
export function designPoints(
  axes: readonly Axis[],
  design: DesignSpec,
  conditions: readonly Condition[],
  seedAxis?: string,
): Combination[] {
  const points = new DistinctPoints(axes, conditions);
  if (design.kind === 'grid') addGrid(axes, points);
  else addSample(axes, design, points, seedAxis);
  if (points.found.length > MOST_POINTS) {
    throw InputError.of(
      `the ${design.kind} has ${points.found.length} points`,
      `leave out values: at most ${MOST_POINTS}`,
    );
  }
  return points.found;
}

/** Takes combinations that fulfil the conditions, each once. */
class DistinctPoints {
  readonly found: Combination[] = [];
  readonly #axes: readonly Axis[];
  readonly #conditions: readonly Condition[];
  readonly #seen = new Set<string>();

  constructor(axes: readonly Axis[], conditions: readonly Condition[]) {
    this.#axes = axes;
    this.#conditions = conditions;
  }

  /** Whether there are conditions, which may be why combinations are few. */
  get isFiltered(): boolean {
    return this.#conditions.length > 0;
  }

  offer(levels: Combination): void {
    const values = new Map<string, AxisValue>(this.#axes.map(({ name }, i) => [name, levels[i]!.value]));
    if (!this.#conditions.every((condition) => condition(values))) return;
    const key = JSON.stringify([...values.values()]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.found.push(levels);
  }
}

/** Every combination, the last axis fastest. */
function addGrid(axes: readonly Axis[], points: DistinctPoints): void {
  const endless = axes.find(({ range }) => range !== undefined);
  if (endless !== undefined) {
    throw InputError.of(
      `a grid cannot use the range of "${endless.name}"`,
      'give it steps, or choose another design',
    );
  }
  const size = axes.reduce((product, { levels }) => product * levels.length, 1);
  if (size > 10 * MOST_POINTS) {
    throw InputError.of(
      `the grid has ${size} combinations`,
      'leave out values, or draw points with a random or halton design',
    );
  }
  for (let index = 0; index < size; index++) {
    let rest = index;
    const levels = axes.toReversed().map(({ levels }) => {
      const level = levels[rest % levels.length]!;
      rest = Math.floor(rest / levels.length);
      return level;
    });
    points.offer(levels.reverse());
  }
}

function addSample(
  axes: readonly Axis[],
  { kind, points: wanted, seed }: Exclude<DesignSpec, { kind: 'grid' }>,
  points: DistinctPoints,
  seedAxis: string | undefined,
): void {
  const random = new RandomStreams(seed).get(`sweep design ${kind}`);
  const crossed = axes.length === 1 ? undefined : axes.find(({ name, range }) => name === seedAxis && !range);
  const drawn = axes.filter((axis) => axis !== crossed);
  const halton = haltonSequence(drawn.length, random);
  const draw = kind === 'halton' ? halton : () => drawn.map(() => random.next());
  let settings = 0;
  for (let candidate = 0; settings < wanted; candidate++) {
    if (candidate >= wanted * MOST_CANDIDATES_PER_POINT) {
      if (settings === 0) return;
      throw InputError.of(
        `only ${settings} different points of ${wanted} were found`,
        points.isFiltered ? 'ask for fewer, or loosen where' : 'ask for fewer',
      );
    }
    const place = draw(candidate);
    const before = points.found.length;
    const levels = new Map(drawn.map((axis, i) => [axis, levelAt(axis, place[i]!)]));
    for (const seedLevel of crossed?.levels ?? [undefined])
      points.offer(axes.map((axis) => levels.get(axis) ?? seedLevel!));
    if (points.found.length > before) settings++;
  }
}

/** The level at `share` 0..1 of an axis. */
function levelAt({ levels, range, at }: Axis, share: number): AxisLevel {
  if (range !== undefined) return at(valueAt(range, share));
  return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))]!;
}
