import type { ComponentSetup } from '../component-run.js';
import { keepsOrder } from '../service/hand-over.js';
import { responseNs } from '../service/served-run.js';
import type { FastPathExecution } from './fast-path-sink.js';
import type { KnownArrivals } from './known-arrivals.js';

/** Who takes requests in an order of its own: their positions in the order of admission, as it took them. A column that grows. */
export interface TakenOrder {
  readonly order: Int32Array;
}

/** When the responses to a fast path's requests leave their instance: by the same rules whatever its sink keeps of it. */
export class FastPathResponses {
  readonly #setup: ComponentSetup;
  readonly #model: number;
  readonly #arrivals: KnownArrivals;
  readonly #preserveOrder: boolean;
  /**
   * Whether those of an execution leave with the end of its output phase, to requests that were admitted one after the
   * other. A field, as it is asked for every execution.
   */
  areAtOnce: boolean;
  #taken: TakenOrder | undefined;
  /** When the last response of all earlier executions was ready. */
  #lastReadyNs = 0;

  constructor(setup: ComponentSetup, model: number, arrivals: KnownArrivals) {
    this.#setup = setup;
    this.#model = model;
    this.#arrivals = arrivals;
    this.#preserveOrder = keepsOrder(setup.served[model]!, setup.server(setup.component.served[model]!));
    this.areAtOnce =
      !this.#preserveOrder &&
      setup.served[model]!.instances.every(
        ({ profile: { response } }) => response.perRequestUs === 0 && response.perKilobyteUs === 0,
      );
  }

  /** Tells it who takes requests in another order than that of admission. */
  attach(taken: TakenOrder | undefined): void {
    this.#taken = taken;
    if (taken !== undefined) this.areAtOnce = false;
  }

  /** Position in the order of admission of a request, from its index in the order in which the batcher took them. */
  positionOf(index: number): number {
    return this.#taken === undefined ? index : this.#taken.order[index]!;
  }

  /**
   * Says of each request of an execution, by position, when its response leaves: one after the other, and with
   * preserve_ordering none before those of the executions before it.
   * @returns when the last one was ready, and the instance done with them
   */
  leave(execution: FastPathExecution, each: (position: number, leavesNs: number) => void): number {
    const { tenantOf, sizes, onlyTenant } = this.#arrivals;
    const profile = this.#setup.served[this.#model]!.instances[execution.instance]!.profile;
    let readyNs = computeEndNsOf(execution);
    for (let index = execution.from; index < execution.to; index++) {
      const position = this.positionOf(index);
      const tenant = this.#setup.tenants[tenantOf?.[position] ?? onlyTenant]!;
      readyNs += responseNs(profile, tenant, sizes?.[position] ?? 1);
      each(position, this.#preserveOrder ? Math.max(readyNs, this.#lastReadyNs) : readyNs);
    }
    this.#lastReadyNs = Math.max(this.#lastReadyNs, readyNs);
    return readyNs;
  }
}

/** When the output phase of an execution ends. */
export function computeEndNsOf({ startNs, inputNs, inferNs, outputNs }: FastPathExecution): number {
  return startNs + inputNs + inferNs + outputNs;
}
