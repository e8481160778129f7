import type { Completions } from './completions.js';

/** Requests put in order at once: few enough that they stay in a processor's cache. */
const ROWS_AT_ONCE = 1 << 15;
/** With many tenants more, so that going from one to the next does not take longer than its requests. */
const ROWS_OF_A_TENANT = 16;
/** Rows to a bucket, about: within one they are sorted by insertion … */
const ROWS_PER_BUCKET = 4;
/** … unless it holds a burst of more than so many. */
const FEW_ROWS = 64;

/**
 * Latencies of all tenants in order of planned arrival, at one instant in order of tenant. Goes through the run piece by
 * piece of its time, which takes time in proportion to the requests, however many tenants there are.
 */
export function mergedLatencies(lists: readonly Completions[]): Float64Array {
  const filled = lists.filter(({ latencyUs }) => latencyUs.length > 0);
  if (filled.length < 2) return filled[0]?.latencyUs ?? new Float64Array();
  const merged = new Float64Array(filled.reduce((sum, { latencyUs }) => sum + latencyUs.length, 0));
  const { fromUs, toUs } = spanOf(filled);
  const pieces = Math.ceil(merged.length / Math.max(ROWS_AT_ONCE, ROWS_OF_A_TENANT * filled.length));
  const pieceUs = (toUs - fromUs) / pieces;
  const next = new Uint32Array(filled.length);
  const rows = new PieceOfTime();
  let at = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const beginUs = fromUs + piece * pieceUs;
    const endUs = piece === pieces - 1 ? Number.POSITIVE_INFINITY : beginUs + pieceUs;
    for (let i = 0; i < filled.length; i++) next[i] = rows.take(filled[i]!, next[i]!, endUs);
    at = rows.putInOrder(beginUs, pieceUs, merged, at);
  }
  return merged;
}

function spanOf(lists: readonly Completions[]): { readonly fromUs: number; readonly toUs: number } {
  let [fromUs, toUs] = [Number.POSITIVE_INFINITY, 0];
  for (const { plannedUs, first, latencyUs } of lists) {
    fromUs = Math.min(fromUs, plannedUs[first]!);
    toUs = Math.max(toUs, plannedUs[first + latencyUs.length - 1]!);
  }
  return { fromUs, toUs };
}

/** Requests of a piece of the run's time, tenant by tenant. */
class PieceOfTime {
  #length = 0;
  #plannedUs = new Float64Array(2 * ROWS_AT_ONCE);
  #latencyUs = new Float64Array(2 * ROWS_AT_ONCE);
  #bucketOf = new Uint32Array(2 * ROWS_AT_ONCE);
  #sortedUs = new Float64Array(2 * ROWS_AT_ONCE);
  #ends = new Uint32Array();

  /** Takes a tenant's requests that were planned before `endUs`, from `row` on. @returns the first one that was not */
  take({ plannedUs, first, latencyUs }: Completions, row: number, endUs: number): number {
    let at = this.#length;
    let taken = row;
    while (taken < latencyUs.length && plannedUs[first + taken]! < endUs) {
      if (at === this.#plannedUs.length) this.#grow();
      this.#plannedUs[at] = plannedUs[first + taken]!;
      this.#latencyUs[at++] = latencyUs[taken++]!;
    }
    this.#length = at;
    return taken;
  }

  /** Writes the latencies in order from place `at` on, and forgets them. @returns the place after the last one */
  putInOrder(beginUs: number, spanUs: number, into: Float64Array, at: number): number {
    const length = this.#length;
    this.#length = 0;
    const latencyUs = into.subarray(at, at + length);
    const buckets = Math.max(1, Math.ceil(length / ROWS_PER_BUCKET));
    const fullest = this.#deal(length, buckets, { beginUs, spanUs }, latencyUs);
    const plannedUs = this.#sortedUs;
    if (fullest <= FEW_ROWS) sortNearly(plannedUs, latencyUs, 0, length);
    else
      for (let bucket = 0; bucket < buckets; bucket++)
        sortBucket(plannedUs, latencyUs, this.#ends[bucket]!, this.#ends[bucket + 1]!);
    return at + length;
  }

  /** Into buckets by time; in each, rows stay in the order of the tenants. @returns how many are in the fullest */
  #deal(
    length: number,
    buckets: number,
    { beginUs, spanUs }: { readonly beginUs: number; readonly spanUs: number },
    into: Float64Array,
  ): number {
    const [plannedUs, bucketOf, sortedUs] = [this.#plannedUs, this.#bucketOf, this.#sortedUs];
    if (this.#ends.length < buckets + 1) this.#ends = new Uint32Array(2 * buckets + 1);
    const ends = this.#ends.fill(0, 0, buckets + 1);
    const perUs = spanUs > 0 ? buckets / spanUs : 0;
    let fullest = 0;
    for (let i = 0; i < length; i++) {
      const bucket = Math.min(buckets - 1, ((plannedUs[i]! - beginUs) * perUs) >>> 0);
      bucketOf[i] = bucket;
      const count = ends[bucket]! + 1;
      ends[bucket] = count;
      if (count > fullest) fullest = count;
    }
    for (let bucket = 1; bucket <= buckets; bucket++) ends[bucket]! += ends[bucket - 1]!;
    // From the back, so that each end moves down to the start of its bucket.
    for (let i = length - 1; i >= 0; i--) {
      const bucket = bucketOf[i]!;
      const place = ends[bucket]! - 1;
      ends[bucket] = place;
      sortedUs[place] = plannedUs[i]!;
      into[place] = this.#latencyUs[i]!;
    }
    return fullest;
  }

  #grow(): void {
    const twice = <T extends Float64Array | Uint32Array>(column: T): T => {
      const larger = new (column.constructor as new (length: number) => T)(2 * column.length);
      larger.set(column);
      return larger;
    };
    this.#plannedUs = twice(this.#plannedUs);
    this.#latencyUs = twice(this.#latencyUs);
    this.#bucketOf = twice(this.#bucketOf);
    this.#sortedUs = twice(this.#sortedUs);
  }
}

/** Sorts rows by their times, at one instant as they are, where hardly any is far from its place. */
function sortNearly(plannedUs: Float64Array, latencyUs: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const us = plannedUs[i]!;
    if (plannedUs[i - 1]! <= us) continue;
    const latency = latencyUs[i]!;
    let place = i;
    for (; place > from && plannedUs[place - 1]! > us; place--) {
      plannedUs[place] = plannedUs[place - 1]!;
      latencyUs[place] = latencyUs[place - 1]!;
    }
    plannedUs[place] = us;
    latencyUs[place] = latency;
  }
}

function sortBucket(plannedUs: Float64Array, latencyUs: Float64Array, from: number, to: number): void {
  if (to - from <= FEW_ROWS) {
    sortNearly(plannedUs, latencyUs, from, to);
    return;
  }
  const [times, latencies] = [plannedUs.slice(from, to), latencyUs.slice(from, to)];
  const order = Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
  for (let i = 0; i < order.length; i++) latencyUs[from + i] = latencies[order[i]!]!;
}
