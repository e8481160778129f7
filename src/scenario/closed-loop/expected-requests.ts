import type { Scenario, Tenant } from '../scenario.js';
import { InstanceTime } from './instance-time.js';
import { refusedPerS, sentPerS } from './rounds.js';

/**
 * How many requests closed-loop clients send, estimated from above and without a simulation: the smaller of what they send
 * when nobody waits, and of what the instances can answer in their best batches. What a full queue refuses comes on top.
 * Tenants share the time of the instances, so each is asked for once.
 */
export class ExpectedRequests {
  readonly #servers: Scenario['servers'];
  readonly #durationS: number;
  readonly #time: InstanceTime;

  constructor({ servers, durationUs }: Pick<Scenario, 'servers' | 'durationUs'>) {
    this.#servers = servers;
    this.#durationS = durationUs / 1e6;
    this.#time = new InstanceTime(servers);
  }

  /** Requests of one tenant; 0 where it is no closed loop, Infinity where nothing in the loop takes time. */
  of(tenant: Tenant): number {
    const { load } = tenant;
    if (load.mode !== 'closed') return 0;
    const perS =
      this.#time.answeredPerS(tenant, sentPerS(tenant, this.#servers)) + refusedPerS(tenant, this.#servers);
    return Math.min(load.maxRequests, load.concurrency + perS * this.#durationS);
  }
}
