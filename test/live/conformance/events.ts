import { type Arrival, type CacheCounts, isEnsemble, parseArrivals, type Row } from './row.js';

/** Requests (numbered from 1, 0 = padding) to which something happens at one time. */
export interface Event {
  readonly requests: readonly number[];
  readonly atMs: number;
}

/** What became of the requests of a row, each list in any order. */
export interface Happened {
  readonly executions: Readonly<Record<string, readonly Event[]>>;
  readonly answers: readonly Event[];
  readonly refused: readonly Event[];
  readonly expired: readonly Event[];
  readonly errors: readonly Event[];
  readonly streams: readonly Event[];
  /** Requests that had no answer long after everything was over; undefined where nothing can hang. */
  readonly unanswered?: readonly number[];
  readonly cache: CacheCounts;
}

/** The responses to one request, from 0, as an event. */
export function streamEvent(request: number, responses: number, atMs: number): Event {
  return { requests: Array.from({ length: responses }, () => request + 1), atMs };
}

/** An event's requests in the order in which they are compared. */
export function sorted(requests: readonly number[]): number[] {
  return [...requests].sort((a, b) => a - b);
}

/** The ways that a list of events names, those with missed wake-ups too. */
export function parseWays(text: string, arrivals: readonly Arrival[] = []): Event[][] {
  return text.split(' or ').flatMap((way) => missedWakeUps(parseEvents(way), arrivals));
}

interface ParsedEvent {
  readonly event: Event;
  readonly mayBeMissed: boolean;
}

function parseEvents(text: string): ParsedEvent[] {
  const words = text.split(' ').filter((word) => word !== '');
  return words.map((word) => {
    const { requests, at, missed } =
      /^(?<requests>[\d_]+(\+[\d_]+)*)@(?<at>\d+)(?<missed>~)?$/.exec(word)?.groups ?? {};
    if (requests === undefined) throw new Error(`"${word}" in "${text}": write requests@ms, as in 2+3@40`);
    const numbers = requests.split('+').map((name) => Number(name.replace('_', '0')));
    return { event: { requests: sorted(numbers), atMs: Number(at) }, mayBeMissed: missed === '~' };
  });
}

/** How long the batcher waits for an idle instance before it looks around unasked. */
const SLEEP_MS = 500;

/**
 * The executions as they stand, and with every choice of those that the batcher may miss. Where payloads are
 * bound late it waits for an idle instance, and is woken at the end of an execution, often just before the
 * instance is idle. Nobody wakes it again: the next execution starts 500 ms after it began to wait, and all
 * others are later by as much. It began to wait when it had formed the batch before, if more was waiting then,
 * and otherwise when it missed the instance.
 */
function missedWakeUps(executions: readonly ParsedEvent[], arrivals: readonly Arrival[]): Event[][] {
  let ways: { readonly events: readonly Event[]; readonly laterMs: number }[] = [{ events: [], laterMs: 0 }];
  for (const [i, { event, mayBeMissed }] of executions.entries()) {
    const left = executions.slice(i).flatMap((later) => later.event.requests);
    ways = ways.flatMap(({ events, laterMs }) => {
      const startMs = event.atMs + laterMs;
      const beforeMs = events.at(-1)?.atMs ?? 0;
      const hadToWait = () => left.some((request) => arrivals[request - 1]!.atMs <= beforeMs);
      const starts = mayBeMissed ? [startMs, (hadToWait() ? beforeMs : startMs) + SLEEP_MS] : [startMs];
      return starts.map((atMs) => ({
        events: [...events, { ...event, atMs }],
        laterMs: laterMs + atMs - startMs,
      }));
    });
  }
  return ways.map(({ events }) => [...events]);
}

/** In the notation of the tables. */
export function printEvents(events: readonly Event[]): string {
  const shown = events.map(
    ({ requests, atMs }) => `${requests.map((each) => each || '_').join('+')}@${Math.round(atMs)}`,
  );
  return shown.join(' ') || 'nothing';
}

/** The ways of each model's executions. */
export function waysOf(row: Row): Readonly<Record<string, readonly (readonly Event[])[]>> {
  const arrivals = parseArrivals(row);
  const names = Object.keys(row.models);
  return Object.fromEntries(names.map((name) => [name, parseWays(row.executes[name] ?? '', arrivals)]));
}

/** A time by which everything in a row is over. */
export function endMs(row: Row): number {
  const { answers = '', refused = '', expired = '', errors = '' } = row;
  const events = [
    ...[answers, refused, expired, errors].flatMap((text) => parseWays(text)),
    ...Object.values(waysOf(row)).flat(),
  ].flat();
  const inferences = parseArrivals(row).reduce((sum, { size }) => sum + size, 0);
  const longestMs = Object.values(row.models).map((model) =>
    isEnsemble(model) ? 0 : model.serviceMs + (model.itemMs ?? 0) * inferences,
  );
  return Math.max(...events.map(({ atMs }) => atMs)) + Math.max(...longestMs) + 50;
}
