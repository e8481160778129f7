import { expect, it } from 'vitest';
import type { TracedModel } from '../../../src/calibrate/traffic/executions.js';
import { slowdownSentences, traceSentences } from '../../../src/calibrate/traffic/trace-notes.js';
import { config } from '../../support/scenario.js';

const FACTS = { device: 'GPU', source: 'test', date: '2026-01-01' };
const MS = 1e6;

/** A model that executes from 0 to 10 ms, with requests that wait in these milliseconds. */
function traced(model: string, waitsMs: readonly (readonly [number, number])[] = []): TracedModel {
  const execution = { model, requests: 1, startNs: 0, inputEndNs: 0, outputStartNs: 10 * MS, endNs: 10 * MS };
  return {
    model,
    executions: [{ ...execution, releasedNs: 10 * MS }],
    frontEndUs: [1],
    waits: waitsMs.map(([from, to]) => ({ fromNs: from * MS, toNs: to * MS })),
  };
}

it('a slowdown is rough where its interval is wider than a quarter of it, and missing where a model has none', () => {
  const models = ['a', 'b', 'c', 'd'].map((name) => traced(name));
  const slowdowns = [
    { kind: 1, slowdown: 2, halfWidth: 0.5, executions: 40 },
    { kind: 2, slowdown: 2, halfWidth: 0.51, executions: 40 },
  ];
  expect(slowdownSentences(slowdowns, models, 'a')).toEqual([
    'The slowdown beside c is rough: 2.00 ±0.51.',
    'It ran too seldom beside d for a slowdown.',
  ]);
  // With several instances of its own there may be one beside itself.
  expect(slowdownSentences(slowdowns.slice(0, 1), models, undefined)).toEqual([
    'It ran too seldom beside a, c, d for a slowdown.',
  ]);
  const unknown = [{ kind: 0, slowdown: 1, halfWidth: Number.NaN, executions: 30 }];
  expect(slowdownSentences(unknown, models.slice(0, 1), undefined)).toEqual([
    'The slowdown beside a is rough: 1.00 ±unknown.',
  ]);
});

it('waiting where nothing executes is told unless that is usual: half a millisecond, a queue delay, or a thinned trace', () => {
  const notes = (waits: readonly (readonly [number, number])[], options = {}, facts = {}) =>
    traceSentences(traced('a', waits), { ...FACTS, ...facts }, { requestBatch: 1, ...options });
  // Of the first wait all but half a millisecond lies beside the execution, of the second nothing.
  expect(notes([[4, 8.5]])).toEqual([]);
  expect(
    notes([
      [4, 8.5],
      [20, 24.4],
    ]),
  ).toEqual([]);
  expect(
    notes([
      [4, 8.5],
      [20, 24.6],
    ]),
  ).toEqual([
    '51 % of the waiting lies where no traced execution ran: if not every request was traced (rate=1), batches are too small here.',
  ]);
  expect(notes([[20, 20.5]])).toEqual([]);
  expect(notes([[20, 24]], { traceRate: 10 })).toEqual([]);
  const configs = new Map([['a', config('a', 8, { maxQueueDelayUs: 4000 })]]);
  expect(notes([[20, 24]], {}, { configs })).toEqual([]);
});

it('what was not traced is said to count as nothing', () => {
  const bare = traced('a');
  const notes = traceSentences(
    {
      ...bare,
      frontEndUs: [],
      executions: bare.executions.map((each) => ({ ...each, releasedNs: Number.NaN })),
    },
    FACTS,
    {},
  );
  expect(notes).toEqual([
    'Each request counts as one inference: the trace does not hold the batch of a request.',
    'The time in the front end was not traced and counts as 0.',
    'When requests were done with was not traced: responses count as taking no time.',
  ]);
});
