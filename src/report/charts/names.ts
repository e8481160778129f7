import { printable } from '../../base/printable.js';

/** A name as a chart shows it: on one line, its middle left out where it is long. */
export function shortName(name: string, most = 28): string {
  const characters = [...printable(name)];
  if (characters.length <= most) return characters.join('');
  const kept = most - 1;
  const head = Math.ceil(kept / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
}

/** Short names that are all different, so that a band scale keeps the rows apart. */
export function uniqueShortNames(names: readonly string[], most = 28): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const short = shortName(name, most);
    const times = (seen.get(short) ?? 0) + 1;
    seen.set(short, times);
    return times === 1 ? short : `${short} (${times})`;
  });
}
