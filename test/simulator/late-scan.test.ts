import { expect, it } from 'vitest';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const TIMED = { ...NO_QUEUE_POLICY, defaultTimeoutUs: 100_000, allowTimeoutOverride: true };
const VARIABLE = { name: 'x', dataType: 'TYPE_FP32', dims: [-1], allowRaggedBatch: false, optional: false };

it.each([false, true])(
  'one whose time is over behind a request of another shape is dropped by the scan that comes so far (eventLoop: %s)',
  (eventLoop) => {
    const batching = config('m', 4, { defaultQueuePolicy: TIMED });
    const model = { config: { ...batching, inputs: [VARIABLE] }, profile: profile('m', 10, 0) };
    const spec = scenario(
      [server('s', { models: [model] })],
      [
        // Of these the first runs until 10 ms, the second from then on.
        tenant('same', 'm', arrivals([0, 1000]), { shape: 0 }),
        tenant('other', 'm', arrivals([2000]), { shape: 1 }),
        tenant('behind', 'm', arrivals([3000]), { shape: 0, timeoutUs: 2000 }),
      ],
      1,
    );
    const { log } = simulate(spec, { eventLoop });
    const behind = log.plannedUs.indexOf(3000);
    // At 10 ms the batcher looks no further than the other shape; at 20 ms it comes by.
    expect(log.outcome[behind]).toBe(Outcome.timedOut);
    expect(log.endedUs[behind]).toBe(20_000);
  },
);

it('one whose time is over while no instance is free is dropped 500 ms after the last look, also after looks at an empty queue', () => {
  const model = { config: config('m', 1, { defaultQueuePolicy: TIMED }), profile: profile('m', 4000, 0) };
  const load = arrivals([0, 10_000, 1_600_000]);
  const { log } = simulate(scenario([server('s', { models: [model] })], [tenant('t', 'm', load)], 5));
  // Looks from the begin of the execution on, every 500 ms; that at 1500 ms finds nobody in the queue.
  expect(Array.from(log.outcome)).toEqual([Outcome.completed, Outcome.timedOut, Outcome.timedOut]);
  expect(Array.from(log.endedUs)).toEqual([4_000_000, 1_000_000, 2_000_000]);
});
