import { TimerRing } from '../containers/timer-ring.js';

/** A pick-up by whichever instance is idle, not by one that becomes idle with it. */
const ANY_IDLE = -1;
/** From here down: a pick-up by an instance that was idle until it was woken for it. */
const WOKEN = -2;

/** The instances of one model on one server: who is idle, when the others are free, who is about to look for work. */
export class InstanceThreads {
  /** Instances that wait for a payload, longest first. */
  idleCount: number;
  /** When the first instance is free whose end is known; Infinity: none. */
  firstFreeNs = Infinity;
  /** From the end of an execution until its instance looks for work. */
  readonly pickUpNs: number;
  /** From a payload being there until an idle instance has it. */
  readonly wakeNs: number;
  /** When each is free again; Infinity while it is idle or its end is not known. */
  #freeNs: Float64Array;
  /** A ring with a place for each instance. */
  #idle: Int32Array;
  #idleHead = 0;
  /** Looks for work that are under way, by instance or {@link ANY_IDLE}. */
  readonly #pickUps = new TimerRing();
  /** Those that take no more work once their execution has ended. */
  #leaving: Set<number> | undefined;

  constructor(count: number, pickUpNs: number, wakeNs: number) {
    this.pickUpNs = pickUpNs;
    this.wakeNs = wakeNs;
    this.#freeNs = new Float64Array(count).fill(Infinity);
    this.#idle = Int32Array.from({ length: count }, (_, i) => i);
    this.idleCount = count;
  }

  /** Instances so far, those that have left included: numbers are not given twice. */
  get count(): number {
    return this.#freeNs.length;
  }

  /** When the next instance looks for work; Infinity: none is about to. */
  get nextPickUpNs(): number {
    return this.#pickUps.nextNs;
  }

  /** Takes the instance that has been idle longest. */
  takeIdle(): number {
    const instance = this.#idle[this.#idleHead]!;
    this.#idleHead = this.#idleHead + 1 === this.#idle.length ? 0 : this.#idleHead + 1;
    this.idleCount--;
    return instance;
  }

  /** It is free again at `atNs`; Infinity: not known yet. */
  busyUntil(instance: number, atNs: number): void {
    this.#freeNs[instance] = atNs;
    if (atNs < this.firstFreeNs) this.firstFreeNs = atNs;
  }

  /** The one whose execution ends first. */
  firstToEnd(): number {
    const freeNs = this.#freeNs;
    let first = 0;
    for (let i = 1; i < freeNs.length; i++) if (freeNs[i]! < freeNs[first]!) first = i;
    return first;
  }

  /** Its execution has ended; it is not idle before it has looked for work. */
  ended(instance: number): void {
    const freeNs = this.#freeNs;
    freeNs[instance] = Infinity;
    let firstNs = Infinity;
    for (let i = 0; i < freeNs.length; i++) if (freeNs[i]! < firstNs) firstNs = freeNs[i]!;
    this.firstFreeNs = firstNs;
  }

  /** One whose execution has ended looks for work then, and is idle if there is none. */
  picksUpAt(atNs: number, instance: number): void {
    this.#pickUps.push(atNs, instance);
  }

  /**
   * One more instance, which looks for work for the first time at `atNs`.
   * @returns its number
   */
  add(atNs: number): number {
    const instance = this.count;
    const freeNs = new Float64Array(instance + 1).fill(Infinity);
    freeNs.set(this.#freeNs);
    this.#freeNs = freeNs;
    this.#layOutIdle(instance + 1);
    this.#pickUps.push(atNs, instance);
    return instance;
  }

  /**
   * An instance takes no more work: from now on where it is idle or about to look for some, else after its execution.
   * @returns whether it was idle
   */
  remove(instance: number): boolean {
    if (this.leaveIdle(instance)) return true;
    if (!this.#pickUps.remove(instance)) this.#leaving = (this.#leaving ?? new Set()).add(instance);
    return false;
  }

  /**
   * Takes a certain instance.
   * @returns whether it was idle
   */
  leaveIdle(instance: number): boolean {
    this.#layOutIdle(this.count);
    const place = this.#idle.subarray(0, this.idleCount).indexOf(instance);
    if (place < 0) return false;
    this.#idle.copyWithin(place, place + 1, this.idleCount--);
    return true;
  }

  /** Whether the instance whose execution has ended takes no more work. */
  hasLeft(instance: number): boolean {
    return this.#leaving?.delete(instance) === true;
  }

  /** The idle ones from the first place on, longest first, in a ring of that size. */
  #layOutIdle(size: number): void {
    const old = this.#idle;
    const head = this.#idleHead;
    const idleAt = (_: unknown, i: number) => (i < this.idleCount ? old[(head + i) % old.length]! : 0);
    this.#idle = Int32Array.from({ length: size }, idleAt);
    this.#idleHead = 0;
  }

  /** There is work from `nowNs` on: an idle one, where there is any, is woken to look for it. */
  wakeOne(nowNs: number): void {
    if (this.idleCount > 0) this.#pickUps.push(nowNs + this.wakeNs, ANY_IDLE);
  }

  /** There is work for that one: it is woken where it is idle; else it looks by itself. */
  wake(instance: number, nowNs: number): void {
    if (this.leaveIdle(instance)) this.#pickUps.push(nowNs + this.wakeNs, WOKEN - instance);
  }

  /**
   * The next look for work begins.
   * @returns whether an instance became idle with it
   */
  beginPickUp(): boolean {
    const value = this.#pickUps.pop();
    if (value === ANY_IDLE) return false;
    const instance = value <= WOKEN ? WOKEN - value : value;
    this.#idle[(this.#idleHead + this.idleCount++) % this.#idle.length] = instance;
    return value > WOKEN;
  }
}
