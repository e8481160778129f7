import { expect, test } from 'vitest';
import { measureSteps } from '../../src/calibrate/measure-steps.js';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { config } from '../support/scenario.js';
import { counted } from './fit/observed.js';

const SLEEP_MS = 500;
const QUEUE_US = 60;

/** A server that counts executions of a millisecond; the request of that number is not seen before the batcher has slept its time out. */
function oversleeping(number: number): InferenceClient {
  let requests = 0;
  let overslept = 0;
  return {
    prepare: () => ({}),
    send: (_: unknown, done: () => void) => {
      requests++;
      if (requests === number) overslept++;
      setTimeout(done, requests === number ? SLEEP_MS : 0);
    },
    statistics: async () => {
      const all = counted('m', requests, 1000, 1000 + QUEUE_US);
      const moreNs = overslept * SLEEP_MS * 1e6;
      const longer = ({ count, ns }: { count: number; ns: number }) => ({ count, ns: ns + moreNs });
      return [{ ...all, queue: longer(all.queue), success: longer(all.success) }];
    },
  } as never;
}

test('a request for which nobody woke the batcher is no part of what threads take to wake', async () => {
  const experiment = { kind: 'sequential', id: 'm/sequential-1', model: 'm', batchSize: 1 } as const;
  const { statistics, clients } = await measureSteps(experiment, {
    client: oversleeping(40),
    configs: new Map([['m', config('m', 8, { maxQueueDelayUs: 200 })]]),
    inputs: () => ({}),
    longestS: 2,
  } as never);
  const { queue } = statistics[0]!;
  expect(queue.ns / queue.count / 1000).toBeCloseTo(QUEUE_US, 3);
  expect(clients[0]!.completed).toBe(queue.count);
  expect(clients[0]!.meanUs).toBeLessThan(0.1 * SLEEP_MS * 1000);
});
