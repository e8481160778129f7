import type { ModelProfile } from '../../src/profile/profile.js';
import type { ServedModel, Tenant } from '../../src/scenario/scenario.js';

/** Longer than any run, ms. */
const FOREVER_MS = 86_400_000;

const NAME = 'other processes';

/**
 * What else runs on the server's host. The simulator's hosts have no load besides their models, so a
 * model stands for it that has one execution, never ends, and keeps that many threads runnable.
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
  return {
    config: {
      name: NAME,
      platform: '',
      backend: '',
      maxBatchSize: 0,
      inputs: [],
      outputs: [],
      instanceGroups: [],
    },
    instances: [{ device, profile }],
  };
}

/** Starts it at the beginning of the run; `model` is its index on the server. */
export function otherProcessesStart(model: number): Tenant {
  return {
    name: NAME,
    model: NAME,
    targets: [{ server: 0, model }],
    routing: 'roundRobin',
    load: { mode: 'closed', concurrency: 1, thinkTime: { law: 'constant', meanUs: 0 }, maxRequests: 1 },
    batchSize: 1,
    requestBytes: 0,
    responseBytes: 0,
    priority: 0,
    timeoutUs: 0,
    shape: 0,
  };
}
