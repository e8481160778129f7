import { expect, it } from 'vitest';
import { addCriticalPath, visitCriticalPath } from '../../src/metrics/figures/critical-path.js';
import { Outcome } from '../../src/trace/request-log.js';
import { type ShapedCall, shapedLog } from '../support/request-shapes.js';

/** What a request that took 1000 us and made these calls waited for. */
function pathOf(calls: readonly ShapedCall[]) {
  // A second request, without a call, makes this no log of single calls.
  const log = shapedLog(
    [
      { plannedUs: 0, endedUs: 1000, calls },
      { plannedUs: 0, endedUs: 1, calls: [] },
    ],
    2000,
  );
  const time = { queue: 0, input: 0, infer: 0, output: 0 };
  addCriticalPath(log, 0, time);
  return time;
}

const executed = (
  number: number,
  queuedUs: number,
  waitUs: number,
  inferUs: number,
  parent?: number,
): ShapedCall => ({
  queuedUs,
  execution: { number, startedUs: queuedUs + waitUs, inferUs },
  endedUs: queuedUs + waitUs + inferUs,
  ...(parent !== undefined && { parent }),
});

it('goes through steps one after the other', () => {
  expect(pathOf([executed(0, 0, 100, 200), executed(1, 300, 50, 400)])).toMatchObject({
    queue: 150,
    infer: 600,
  });
});

it('goes through the last to end of calls beside each other', () => {
  const calls = [
    executed(0, 0, 10, 90),
    executed(1, 100, 20, 300),
    executed(2, 100, 30, 500),
    executed(3, 630, 40, 200),
  ];
  expect(pathOf(calls)).toMatchObject({ queue: 10 + 30 + 40, infer: 90 + 500 + 200 });
});

it('leaves calls out that had not ended', () => {
  const open = { queuedUs: 0, endedUs: Number.NaN };
  const calls = [executed(0, 600, 0, 300), open, executed(1, 0, 100, 500), open, executed(2, 300, 20, 200)];
  expect(pathOf(calls)).toMatchObject({ queue: 100, infer: 800 });
});

it('gives the time for which a model waits for those that it calls to these', () => {
  const calls = [executed(0, 0, 100, 800), executed(1, 200, 50, 250, 0), executed(2, 200, 50, 150, 0)];
  expect(pathOf(calls)).toMatchObject({ queue: 150, infer: 800 - 300 + 250 });
});

it('counts an attempt that was given up in a queue as waiting, and a result from a cache not', () => {
  const givenUp = { queuedUs: 0, endedUs: 300, outcome: Outcome.timedOut };
  const cached = { queuedUs: 300, endedUs: 350 };
  expect(pathOf([givenUp, cached, executed(0, 350, 10, 90)])).toMatchObject({ queue: 310, infer: 90 });
});

it('ends, whatever the times: calls of no length, and ends before beginnings', () => {
  const instant = { queuedUs: 500, endedUs: 500 };
  expect(pathOf([instant, instant, executed(0, 0, 100, 400)])).toMatchObject({ queue: 100, infer: 400 });
  const backwards = (endedUs: number) => ({ queuedUs: endedUs + 5, endedUs });
  expect(pathOf([backwards(5), backwards(8)])).toMatchObject({ queue: 0, infer: 0 });
  expect(pathOf([{ queuedUs: Number.NaN, endedUs: Number.NaN }])).toMatchObject({ queue: 0, infer: 0 });
});

it('follows the responses of a decoupled model, whether the next call came with its last one or before it ended', () => {
  // It executes for 100 us and answers until 700.
  const streaming = { ...executed(0, 0, 0, 100), endedUs: 700 };
  const streamedUs = (calls: readonly ShapedCall[]) => {
    const found: [number, number][] = [];
    const requests = [
      { plannedUs: 0, endedUs: 1000, calls },
      { plannedUs: 0, endedUs: 1, calls: [] },
    ];
    const log = shapedLog(requests, 2000);
    log.calls.responseUs.fill(0);
    visitCriticalPath(log, 0, (call, { streamed }) => found.push([call, streamed]));
    return found;
  };
  expect(streamedUs([streaming, executed(1, 300, 0, 50), executed(2, 700, 0, 300)])).toEqual([
    [2, 0],
    [0, 600],
  ]);
  expect(streamedUs([streaming, executed(1, 300, 0, 50), executed(2, 500, 0, 500)])).toEqual([
    [2, 0],
    [0, 400],
  ]);
  // The call before it ended just then.
  expect(streamedUs([streaming, executed(1, 300, 0, 200), executed(2, 500, 0, 500)])).toEqual([
    [2, 0],
    [1, 0],
    [0, 200],
  ]);
});
