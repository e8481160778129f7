import {
  type ConformanceCase,
  type Event,
  expectations,
  type Happened,
  printEvents,
} from './conformance-case.js';

/**
 * How what happened differs from what the row says, one line per list; empty where they agree, which means
 * the same requests together, each within `toleranceMs` of its time. Where a row has several ways, the
 * differences from the one that is nearest.
 */
export function differences(row: ConformanceCase, happened: Happened, toleranceMs: number): string[] {
  const byWay = expectations(row).map((expected) => differencesFrom(expected, happened, toleranceMs));
  return byWay.reduce((least, lines) => (lines.length < least.length ? lines : least));
}

/** Which of the row's ways it was, from 0; -1 when none. */
export function wayTaken(row: ConformanceCase, happened: Happened, toleranceMs: number): number {
  return expectations(row).findIndex((way) => differencesFrom(way, happened, toleranceMs).length === 0);
}

const LISTS = {
  executions: 'executes',
  refused: 'refuses',
  expired: 'lets expire',
  answers: 'answers',
} as const;

function differencesFrom(expected: Happened, happened: Happened, toleranceMs: number): string[] {
  return (Object.keys(LISTS) as (keyof typeof LISTS)[]).flatMap((list) => {
    if (list === 'answers' && expected.answers.length === 0) return [];
    if (sameEvents(expected[list], happened[list], toleranceMs)) return [];
    return [`${LISTS[list]} ${quote(happened[list])}, expected ${quote(expected[list])}`];
  });
}

function quote(events: readonly Event[]): string {
  return events.length === 0 ? 'nothing' : printEvents(events);
}

/** Which comes first when two begin in the same millisecond is nobody's promise. */
function sameEvents(expected: readonly Event[], found: readonly Event[], toleranceMs: number): boolean {
  if (expected.length !== found.length) return false;
  const byRequests = new Map(found.map((event) => [event.requests.join(), event.atMs]));
  return expected.every(({ requests, atMs }) => {
    const foundMs = byRequests.get(requests.join());
    return foundMs !== undefined && Math.abs(atMs - foundMs) <= toleranceMs;
  });
}
