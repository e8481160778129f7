import { expect, test } from 'vitest';
import { liveServer } from '../../src/calibrate/live-server.js';
import { measureSteps } from '../../src/calibrate/measure-steps.js';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { WARM_UPS } from '../../src/live/warm-up.js';
import { config } from '../support/scenario.js';
import { counted } from './fit/observed.js';

const SLEEP_MS = 500;
const QUEUE_US = 60;

/** A server that counts executions of a millisecond; requests of those numbers are not seen before the batcher has slept its time out. */
function losingWakeUps(isLostWakeUp: (number: number) => boolean): InferenceClient {
  let requests = 0;
  let lostWakeUps = 0;
  return {
    prepare: () => ({}),
    send: (_: unknown, done: () => void) => {
      requests++;
      if (isLostWakeUp(requests)) lostWakeUps++;
      setTimeout(done, isLostWakeUp(requests) ? SLEEP_MS : 0);
    },
    statistics: async () => {
      const all = counted('m', requests, 1000, 1000 + QUEUE_US);
      const moreNs = lostWakeUps * SLEEP_MS * 1e6;
      const longer = ({ count, ns }: { count: number; ns: number }) => ({ count, ns: ns + moreNs });
      return [{ ...all, queue: longer(all.queue), success: longer(all.success) }];
    },
  } as never;
}

function measured(client: InferenceClient, longestS: number) {
  const experiment = { kind: 'sequential', id: 'm/sequential-1', model: 'm', batchSize: 1 } as const;
  return measureSteps(experiment, {
    server: liveServer({
      client,
      configs: new Map([['m', config('m', 8, { maxQueueDelayUs: 200 })]]),
      inputs: () => ({}),
    }),
    longestS,
  } as never);
}

test('a request for which nobody woke the batcher is no part of what threads take to wake', async () => {
  const { statistics, clients } = await measured(
    losingWakeUps((number) => number === 40),
    2,
  );
  const { queue } = statistics[0]!;
  expect(queue.ns / queue.count / 1000).toBeCloseTo(QUEUE_US, 3);
  expect(clients[0]!.completed).toBe(queue.count);
  expect(clients[0]!.meanUs).toBeLessThan(0.1 * SLEEP_MS * 1000);
});

test('a model whose batcher sleeps at every request is refused with what to do', async () => {
  const never = losingWakeUps(() => true);
  await expect(measured(never, 0.1)).rejects.toMatchObject({
    message: expect.stringContaining('every request to "m" waited for half a second'),
    remedy: 'calibrate it without its queue policy',
  });
});

test('a slow model of which the one step that there was time for is counted late was executed once', async () => {
  let requests = 0;
  let counts = 0;
  const slow = {
    prepare: () => ({}),
    send: (_: unknown, done: () => void) => {
      const isWarmUp = requests++ < WARM_UPS;
      setTimeout(done, 20);
      setTimeout(() => counts++, isWarmUp ? 10 : 30);
    },
    statistics: async () => [counted('m', counts, 20_000)],
  } as never;
  const { statistics, durationS } = await measured(slow, 0.001);
  expect(statistics[0]!.executionCount).toBe(1);
  expect(durationS).toBeGreaterThan(0);
});
