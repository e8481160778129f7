import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Scenario, ServerOptions } from '../../src/scenario/scenario.js';
import { config, profile, scenario, server, tenant } from './scenario.js';

/** Closed-loop clients that send again so long after their answer, and the queue limit that they meet. */
export interface ClosedLoop {
  readonly concurrency?: number;
  readonly thinkUs?: number;
  /** 0: none, as in Triton. */
  readonly maxQueueSize?: number;
  /** From the answers of an execution until its instance is free. */
  readonly afterUs?: number;
}

/** Closed-loop clients of one model of 4 ms for 20 s, whose requests and answers are 0.1 ms on their way each. */
export function closedLoopOf(
  options: Partial<ServerOptions>,
  { concurrency = 1, thinkUs = 0, maxQueueSize = 100, afterUs = 400 }: ClosedLoop = {},
): Scenario {
  const limit = { defaultQueuePolicy: { ...NO_QUEUE_POLICY, maxQueueSize } };
  const response = { fixedUs: afterUs, perRequestUs: 0, perKilobyteUs: 0 };
  const model = { config: config('m', 1, limit), profile: profile('m', 4, 0, { response }) };
  const host = server('s', { models: [model], wakeUs: 50, pickUpUs: 5 });
  const network = { ...host.network, requestDelayUs: 100, responseDelayUs: 100 };
  const thinkTime = { law: 'constant', meanUs: thinkUs } as const;
  const load = { mode: 'closed', concurrency, thinkTime, maxRequests: Number.POSITIVE_INFINITY } as const;
  const raced = { ...host, network, options: { ...host.options, ...options } };
  return scenario([raced], [tenant('t', 'm', load)], 20);
}
