import { afterEach, expect, it, vi } from 'vitest';
import { probeCalls } from '../../src/calibrate/composed/lone-blocks.js';
import type { InferenceClient, ModelStatistics, PreparedRequest } from '../../src/live/inference-client.js';

afterEach(() => vi.restoreAllMocks());

/**
 * A server on which each request to `own` makes `helper` execute twice, and on which another calibration sends to `other`: with
 * the warm-up request and each of both blocks so many.
 */
function server(others: readonly number[]): InferenceClient {
  const counts = { own: 0, helper: 0, other: 0 };
  let block = -1;
  let isResting = true;
  return {
    statistics: async () => {
      isResting = true;
      return Object.entries(counts).map(([model, count]) => statisticsOf(model, count));
    },
    send: (_: PreparedRequest, done: (error: undefined) => void) => {
      if (isResting) counts.other += others[++block] ?? 0;
      isResting = false;
      counts.own++;
      counts.helper += 2;
      setImmediate(done, undefined);
    },
  } as unknown as InferenceClient;
}

function statisticsOf(model: string, count: number): ModelStatistics {
  const sum = { count, ns: count * 1000 };
  return {
    ...{ model, version: '1', inferenceCount: count, executionCount: count, success: sum },
    ...{ fail: { count: 0, ns: 0 }, queue: sum, computeInput: sum, computeInfer: sum, computeOutput: sum },
    batches: [],
  };
}

/** Blocks of so many requests. */
function drawing(first: number, second: number): void {
  const draws = [(first - 5) / 10, (second > first ? second - 6 : second - 5) / 9];
  let next = 0;
  vi.spyOn(Math, 'random').mockImplementation(() => draws[next++]! + 1e-9);
}

const own = { model: 'own' } as PreparedRequest;

it('finds how often another model executes for each request', async () => {
  drawing(5, 7);
  expect(await probeCalls(server([]), own)).toEqual(new Map([['helper', 2]]));
});

it('does not take the requests of a calibration that began at the same time for calls', async () => {
  drawing(8, 12);
  const found = await probeCalls(server([1, 5, 7]), own);
  expect(found.get('helper')).toBe(2);
  expect(found.get('other')).toBeNaN();
});
