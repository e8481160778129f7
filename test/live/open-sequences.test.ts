import { expect, it } from 'vitest';
import type { RequestMark } from '../../src/live/inference-client.js';
import { endOpenSequences, openSequences } from '../../src/live/open-sequences.js';
import { simulate } from '../../src/simulator/simulate.js';
import { SEQUENCE_END, SEQUENCE_START } from '../../src/trace/sequence-flags.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';
import { fakeClient } from './load/fake-client.js';

/** Sequence 1 ends, 2 and 3 do not, 4 begins after the end of the run. */
const TRACE = arrivals([0, 1000, 2000, 3000, 4000, 90_000], {
  sequenceId: Float64Array.of(1, 2, 1, 3, 0, 4),
  sequenceFlags: Uint16Array.of(
    SEQUENCE_START,
    SEQUENCE_START,
    SEQUENCE_END,
    SEQUENCE_START,
    0,
    SEQUENCE_START,
  ),
});
const PLAYED = scenario(
  [server('s', { models: [{ config: config('m', 8), profile: profile('m', 1, 0) }] })],
  [tenant('plain', 'm', arrivals([0, 500])), tenant('calls', 'm', TRACE)],
  0.05,
);

it('sequences that a run has begun and not ended are ended after it, under the names that the server knows', async () => {
  const { log } = simulate(PLAYED);
  expect(openSequences(PLAYED, 0, log)).toEqual([]);
  expect(openSequences(PLAYED, 1, log)).toEqual([2 * 2 + 1, 3 * 2 + 1]);
  const marks: (RequestMark | undefined)[] = [];
  const client = fakeClient((request, done) => {
    marks.push((request as { mark?: RequestMark }).mark);
    done(undefined);
  });
  const request = { model: 'm', batchSize: 1, bytes: new Uint8Array() };
  await endOpenSequences(PLAYED, log, () => [{ client, request }]);
  expect(marks).toEqual([5, 7].map((id) => ({ sequence: { id, starts: false, ends: true } })));
});
