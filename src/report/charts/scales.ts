/** A range that a scale can have: its ends differ, and on a log scale both are positive. */
export type Domain = readonly [low: number, high: number];

/**
 * Beyond these a value is a mistake somewhere and not worth a scale: it is treated as unknown, and
 * axes never meet the ends of what a double can hold.
 */
const LARGEST = 1e15;
const SMALLEST = 1e-9;

/** The value where a chart can show it, else NaN, which leaves a gap. */
export function drawable(value: number): number {
  return Math.abs(value) <= LARGEST ? value : Number.NaN;
}

/** Whether a log scale can show the value. */
export function isLogDrawable(value: number): boolean {
  return value >= SMALLEST && value <= LARGEST;
}

/** From 0 to `headroom` times the largest drawable value; [0, 1] where there is none. */
export function domainFromZero(values: readonly number[], headroom = 1.05): Domain {
  const high = largest(values);
  return high > SMALLEST ? [0, high * headroom] : [0, 1];
}

/** Around the values that a log scale can show, with a little room on both sides. */
export function logDomain(values: readonly number[]): Domain {
  const shown = values.filter(isLogDrawable);
  if (shown.length === 0) return [1, 10];
  const low = shown.reduce((a, b) => Math.min(a, b));
  const high = shown.reduce((a, b) => Math.max(a, b));
  // Room of a fiftieth of the range keeps curves off the frame, and a lone value off both ends.
  const room = Math.max((high / low) ** 0.02, 1.1);
  return [low / room, high * room];
}

/** The largest drawable value; 0 where none is positive. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => (drawable(value) > most ? value : most), 0);
}

/** Marks of a log axis: 1, 2, 5 of each decade where few decades are shown, else the decades. */
export function logTicks([low, high]: Domain): readonly number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const steps = last - first <= 3 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let decade = first; decade <= last; decade++) {
    // Through its text: 10 ** -3 is not the number that 0.001 is.
    for (const step of steps) ticks.push(Number(`${step}e${decade}`));
  }
  const inside = ticks.filter((tick) => tick >= low && tick <= high);
  return inside.length > 1 ? inside : [low, high].map((end) => Number(end.toPrecision(2)));
}

/** A tick's label: at most a few digits, thousands apart by commas. */
export function tickText(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return text.includes('e') ? text : text.replace(/\B(?=(\d{3})+(?=\.|$))(?<!\.\d*)/g, ',');
}

/** A share as a tick's label, e.g. `0.1 %`. */
export function percentTick(share: number): string {
  return `${tickText(Number((share * 100).toPrecision(6)))} %`;
}
