import { expect, test } from 'vitest';
import { observationOf } from '../../src/calibrate/assemble-observation.js';
import type { Experiment } from '../../src/calibrate/experiment.js';
import type { Load } from '../../src/scenario/scenario.js';
import { loadOptions, loadTenant, QueueingServer } from '../live/load/fake-client.js';
import { runVirtually, VirtualTime } from '../live/load/virtual-time.js';
import { arrivals } from '../support/scenario.js';

const END_US = 10_000;

/** What a client saw of a server that takes 4 ms for each request. */
async function seen(experiment: Experiment, load: Load) {
  const time = new VirtualTime();
  const { client } = new QueueingServer(time, () => ({ serviceUs: 4000 }));
  const result = await runVirtually(
    time,
    loadOptions(client, [loadTenant('m', load)], { durationUs: END_US, drainMs: 9 }),
  );
  const part = { result, durationS: END_US / 1e6, statistics: [], slices: [] };
  return observationOf(experiment, [{ model: 'm', batchSize: 1, load: () => load }], [part], 0).clients[0]!;
}

test('an open loop is seen with the answers of its drain, which the server counts, too', async () => {
  const alone = { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 } as const;
  const client = await seen(alone, arrivals([0, 1000, 7000, 7500, 9000]));
  // The last one comes after the drain.
  expect(client.latenciesUs).toEqual([4000, 7000, 5000, 8500, -1]);
  expect(client.completed).toBe(4);
  expect(client.meanUs).toBe((4000 + 7000 + 5000 + 8500) / 4);
});

test('a closed loop is seen without them: its last executions are of fewer clients', async () => {
  const saturated = { kind: 'saturated', id: 'm/s', model: 'm', batchSize: 1, concurrency: 3 } as const;
  const thinkTime = { law: 'constant', meanUs: 0 } as const;
  const client = await seen(saturated, { mode: 'closed', concurrency: 3, thinkTime, maxRequests: Infinity });
  expect(client.completed).toBe(2);
});
