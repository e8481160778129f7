import type { ModelProfile, Warmth } from '../profile/profile.js';
import { coldnessAfter } from '../profile/warmth.js';

/** What the instances of one model remember of their past: since when each idles, and how cold it is. */
export class InstanceMemory {
  /** How long the instance had idled when its execution started; 0 where it had not, or has not executed before. */
  idleMs = 0;
  /** How cold it was then. */
  coldness = 0;
  readonly #warmth: readonly (Warmth | undefined)[];
  readonly #lastEndNs: Float64Array;
  /** Executions under way on each instance: two where it pipelines. */
  readonly #running: Uint8Array;
  readonly #busyFromNs: Float64Array;
  readonly #coldness: Float64Array;

  constructor(profiles: readonly ModelProfile[]) {
    this.#warmth = profiles.map(({ warmth }) => warmth);
    this.#lastEndNs = new Float64Array(profiles.length).fill(Number.NaN);
    this.#running = new Uint8Array(profiles.length);
    this.#busyFromNs = new Float64Array(profiles.length);
    this.#coldness = new Float64Array(profiles.length).fill(1);
  }

  /** An execution starts: sets what the instance remembers. */
  start(instance: number, nowNs: number): void {
    const isIdle = this.#running[instance]!++ === 0;
    const lastEndNs = this.#lastEndNs[instance]!;
    this.idleMs = isIdle && nowNs > lastEndNs ? (nowNs - lastEndNs) / 1e6 : 0;
    const warmth = this.#warmth[instance];
    if (warmth === undefined) return;
    if (this.idleMs > 0)
      this.#coldness[instance] = coldnessAfter(warmth, this.#coldness[instance]!, this.idleMs, false);
    else if (!isIdle) this.#warm(warmth, instance, nowNs);
    this.coldness = this.#coldness[instance]!;
    this.#busyFromNs[instance] = isIdle && lastEndNs > nowNs ? lastEndNs : nowNs;
  }

  /** Its execution ended, or will at `atNs`, before which none starts. */
  ended(instance: number, atNs: number): void {
    this.#running[instance]!--;
    this.#lastEndNs[instance] = atNs;
    const warmth = this.#warmth[instance];
    if (warmth !== undefined) this.#warm(warmth, instance, atNs);
  }

  #warm(warmth: Warmth, instance: number, untilNs: number): void {
    const ms = (untilNs - this.#busyFromNs[instance]!) / 1e6;
    if (ms > 0) this.#coldness[instance] = coldnessAfter(warmth, this.#coldness[instance]!, ms, true);
    this.#busyFromNs[instance] = Math.max(untilNs, this.#busyFromNs[instance]!);
  }
}
