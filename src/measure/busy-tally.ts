import { doubled } from '../simulator/containers/doubled.js';
import { type DeviceBusy, deviceBusy } from '../simulator/outcome/device-use.js';
import { ascending } from './interval-list.js';

/** Intervals that are put together at once, or more where one of them is long. */
const AT_ONCE = 1 << 14;

/**
 * How busy a device was, told of one inference phase after the other, of which only those of the last moments are kept. In order
 * of time, as far as it knows: none begins before the `nowNs` of the one that began last.
 */
export class BusyTally {
  readonly #durationNs: number;
  #startNs = new Float64Array(AT_ONCE);
  #endNs = new Float64Array(AT_ONCE);
  #length = 0;
  /** When those began that have not ended, by number; NaN: the number is free. */
  readonly #openNs: number[] = [];
  #nowNs = 0;
  #busyShare = 0;
  #timeline: number[] = [];

  constructor(durationNs: number) {
    this.#durationNs = durationNs;
  }

  /** @returns a number for it, until it ends */
  begin(startNs: number, nowNs: number): number {
    this.#nowNs = nowNs;
    const open = this.#openNs;
    let number = 0;
    while (number < open.length && !Number.isNaN(open[number]!)) number++;
    open[number] = startNs;
    return number;
  }

  end(number: number, endNs: number): void {
    const startNs = this.#openNs[number]!;
    this.#openNs[number] = Number.NaN;
    if (!(startNs < this.#durationNs)) return;
    if (this.#length === this.#startNs.length)
      this.#fold(this.#openNs.reduce(least, Math.min(this.#nowNs, startNs)));
    this.#startNs[this.#length] = startNs;
    this.#endNs[this.#length++] = Math.min(endNs, this.#durationNs);
  }

  /** Those that have not ended go on until the run does. */
  busy(): DeviceBusy {
    for (const number of this.#openNs.keys()) this.end(number, this.#durationNs);
    this.#fold(Number.POSITIVE_INFINITY);
    return { busyShare: this.#busyShare, timeline: this.#timeline };
  }

  /** Adds what lies before `untilNs`, and keeps the rest. */
  #fold(untilNs: number): void {
    const starts = new Float64Array(this.#length);
    const ends = new Float64Array(this.#length);
    let folded = 0;
    let kept = 0;
    for (let i = 0; i < this.#length; i++) {
      const startNs = this.#startNs[i]!;
      const endNs = this.#endNs[i]!;
      if (startNs < untilNs) {
        starts[folded] = startNs;
        ends[folded++] = Math.min(endNs, untilNs);
      }
      if (endNs <= untilNs) continue;
      this.#startNs[kept] = Math.max(startNs, untilNs);
      this.#endNs[kept++] = endNs;
    }
    this.#length = kept;
    if (kept > this.#startNs.length / 2) {
      this.#startNs = doubled(this.#startNs);
      this.#endNs = doubled(this.#endNs);
    }
    const { busyShare, timeline } = deviceBusy(
      ascending(starts.subarray(0, folded)),
      ascending(ends.subarray(0, folded)),
      this.#durationNs,
    );
    this.#busyShare += busyShare;
    this.#timeline = timeline.map((share, bin) => share + (this.#timeline[bin] ?? 0));
  }
}

function least(most: number, openNs: number): number {
  return Number.isNaN(openNs) ? most : Math.min(most, openNs);
}
