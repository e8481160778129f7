import { ProblemList } from '../../../src/base/problem.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { interpretModelConfig } from '../../../src/scenario/triton/interpret.js';
import { readModelConfigText } from '../../../src/scenario/triton/model-config-text.js';

/**
 * A row of the conformance table: what arrives at a model, and what Triton does with it. The same row runs on
 * the simulator and on a real server; both read the same text of a configuration.
 *
 * Times are milliseconds. The steps of a row are several times longer than any thread takes to wake up, so
 * that what happens follows from the rules of the scheduler and not from who was faster.
 */
export interface ConformanceCase {
  /** The rule that it shows, as a sentence. */
  readonly rule: string;
  /** Section of `triton-semantics.md` that says so. */
  readonly source: string;
  /** What is written in `config.pbtxt` about batching, scheduler and instances. */
  readonly config: string;
  /** Where the file says less than `config`, and Triton is to fill in the rest: all that it says; '' = no file. */
  readonly file?: string;
  /** Of the input that requests have, besides its name and type; `dims: [1]` where left out. */
  readonly input?: string;
  /** Time of an execution; 40 where left out. */
  readonly serviceMs?: number;
  /** Time on top for each inference; 0 where left out. */
  readonly itemMs?: number;
  /** The batcher does nothing until so many requests wait (Triton's `TRITONSERVER_DELAY_SCHEDULER`). */
  readonly heldUntil?: number;
  /**
   * Requests, `inferences@ms` in order; then a letter for the shape of the input, `p` with a priority level, `t`
   * with the request's own queue timeout in ms: `1@0 2@50b 1@60p1 1@70t30`. They are numbered from 1.
   */
  readonly arrives: string;
  /**
   * Executions, `requests@start`: `1@0 2+3@40`. Where two threads race, ways that differ are joined by `or`. A start
   * with a tilde, `2@40~`, may be missed by the batcher, which then sleeps on; see {@link missedWakeUps}.
   */
  readonly executes: string;
  /** Requests that are refused because the queue is full, `request@answer`. */
  readonly refused?: string;
  /** Requests that have waited too long, `request@answer`. */
  readonly expired?: string;
  /** When results are answered, `requests@answer`, where that is not simply the end of their execution. */
  readonly answers?: string;
  /** Where the real server does otherwise than `triton-semantics.md` says. */
  readonly finding?: string;
}

export interface Arrival {
  readonly atMs: number;
  readonly size: number;
  /** Of the one variable dimension; 1 for shape `a`, 2 for `b` … */
  readonly shape: number;
  /** 0 = none. */
  readonly priority: number;
  /** 0 = none. */
  readonly timeoutMs: number;
}

const ARRIVAL = /^(?<size>\d+)@(?<at>\d+)(?<shape>[a-c])?(p(?<priority>\d+))?(t(?<timeout>\d+))?$/;

/** The requests of a row, by time; two never arrive at once, because nobody could say which a server sees first. */
export function parseArrivals(arrives: string): Arrival[] {
  let beforeMs = -1;
  return words(arrives).map((word) => {
    const { size, at, shape = 'a', priority = 0, timeout = 0 } = ARRIVAL.exec(word)?.groups ?? {};
    const atMs = Number(at);
    if (!(atMs > beforeMs))
      throw new Error(`"${word}" in "${arrives}": write size@ms, later than the one before`);
    beforeMs = atMs;
    return {
      atMs,
      size: Number(size),
      shape: 1 + shape.charCodeAt(0) - 'a'.charCodeAt(0),
      priority: Number(priority),
      timeoutMs: Number(timeout),
    };
  });
}

/** Requests (numbered from 1) to which something happens at one time. */
export interface Event {
  readonly requests: readonly number[];
  readonly atMs: number;
}

/** What became of the requests of a row, each list by time. */
export interface Happened {
  /** Executions at their start. */
  readonly executions: readonly Event[];
  readonly refused: readonly Event[];
  readonly expired: readonly Event[];
  /** Results; those that come within a moment are one event. */
  readonly answers: readonly Event[];
}

