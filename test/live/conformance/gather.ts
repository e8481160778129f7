import type { Event, Happened } from './conformance-case.js';

/** What is known of single requests, numbered from 1, in any order. */
export interface Observed {
  /** `execution` is the same for requests that ran together. */
  readonly started: readonly {
    readonly request: number;
    readonly execution: number | bigint;
    readonly atMs: number;
  }[];
  readonly refused: readonly Moment[];
  readonly expired: readonly Moment[];
  readonly answered: readonly Moment[];
}

interface Moment {
  readonly request: number;
  readonly atMs: number;
}

/** Answers that come within this time are one event: a batch is answered one request after the other. */
const TOGETHER_MS = 8;

/** What happened, from what is known of single requests. */
export function gather({ started, refused, expired, answered }: Observed): Happened {
  return {
    executions: executionsOf(started),
    refused: byTime(refused).map(({ request, atMs }) => ({ requests: [request], atMs })),
    expired: byTime(expired).map(({ request, atMs }) => ({ requests: [request], atMs })),
    answers: answersOf(answered),
  };
}

function executionsOf(started: Observed['started']): Event[] {
  const members = new Map<number | bigint, Observed['started'][number][]>();
  for (const each of started) members.set(each.execution, [...(members.get(each.execution) ?? []), each]);
  const events = [...members.values()].map((batch) => ({
    requests: batch.map(({ request }) => request).sort((a, b) => a - b),
    atMs: batch[0]!.atMs,
  }));
  return byTime(events);
}

function answersOf(answered: readonly Moment[]): Event[] {
  const events: { requests: number[]; atMs: number }[] = [];
  for (const { request, atMs } of byTime(answered)) {
    const last = events.at(-1);
    if (last !== undefined && atMs - last.atMs < TOGETHER_MS) last.requests.push(request);
    else events.push({ requests: [request], atMs });
  }
  for (const { requests } of events) requests.sort((a, b) => a - b);
  return events;
}

function byTime<Item extends { readonly atMs: number }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => a.atMs - b.atMs);
}
