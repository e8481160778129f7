import { ActorQueue } from '../containers/actor-queue.js';

/** Kinds of actors. The number is their order at one instant. */
export const Rank = { host: 0, device: 1, model: 2 } as const;

/** One part of a component that has events of its own. */
export interface Actor {
  readonly rank: number;
  /** Handles the event that is due. */
  readonly step: () => void;
  /** When its next event is due; set by {@link Actors.update}. */
  nextNs: number;
  /** Its place in the queue, which changes where others come and go. */
  place: number;
  isGone: boolean;
}

/** Something that is stepped as an actor. */
export interface Part<T> {
  readonly of: T;
  readonly actor: Actor;
}

/** The parts of a component by the time of their next event. At one instant in order of rank, then as they were added. */
export class Actors {
  /** Set by {@link find}: the actor whose event is next, when it is due, and when any other's is. */
  first: Actor | undefined;
  firstNs = Infinity;
  secondNs = Infinity;
  #actors: Actor[] = [];
  #queue = new ActorQueue(0);
  /** Whether actors have come or gone since the queue was built. */
  #isStale = true;
  /** Whether no time has changed since what is next was found. */
  #isFound = false;

  add(rank: number, step: () => void): Actor {
    const actor = { rank, step, nextNs: Infinity, place: this.#actors.length, isGone: false };
    this.#actors.push(actor);
    this.#isStale = true;
    return actor;
  }

  /** It has no more events. */
  remove(actor: Actor): void {
    this.#actors = this.#actors.filter((other) => other !== actor);
    actor.isGone = true;
    this.#isStale = true;
  }

  /** The next event of `actor` is now due at `timeNs`. */
  update(actor: Actor, timeNs: number): void {
    if (timeNs === actor.nextNs) return;
    actor.nextNs = timeNs;
    this.#isFound = false;
    if (!this.#isStale && !actor.isGone) this.#queue.update(actor.place, timeNs);
  }

  /** Finds what is next. */
  find(): void {
    if (this.#isStale) this.#build();
    else if (this.#isFound) return;
    this.#isFound = true;
    const queue = this.#queue;
    queue.find();
    this.first = this.#actors[queue.first];
    this.firstNs = queue.firstNs;
    this.secondNs = queue.secondNs;
  }

  #build(): void {
    this.#isStale = false;
    // The sort is stable: those of one rank stay in the order in which they were added.
    this.#actors.sort((a, b) => a.rank - b.rank);
    this.#queue = new ActorQueue(this.#actors.length);
    for (const [place, actor] of this.#actors.entries()) {
      actor.place = place;
      this.#queue.update(place, actor.nextNs);
    }
  }
}