/** What a row says must happen; more than one where threads race. `answers` is empty where it does not say. */
export function expectations(row: ConformanceCase): Happened[] {
  const certain = (text = '') => parseEvents(text).map(({ event }) => event);
  const others = {
    refused: certain(row.refused),
    expired: certain(row.expired),
    answers: certain(row.answers),
  };
  return row.executes
    .split(' or ')
    .flatMap((executes) => missedWakeUps(parseEvents(executes), parseArrivals(row.arrives)))
    .map((executions) => ({ executions, ...others }));
}

interface ParsedEvent {
  readonly event: Event;
  readonly mayBeMissed: boolean;
}

function parseEvents(text: string): ParsedEvent[] {
  return words(text).map((word) => {
    const { requests, at, missed } =
      /^(?<requests>\d+(\+\d+)*)@(?<at>\d+)(?<missed>~)?$/.exec(word)?.groups ?? {};
    if (requests === undefined) throw new Error(`"${word}" in "${text}": write requests@ms, as in 2+3@40`);
    const event = { requests: requests.split('+').map(Number), atMs: Number(at) };
    return { event, mayBeMissed: missed === '~' };
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
      const hadToWait = left.some((request) => arrivals[request - 1]!.atMs <= beforeMs);
      const missedMs = (hadToWait ? beforeMs : startMs) + SLEEP_MS;
      return (mayBeMissed ? [startMs, missedMs] : [startMs]).map((atMs) => ({
        events: [...events, { ...event, atMs }],
        laterMs: laterMs + atMs - startMs,
      }));
    });
  }
  return ways.map(({ events }) => [...events]);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** What a row's list of events says, in the notation of the table. */
export function printEvents(events: readonly Event[]): string {
  return events.map(({ requests, atMs }) => `${requests.join('+')}@${Math.round(atMs)}`).join(' ');
}

/** The whole `config.pbtxt` that `row.config` stands for. */
export function configText(row: ConformanceCase): string {
  return [
    'backend: "python"',
    row.config,
    `input [ { name: "INPUT0" data_type: TYPE_FP32 ${row.input ?? 'dims: [1]'} } ]`,
    'output [ { name: "EXECUTION" data_type: TYPE_INT64 dims: [2] } ]',
    `parameters { key: "fixed_us" value: { string_value: "${(row.serviceMs ?? SERVICE_MS) * 1000}" } }`,
    `parameters { key: "item_us" value: { string_value: "${(row.itemMs ?? 0) * 1000}" } }`,
    WARM_UP,
    '',
  ].join('\n');
}

/** The first execution of a Python process takes many times longer; this one is over before the model is ready. */
const WARM_UP = `model_warmup [ { name: "first" batch_size: 1
  inputs { key: "INPUT0" value: { data_type: TYPE_FP32 dims: [ 1 ] zero_data: true } } } ]`;

export const SERVICE_MS = 40;

/** The configuration as perseus reads it from the text. */
export function readConfig(row: ConformanceCase, model: string): ModelConfig {
  const problems = new ProblemList();
  const source = readModelConfigText(configText(row), 'config.pbtxt', problems);
  const config = source && interpretModelConfig(source, { name: model, devices: 0 }, problems);
  problems.throwIfAny();
  return config!;
}

/** A time by which everything in a row is over. */
export function endMs(row: ConformanceCase): number {
  const ways = expectations(row).flatMap(({ executions, refused, expired, answers }) => [
    ...[...executions, ...refused, ...expired, ...answers],
  ]);
  const inferences = parseArrivals(row.arrives).reduce((sum, { size }) => sum + size, 0);
  const last = Math.max(...ways.map(({ atMs }) => atMs));
  return last + (row.serviceMs ?? SERVICE_MS) + (row.itemMs ?? 0) * inferences;
}
