import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLive } from '../../src/live/run-live.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { config, poisson, profile, scenario, server, tenant } from '../support/scenario.js';
import { describeLive, startTriton, type TestTriton } from './support/triton.js';

const DURATION_S = 6;
const MODEL = 'short_queue';
const POLICY = { ...NO_QUEUE_POLICY, maxQueueSize: 2 };
const OFFERED_PER_S = 100;

/**
 * Half of what one instance of 5 ms can do, so that without a limit hardly a request would wait. How often the batcher looks
 * before the instance is idle is what a calibration found for models that are bound late.
 */
function halfLoaded() {
  const batching = { defaultQueuePolicy: POLICY };
  const model = { config: config(MODEL, 1, batching), profile: profile(MODEL, 5.1, 0.1) };
  const host = server('s', { models: [model], wakeUs: 45, pickUpUs: 5, batcherWinsShare: 0.3 });
  const load = poisson(MODEL, OFFERED_PER_S, OFFERED_PER_S * DURATION_S);
  return scenario([host], [tenant('people', MODEL, load)], DURATION_S);
}

function answeredPerS({ outcome }: RequestLog): number {
  return outcome.filter((each) => each === Outcome.completed).length / DURATION_S;
}

describeLive('a queue limit that fills', () => {
  let triton: TestTriton;

  beforeAll(async () => {
    const dynamicBatching = { default_queue_policy: { max_queue_size: POLICY.maxQueueSize } };
    triton = await startTriton({
      models: [
        { kind: 'sleeping', name: MODEL, fixedUs: 5000, itemUs: 100, maxBatchSize: 1, dynamicBatching },
      ],
    });
  }, 120_000);

  afterAll(() => triton?.stop({ graceMs: 3000 }));

  it('stops the server for half a second again and again: refused requests wake nobody, live and simulated', async () => {
    const client = connectTriton({ url: triton.url });
    try {
      const played = halfLoaded();
      const live = answeredPerS((await runLive(played, { servers: [{ client }], pacer: 'sleep' })).log);
      const simulated = answeredPerS(simulate(played).log);
      expect(live).toBeLessThan(OFFERED_PER_S / 3);
      expect(simulated).toBeLessThan(OFFERED_PER_S / 3);
    } finally {
      client.close();
    }
  }, 60_000);
});
