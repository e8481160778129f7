import { stringify } from 'yaml';
import { chance, pick, pickWeighted, type Random, type Weighted } from './choose.js';
import { fewChanges } from './mutate-text.js';
import { noisyNumber, noisyString } from './noise.js';

/** A text that stands for itself in what {@link toJson} and {@link toYaml} write: numbers that JSON cannot say. */
function literal(text: string): string {
  return `${LITERAL}${text}`;
}

const LITERAL = 'literal:\u0001';
/** As it is quoted in JSON and in YAML. */
const QUOTED_LITERAL = /"literal:\\(?:u0001|x01)((?:[^"\\]|\\.)*)"/g;

/** The value as JSON, on one line or on several; nothing where the value itself was taken away. */
export function toJson(value: unknown, indent: number): string {
  return withLiterals(JSON.stringify(value, undefined, indent));
}

/** The value as YAML in block style. */
export function toYaml(value: unknown): string {
  return withLiterals(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
}

function withLiterals(text: string | undefined): string {
  return (text ?? '').replace(QUOTED_LITERAL, (_, written: string) => written);
}

/** A copy of the value with some changes in it, mostly one. */
export function mutateValue(random: Random, value: unknown): unknown {
  const root = { value: structuredClone(value) };
  for (let left = fewChanges(random); left > 0; left--) {
    const places = placesIn(root);
    if (places.length === 0) break;
    pickWeighted(random, VALUE_CHANGES)(pick(random, places), random, places);
  }
  return root.value;
}

/** A value by what holds it. */
interface Location {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every value below `root`. A list is a holder whose keys are its indices. */
function placesIn(root: Record<string, unknown>): Location[] {
  const found: Location[] = [];
  const open: Record<string, unknown>[] = [root];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    for (const key of Object.keys(holder)) {
      found.push({ holder, key });
      const value = holder[key];
      if (typeof value === 'object' && value !== null) open.push(value as Record<string, unknown>);
    }
  }
  return found;
}

type ValueChange = (at: Location, random: Random, places: readonly Location[]) => void;

const VALUE_CHANGES: readonly Weighted<ValueChange>[] = [
  [10, changeNumber],
  [5, ({ holder, key }, random) => set(holder, key, literal(noisyNumber(random)))],
  [4, ({ holder, key }, random) => set(holder, key, noisyString(random))],
  [3, ({ holder, key }, random) => set(holder, key, pick(random, [null, true, [], {}, '', 0, [[]], [null]]))],
  [5, remove],
  [4, duplicate],
  [4, ({ holder, key }, random, places) => copyFrom(holder, key, pick(random, places))],
  [2, swapWithSibling],
  [2, renameKey],
  [3, addKey],
  [2, changeText],
  [1, wrap],
];

function set(holder: Record<string, unknown>, key: string, value: unknown): void {
  // Not an assignment: a key may be `__proto__`.
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A near number rather than an extreme one: most of these are still allowed. */
function changeNumber(at: Location, random: Random, places: readonly Location[]): void {
  const numbers = places.filter(({ holder, key }) => typeof holder[key] === 'number');
  const { holder, key } = numbers.length === 0 ? at : pick(random, numbers);
  const old = Number(holder[key]) || 1;
  set(
    holder,
    key,
    pick(random, [0, 1, 2, -old, old + 1, old - 1, old * 2, old / 2, old / 3, old * 1000, old / 1000]),
  );
}

function remove({ holder, key }: Location): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function duplicate({ holder, key }: Location, random: Random): void {
  const copies = chance(random, 0.03) ? 250 : 1;
  for (let i = 0; i < copies; i++) {
    const copy = structuredClone(holder[key]);
    if (Array.isArray(holder)) holder.splice(Number(key), 0, copy);
    else set(holder, `${key}${i === 0 ? '2' : i}`, copy);
  }
}

function copyFrom(holder: Record<string, unknown>, key: string, source: Location): void {
  set(holder, key, structuredClone(source.holder[source.key]));
}

function swapWithSibling({ holder, key }: Location, random: Random): void {
  const other = pick(random, Object.keys(holder));
  const [a, b] = [holder[key], holder[other]];
  set(holder, key, b);
  set(holder, other, a);
}

function renameKey({ holder, key }: Location, random: Random): void {
  if (Array.isArray(holder)) return;
  const value = holder[key];
  delete holder[key];
  set(holder, pick(random, [`${key}s`, key.slice(1), key.toUpperCase(), noisyString(random)]), value);
}

function addKey({ holder }: Location, random: Random): void {
  if (Array.isArray(holder)) holder.push(literal(noisyNumber(random)));
  else set(holder, noisyString(random), pick(random, [1, 'x', {}, []]));
}

function changeText({ holder, key }: Location, random: Random): void {
  const value = holder[key];
  if (typeof value === 'object') return;
  const text = String(value);
  const at = random.nextInt(text.length + 1);
  set(holder, key, text.slice(0, at) + pick(random, ['', 'x', ' ', '-1']) + text.slice(at + 1));
}

function wrap({ holder, key }: Location, random: Random): void {
  let value = holder[key];
  const depth = pick(random, [1, 2, 70, 500]);
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  set(holder, key, value);
}
