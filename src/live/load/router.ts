import type { Random } from '../../base/random.js';
import type { Routing } from '../../scenario/scenario.js';

/** Chooses among a tenant's servers, by the rules that {@link Routing} names and the simulator follows. */
export class Router {
  readonly #targets: readonly number[];
  readonly #routing: Routing;
  readonly #random: Random;
  readonly #outstanding: number[];
  #sent = 0;

  constructor(targets: readonly number[], routing: Routing, random: Random) {
    this.#targets = targets;
    this.#routing = routing;
    this.#random = random;
    this.#outstanding = targets.map(() => 0);
  }

  /** Index into the tenant's targets for the request that leaves now. */
  choose(): number {
    const target = this.#targets.length === 1 ? 0 : this.#pick();
    this.#sent++;
    this.#outstanding[target]!++;
    return target;
  }

  answered(target: number): void {
    this.#outstanding[target]!--;
  }

  #pick(): number {
    const { length } = this.#targets;
    const turn = this.#sent % length;
    switch (this.#routing) {
      case 'roundRobin':
        return turn;
      case 'random':
        return this.#random.nextInt(length);
      case 'leastOutstanding':
        return this.#least(Array.from({ length }, (_, step) => (turn + step) % length));
      case 'powerOfTwo': {
        const first = this.#random.nextInt(length);
        return this.#least([first, (first + 1 + this.#random.nextInt(length - 1)) % length]);
      }
    }
  }

  /** The first of those with the fewest unanswered requests. */
  #least(candidates: readonly number[]): number {
    return candidates.reduce((best, next) =>
      this.#outstanding[next]! < this.#outstanding[best]! ? next : best,
    );
  }
}
