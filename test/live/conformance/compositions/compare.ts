import {
  type CompositionCase,
  type Event,
  type Happened,
  parseWays,
  printEvents,
} from './composition-case.js';

/** How what happened differs from what the row says, one line per list; empty where they agree. */
export function differences(row: CompositionCase, happened: Happened, toleranceMs: number): string[] {
  const lists = [
    ...Object.keys(row.models).map((model) => ({
      name: `${model} executes`,
      ways: row.executes[model] ?? '',
      found: happened.executions[model] ?? [],
    })),
    { name: 'answers', ways: row.answers, found: happened.answers },
    { name: 'streams', ways: row.streams ?? '', found: happened.streams },
    { name: 'errors', ways: errorsOf(row, happened), found: happened.errors },
  ];
  const lines = lists
    .filter(({ ways, found }) => !parseWays(ways).some((way) => isSame(way, found, toleranceMs)))
    .map(({ name, ways, found }) => `${name} ${printEvents(found)}, expected ${ways || 'nothing'}`);
  const { unanswered = row.hangs ?? [] } = happened;
  if (unanswered.join() !== (row.hangs ?? []).join()) lines.push(`never answers ${unanswered.join(' ')}`);
  for (const [model, { hits, misses }] of Object.entries(row.cache ?? {})) {
    const found = happened.cache[model];
    if (found?.hits === hits && found.misses === misses) continue;
    lines.push(
      `cache of ${model}: ${found?.hits} hits, ${found?.misses} misses, expected ${hits} and ${misses}`,
    );
  }
  return lines;
}

/** A server that may hang does not send all errors. */
function errorsOf({ errors = '', hangs = [] }: CompositionCase, { unanswered }: Happened): string {
  if (unanswered === undefined) return errors;
  return errors
    .split(' ')
    .filter((word) => !hangs.includes(Number.parseInt(word, 10)))
    .join(' ');
}

/** Which comes first when two begin in the same millisecond is nobody's promise. */
function isSame(expected: readonly Event[], found: readonly Event[], toleranceMs: number): boolean {
  const left = [...found];
  for (const { requests, atMs } of expected) {
    const place = left.findIndex(
      (event) => event.requests.join() === requests.join() && Math.abs(event.atMs - atMs) <= toleranceMs,
    );
    if (place < 0) return false;
    left.splice(place, 1);
  }
  return left.length === 0;
}
