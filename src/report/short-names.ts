import { printable } from '../base/printable.js';

/** A name as a chart shows it: on one line, its middle left out where it is long. */
export function shortName(name: string, most = 28): string {
  const characters = [...printable(name)];
  if (characters.length <= most) return characters.join('');
  const kept = most - 1;
  const head = Math.ceil(kept / 2);
  return around(characters, head, characters.length - (kept - head));
}

/** Short names that are all different, so that a band scale keeps the rows apart. */
export function uniqueShortNames(names: readonly string[], most = 28): readonly string[] {
  const seen = new Map<string, number>();
  return shortNamesApart(names, most).map((short) => {
    const times = (seen.get(short) ?? 0) + 1;
    seen.set(short, times);
    return times === 1 ? short : `${short} (${times})`;
  });
}

/** The names as `cut` shortens them; those that would look the same with the place shown where they differ. */
export function shortNamesApart(
  names: readonly string[],
  most = 28,
  cut: (name: string, most: number) => string = shortName,
): readonly string[] {
  const alike = new Map<string, Set<string>>();
  const shorts = names.map((name) => {
    const short = cut(name, most);
    alike.set(short, (alike.get(short) ?? new Set<string>()).add(name));
    return short;
  });
  return names.map((name, i) => {
    const group = alike.get(shorts[i]!)!;
    return group.size === 1 ? shorts[i]! : showDifference(name, sameLength([...group]), most);
  });
}

function sameLength(names: readonly string[]): number {
  const [first, ...others] = names.map((name) => [...printable(name)]);
  const differs = first!.findIndex((character, i) => others.some((other) => other[i] !== character));
  return differs === -1 ? first!.length : differs;
}

/** Shown of what names have in common before the place where they differ. */
const LEAD = 2;

/** A long name shortened so that what stands at `place` is seen. */
function showDifference(name: string, place: number, most: number): string {
  const characters = [...printable(name)];
  if (characters.length <= most) return characters.join('');
  const from = Math.max(0, place - LEAD);
  const left = characters.length - from;
  // All that follows fits, and more of the beginning.
  if (left < most) return around(characters, most - 1 - left, from);
  const head = Math.min(from, Math.floor(most / 4));
  const rest = characters.slice(from);
  const tail = Math.floor(most / 4);
  const room = most - head - tail - (head === from ? 1 : 2);
  const shown = around(rest, room, rest.length - tail);
  return head === from
    ? characters.slice(0, head).join('') + shown
    : `${characters.slice(0, head).join('')}…${shown}`;
}

/** The characters before `head` and from `tail` on, with `…` in place of those between. */
function around(characters: readonly string[], head: number, tail: number): string {
  return `${characters.slice(0, head).join('')}…${characters.slice(tail).join('')}`;
}
