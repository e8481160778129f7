import type { Random } from '../../base/random.js';
import type { Routing } from '../../scenario/scenario.js';
import { chooseTarget } from '../../simulator/load/routing.js';

/** Chooses among a tenant's servers by the simulator's own rules, and counts what each has not answered. */
export class Router {
  readonly #routing: Routing;
  readonly #random: Random;
  readonly #state: { sent: number; readonly outstanding: number[] };

  constructor(targets: readonly number[], routing: Routing, random: Random) {
    this.#routing = routing;
    this.#random = random;
    this.#state = { sent: 0, outstanding: targets.map(() => 0) };
  }

  /** Index into the tenant's targets for the request that leaves now. */
  choose(): number {
    const { outstanding } = this.#state;
    const target = chooseTarget(this.#routing, outstanding.length, this.#state, this.#random);
    this.#state.sent++;
    outstanding[target]!++;
    return target;
  }

  answered(target: number): void {
    this.#state.outstanding[target]!--;
  }
}
