import { type Random, RandomStreams } from '../../../src/base/random.js';
import { differences } from './compare.js';
import { type Event, type Happened, printEvents } from './events.js';
import { runOnSimulator, type SimulatedThreads } from './on-simulator.js';
import { isEnsemble, parseArrivals, type Row, type RowModel } from './row.js';
import { RowDrawing } from './row-drawing.js';

/** By so much any execution may take longer, and any request may come later, without another outcome. */
const JITTER_MS = 7;
/** What an ensemble may take to hand a request on to a step: longer than a batcher takes to wake. */
const STEP_US = 200;
/** What jitter along a request may come to. */
const JITTER_SUM_MS = 60;
const VARIANTS = 16;
const THREADS: SimulatedThreads = { batcherWinsShare: 0, seed: 1, eventLoop: true };

/**
 * Random scenarios with what the simulator makes of them as what must happen. Left out are those in which threads race: whose
 * outcome is another one where executions or arrivals are some milliseconds later.
 */
export function randomRows(count: number, seed: number): Row[] {
  const rows: Row[] = [];
  for (let number = 1; rows.length < count; number++) {
    const row = settledRow(number, seed);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function settledRow(number: number, seed: number): Row | undefined {
  const streams = new RandomStreams(`${seed} ${number}`);
  const draft = new RowDrawing(streams.get('row')).row(`random ${number} of seed ${seed}`);
  const jitter = streams.get('jitter');
  try {
    const row = asExpected(draft, runOnSimulator(draft, THREADS));
    if (row === undefined) return undefined;
    for (let i = 0; i < VARIANTS; i++) {
      const threads = { ...THREADS, batcherWinsShare: i % 2, seed: i, ensembleStepUs: STEP_US * (i % 3) };
      const happened = runOnSimulator(later(row, jitter), threads);
      if (differences(row, happened, JITTER_SUM_MS).length > 0) return undefined;
    }
    return row;
  } catch (error) {
    // A scenario that perseus refuses.
    if (error instanceof Error && error.name === 'InputError') return undefined;
    throw error;
  }
}

function asExpected(draft: Row, happened: Happened): Row | undefined {
  const { executions, answers, refused, expired, errors, streams, cache } = happened;
  const ended = answers.length + refused.length + expired.length + errors.length;
  if (ended < draft.arrives.split(' ').length) return undefined;
  // A step that is refused beside others hangs the real 24.10.
  const models = parseArrivals(draft).map(({ model }) => draft.models[model]!);
  if (refused.some(({ requests }) => requests.some((each) => isEnsemble(models[each - 1]!))))
    return undefined;
  const text = (events: readonly Event[]) => (events.length === 0 ? undefined : printEvents(events));
  const lists = {
    refused: text(refused),
    expired: text(expired),
    errors: text(errors),
    streams: text(streams),
  };
  return {
    ...draft,
    executes: Object.fromEntries(
      Object.entries(executions).map(([name, events]) => [name, printEvents(events)]),
    ),
    answers: text(answers) ?? '',
    ...Object.fromEntries(Object.entries(lists).filter(([, events]) => events !== undefined)),
    cache: Object.fromEntries(Object.entries(cache).filter(([, { hits, misses }]) => hits + misses > 0)),
  };
}

/** The same row on a machine that is slower now and then. */
function later(row: Row, random: Random): Row {
  const models = Object.entries(row.models).map(([name, model]): [string, RowModel] => {
    if (isEnsemble(model)) return [name, model];
    return [name, { ...model, serviceMs: model.serviceMs + random.next() * JITTER_MS }];
  });
  const arrives = row.arrives.replace(/@(\d+)/g, (_, at) => `@${Number(at) + random.nextInt(JITTER_MS)}`);
  return { ...row, models: Object.fromEntries(models), arrives };
}
