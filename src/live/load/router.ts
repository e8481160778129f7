import type { Random } from '../../base/random.js';
import type { Routing } from '../../scenario/scenario.js';
import { chooseTarget } from '../../simulator/load/routing.js';

/** Chooses among a tenant's servers by the simulator's own rules, and counts what each has not answered. */
export class Router {
  readonly #routing: Routing;
  readonly #random: Random;
  /** Of each sequence that has not ended. */
  readonly #placeOf = new Map<number, number>();
  readonly #state: { sent: number; readonly outstanding: number[] };

  constructor(targets: readonly number[], routing: Routing, random: Random) {
    this.#routing = routing;
    this.#random = random;
    this.#state = { sent: 0, outstanding: targets.map(() => 0) };
  }

  /** Index into the tenant's targets for the request that leaves now: of a sequence the one where it began. */
  choose(sequence?: { readonly id: number; readonly ends: boolean }): number {
    const target = this.#placeOf.get(sequence?.id ?? 0) ?? this.#next();
    if (sequence?.ends === true) this.#placeOf.delete(sequence.id);
    else if (sequence !== undefined) this.#placeOf.set(sequence.id, target);
    this.#state.outstanding[target]!++;
    return target;
  }

  #next(): number {
    const { outstanding } = this.#state;
    const target = chooseTarget(this.#routing, outstanding.length, this.#state, this.#random);
    this.#state.sent++;
    return target;
  }

  answered(target: number): void {
    this.#state.outstanding[target]!--;
  }
}
