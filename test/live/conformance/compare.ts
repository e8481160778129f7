import { type Event, type Happened, parseWays, printEvents, waysOf } from './events.js';
import type { Row } from './row.js';

interface Compared {
  readonly name: string;
  readonly text: string;
  readonly ways: readonly (readonly Event[])[];
  readonly found: readonly Event[];
}

/** How what happened differs from what the row says, one line per list; empty where they agree. */
export function differences(row: Row, happened: Happened, toleranceMs: number): string[] {
  const lines = comparedLists(row, happened)
    .filter(({ ways, found }) => !ways.some((way) => isSame(way, found, toleranceMs)))
    .map(({ name, text, found }) => `${name} ${printEvents(found)}, expected ${text || 'nothing'}`);
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

function comparedLists(row: Row, happened: Happened): Compared[] {
  const { answers, refused, expired, streams = '' } = row;
  const list = (name: string, text: string, found: readonly Event[]) => ({
    ...{ name, text, found },
    ways: parseWays(text),
  });
  const single = (event: Event) => event.requests.map((each) => ({ ...event, requests: [each] }));
  const others = [
    ...(refused === undefined ? happened.refused : []),
    ...(expired === undefined ? happened.expired : []),
    ...happened.errors,
  ];
  return [
    ...Object.entries(waysOf(row)).map(([model, ways]) => ({
      name: `${model} executes`,
      text: row.executes[model] ?? '',
      ways,
      found: happened.executions[model] ?? [],
    })),
    ...(answers === undefined
      ? []
      : [
          {
            ...{ name: 'answers', text: sentOf(answers, row, happened), found: happened.answers },
            ways: parseWays(sentOf(answers, row, happened)).map((way) => way.flatMap(single)),
          },
        ]),
    ...(refused === undefined ? [] : [list('refuses', refused, happened.refused)]),
    ...(expired === undefined ? [] : [list('lets expire', expired, happened.expired)]),
    list('streams', streams, happened.streams),
    list('errors', sentOf(row.errors ?? '', row, happened), others),
  ];
}

/** A server that may hang does not send all of them. */
function sentOf(text: string, { hangs = [] }: Row, { unanswered }: Happened): string {
  if (unanswered === undefined) return text;
  return text
    .split(' ')
    .filter((word) => !hangs.includes(Number.parseInt(word, 10)))
    .join(' ');
}

/** The executions of the row that may happen in several ways, if any. */
function racing(row: Row) {
  return Object.entries(waysOf(row)).find(([, ways]) => ways.length > 1);
}

/** In how many ways a row may happen. */
export function wayCount(row: Row): number {
  return racing(row)?.[1].length ?? 1;
}

/** Which of the row's ways it was, from 0; -1 when none. */
export function wayTaken(row: Row, { executions }: Happened, toleranceMs: number): number {
  const [model, ways] = racing(row) ?? Object.entries(waysOf(row))[0]!;
  return ways.findIndex((way) => isSame(way, executions[model] ?? [], toleranceMs));
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
