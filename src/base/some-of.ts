import { grouped } from './grouped.js';

/** Names with commas between them; more than `most` are only counted. */
export function someOf(names: readonly string[], most = 5): string {
  const left = names.length - most;
  return `${names.slice(0, most).join(', ')}${left > 0 ? ` and ${grouped(left)} more` : ''}`;
}
