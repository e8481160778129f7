import { remembered } from '../../base/remembered.js';
import { warmUpDeficitAfter } from '../../effects/idle/warm-up-state.js';
import type { WarmUpState } from '../../profile/profile.js';
import type { ModelInstance } from '../../scenario/scenario.js';

/**
 * What the instances of one model remember of their past: for how long nothing of it was executed, and how cold it is. With a
 * warm-up state, instances on one device, or on the host's cores, share their memory, as they share its clock: one that takes turns
 * with another has not idled while the other executed. A linear idle penalty is of each instance by itself: so it was closer to
 * several instances on a GPU (test 1 of the seed).
 */
export class InstanceMemory {
  /** How long it, or whoever shares its memory, had not executed when its execution started; 0 where one did, or none ever has. */
  idleMs = 0;
  /** How cold it was then. */
  warmUpDeficit = 0;
  /** Which memory is that of each instance. */
  readonly #places: Place[] = [];
  readonly #byDevice = new Map<number, Place>();

  /** Its instances get numbers in the order in which they are added. */
  add({ device, profile: { warmUpState } }: ModelInstance): void {
    this.#places.push(
      warmUpState === undefined
        ? new Place(undefined)
        : remembered(this.#byDevice, device, () => new Place(warmUpState)),
    );
  }

  /** An execution starts: sets what the instance remembers. */
  start(instance: number, nowNs: number): void {
    const place = this.#places[instance]!;
    place.start(nowNs);
    this.idleMs = place.idleMs;
    this.warmUpDeficit = place.warmUpDeficit;
  }

  /** Its execution ended, or will at `atNs`. */
  ended(instance: number, atNs: number): void {
    this.#places[instance]!.ended(atNs);
  }
}

/** Where executions of a model warm each other up. */
class Place {
  /** How long the instance had idled when its last execution started. */
  idleMs = 0;
  /** How cold it was then, 0..1. */
  warmUpDeficit = 1;
  readonly #warmUpState: WarmUpState | undefined;
  /** Executions under way whose end is not known. */
  #running = 0;
  #lastStartNs = Number.NaN;
  /** Latest end of the executions whose end is known, also where it is still to come. */
  #lastEndNs = Number.NEGATIVE_INFINITY;

  constructor(warmUpState: WarmUpState | undefined) {
    this.#warmUpState = warmUpState;
  }

  start(nowNs: number): void {
    const busyUntilNs = this.#running > 0 ? nowNs : Math.min(this.#lastEndNs, nowNs);
    this.idleMs = Number.isNaN(this.#lastStartNs) ? 0 : (nowNs - busyUntilNs) / 1e6;
    if (this.#warmUpState !== undefined)
      this.#pass(this.#warmUpState, (busyUntilNs - this.#lastStartNs) / 1e6);
    this.#running++;
    this.#lastStartNs = nowNs;
  }

  ended(atNs: number): void {
    this.#running--;
    if (atNs > this.#lastEndNs) this.#lastEndNs = atNs;
  }

  #pass(warmUpState: WarmUpState, busyMs: number): void {
    if (busyMs > 0) this.warmUpDeficit = warmUpDeficitAfter(warmUpState, this.warmUpDeficit, busyMs, true);
    if (this.idleMs > 0)
      this.warmUpDeficit = warmUpDeficitAfter(warmUpState, this.warmUpDeficit, this.idleMs, false);
  }
}
