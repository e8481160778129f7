import type { ModelProfile } from '../../src/profile/profile.js';
import type { ServedModel, Tenant } from '../../src/scenario/scenario.js';
import { plainConfig, plainTenant } from '../support/made-scenario.js';

/** Longer than any run, ms. */
const FOREVER_MS = 86_400_000;

const NAME = 'other processes';

/**
 * What else runs on the server's host, from the first request on: a model with one execution, which never ends and keeps that many
 * threads runnable. (A host's `backgroundCores` begin 0.1 ms sooner: four of 3,000 published figures then move by 0.001 ms.)
 */
export function otherProcesses(threads: number, like: ModelProfile, device: number): ServedModel {
  const profile: ModelProfile = {
    ...like,
    model: NAME,
    service: [
      { batchSize: 1, inputMs: 0, inferMs: FOREVER_MS, outputMs: 0, executions: 0, relativeError: 0 },
    ],
    spread: { law: 'none' },
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    linearIdlePenalty: { freeMs: 0, msPerIdleMs: 0, maxIdleMs: 0 },
    hostCores: { input: 0, infer: threads, output: 0, response: 0 },
    interference: { pairs: [] },
  };
  return { config: plainConfig(NAME, 0), instances: [{ device, profile }] };
}

/** Starts it at the beginning of the run; `model` is its index on the server. */
export function otherProcessesStart(model: number): Tenant {
  const thinkTime = { law: 'constant', meanUs: 0 } as const;
  return plainTenant({
    name: NAME,
    model: NAME,
    targets: [{ server: 0, model }],
    load: { mode: 'closed', concurrency: 1, thinkTime, maxRequests: 1 },
  });
}
