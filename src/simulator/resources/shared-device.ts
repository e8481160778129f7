import { doubled } from '../containers/doubled.js';
import type { SharingLaw } from './sharing.js';

/** A device on which executions run, one interface for all ways of sharing. */
export interface DeviceModel {
  /** When the next execution ends or the next turn begins; Infinity when the device is idle. */
  readonly nextNs: number;
  /**
   * Puts an execution of `workNs` solo nanoseconds on the device now.
   * @param fill share of the device that it fills by itself, where all run at once; 1 where that is not known
   */
  start(job: number, kind: number, workNs: number, nowNs: number, fill: number): void;
  /** Handles what is due at `nextNs`: gives the execution that ended, or -1 when only a turn changed. */
  step(): number;
}

/** All executions run at once, at speeds set by a law that is asked again at every start and end. */
export class SharedDevice implements DeviceModel {
  nextNs = Infinity;
  length = 0;
  kind = new Uint16Array(8);
  fill = new Float64Array(8);
  readonly #law: SharingLaw;
  #job = new Int32Array(8);
  #leftNs = new Float64Array(8);
  #speed = new Float64Array(8);
  #nowNs = 0;
  #first = -1;

  constructor(law: SharingLaw) {
    this.#law = law;
  }

  start(job: number, kind: number, workNs: number, nowNs: number, fill: number): void {
    this.#advance(nowNs);
    if (this.length === this.#job.length) this.#grow();
    this.#job[this.length] = job;
    this.kind[this.length] = kind;
    this.fill[this.length] = fill;
    this.#leftNs[this.length++] = workNs;
    this.#reset(nowNs);
  }

  step(): number {
    const nowNs = this.nextNs;
    const ended = this.#first;
    const job = this.#job[ended]!;
    this.#advance(nowNs);
    for (let i = ended + 1; i < this.length; i++) {
      this.#job[i - 1] = this.#job[i]!;
      this.kind[i - 1] = this.kind[i]!;
      this.fill[i - 1] = this.fill[i]!;
      this.#leftNs[i - 1] = this.#leftNs[i]!;
    }
    this.length--;
    this.#reset(nowNs);
    return job;
  }

  #advance(nowNs: number): void {
    const elapsedNs = nowNs - this.#nowNs;
    this.#nowNs = nowNs;
    if (elapsedNs <= 0) return;
    for (let i = 0; i < this.length; i++) {
      const leftNs = this.#leftNs[i]! - elapsedNs * this.#speed[i]!;
      this.#leftNs[i] = Math.max(leftNs, 0);
    }
  }

  #reset(nowNs: number): void {
    const length = this.length;
    this.#law(this, this.#speed);
    let first = -1;
    let firstNs = Infinity;
    for (let i = 0; i < length; i++) {
      const ns = this.#leftNs[i]! / this.#speed[i]!;
      if (ns < firstNs) {
        firstNs = ns;
        first = i;
      }
    }
    this.#first = first;
    this.nextNs = first < 0 ? Infinity : nowNs + Math.round(firstNs);
  }

  #grow(): void {
    this.#job = doubled(this.#job);
    this.kind = doubled(this.kind);
    this.fill = doubled(this.fill);
    this.#leftNs = doubled(this.#leftNs);
    this.#speed = doubled(this.#speed);
  }
}

/**
 * Executions take turns: one at a time has the whole device, for `quantumNs` or to its end, then goes
 * to the back. An infinite quantum is first come, first served (models that hold a lock). While others
 * wait, `switchOverhead` of the time is lost to switching.
 */
export class TurnsDevice implements DeviceModel {
  nextNs = Infinity;
  readonly #quantumNs: number;
  readonly #usefulShare: number;
  readonly #jobs: { job: number; leftNs: number }[] = [];
  #turnBeganNs = 0;
  /** How much of its execution the turn will have done: whole nanoseconds, so that turns add up to the work exactly. */
  #turnWorkNs = 0;

  constructor(quantumNs: number, switchOverhead: number) {
    this.#quantumNs = Math.round(quantumNs);
    this.#usefulShare = 1 - switchOverhead;
  }

  start(job: number, _kind: number, workNs: number, nowNs: number): void {
    const length = this.#jobs.push({ job, leftNs: workNs });
    if (length === 1) this.#turn(nowNs);
    else if (length === 2 && this.#usefulShare < 1) this.#plan(nowNs);
  }

  step(): number {
    const nowNs = this.nextNs;
    const current = this.#jobs.shift()!;
    let ended = -1;
    if (current.leftNs <= this.#turnWorkNs) ended = current.job;
    else this.#jobs.push({ job: current.job, leftNs: current.leftNs - this.#turnWorkNs });
    this.#turn(nowNs);
    return ended;
  }

  #turn(nowNs: number): void {
    this.#turnBeganNs = nowNs;
    if (this.#jobs.length === 0) this.nextNs = Infinity;
    else this.#plan(nowNs);
  }

  /** When the turn ends, and what it does until then: nobody waited for it so far, so that all its time until now was of use. */
  #plan(nowNs: number): void {
    const doneNs = nowNs - this.#turnBeganNs;
    const leftNs = this.#jobs[0]!.leftNs - doneNs;
    const timeNs = this.#quantumNs - doneNs;
    const share = this.#jobs.length > 1 ? this.#usefulShare : 1;
    // A turn that did nothing at all would come again for ever.
    const leastNs = doneNs > 0 ? 0 : 1;
    const workNs = Math.min(leftNs, Math.max(leastNs, Math.round(timeNs * share)));
    this.#turnWorkNs = doneNs + workNs;
    this.nextNs = nowNs + Math.min(timeNs, Math.round(workNs / share));
  }
}
