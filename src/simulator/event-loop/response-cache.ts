import type { TensorConfig } from '../../scenario/model-config.js';
import type { CacheOptions } from '../../scenario/scenario.js';
import { endsOfRing, type InRing, putLast, takeOut } from '../containers/ring.js';

/**
 * The response cache of a server (Triton: `--cache-config local`): one memory for all models, of which the answer that was used
 * least recently goes first, and one lock around finding, copying and keeping (local_cache.cc:218-261). Answers to equal requests
 * that are under way are not waited for: each executes.
 */
export class ResponseCache {
  readonly #options: CacheOptions;
  readonly #answers = new Map<number | string, Answer>();
  /** The answers in a ring in order of their last use: after this one the least recently used, before it the most. */
  readonly #ends = endsOfRing<Answer>({ key: Number.NaN, bytes: 0 });
  #bytes = 0;
  /** When the lock is free. */
  #freeNs = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What making a key out of a request takes, nanoseconds: it needs no lock. */
  hashNs(requestBytes: number): number {
    return Math.round((this.#options.hashPerKilobyteUs * requestBytes * 1000) / 1024);
  }

  /** Looks an answer up from now on. @returns whether there is one, and when that is known and it has been copied */
  lookUp(key: number | string, nowNs: number): { readonly isHit: boolean; readonly atNs: number } {
    const answer = this.#answers.get(key);
    if (answer === undefined) return { isHit: false, atNs: this.#hold(0, nowNs) };
    if (this.#ends.earlier !== answer) {
      takeOut(answer);
      putLast(this.#ends, answer);
    }
    return { isHit: true, atNs: this.#hold(answer.bytes, nowNs) };
  }

  /** Keeps an answer, unless it is too large or there already. @returns when that is done, and whether it was not there */
  keep(
    key: number | string,
    bytes: number,
    nowNs: number,
  ): { readonly isNew: boolean; readonly atNs: number } {
    const isNew = !this.#answers.has(key);
    const isKept = isNew && bytes <= this.#options.bytes;
    if (isKept) this.#add(key, bytes);
    return { isNew, atNs: this.#hold(isKept ? bytes : 0, nowNs) };
  }

  #add(key: number | string, bytes: number): void {
    while (this.#bytes + bytes > this.#options.bytes) {
      const oldest = this.#ends.later;
      takeOut(oldest);
      this.#answers.delete(oldest.key);
      this.#bytes -= oldest.bytes;
    }
    const answer = { key, bytes, earlier: this.#ends, later: this.#ends };
    putLast(this.#ends, answer);
    this.#answers.set(key, answer);
    this.#bytes += bytes;
  }

  /** Under the lock, as soon as it is free. @returns when it is free again */
  #hold(copiedBytes: number, nowNs: number): number {
    const { lookUpUs, copyPerKilobyteUs } = this.#options;
    const us = lookUpUs + (copyPerKilobyteUs * copiedBytes) / 1024;
    this.#freeNs = Math.max(nowNs, this.#freeNs) + Math.round(us * 1000);
    return this.#freeNs;
  }
}

/** Whether a cache costs no time. */
export function isTimeless({ lookUpUs, copyPerKilobyteUs, hashPerKilobyteUs }: CacheOptions): boolean {
  return lookUpUs === 0 && copyPerKilobyteUs === 0 && hashPerKilobyteUs === 0;
}

/** An answer that is kept, between those that were used before and after it. */
interface Answer extends InRing<Answer> {
  readonly key: number | string;
  readonly bytes: number;
}

/** What an answer takes in the cache besides its data (cache_entry.cc:113-136): names and shapes of the outputs. */
export function entryBytes(outputs: readonly TensorConfig[], dataBytes: number): number {
  const shapes = outputs.length > 0 ? outputs : [UNNAMED];
  const head = shapes.reduce(
    (sum, { name, dataType, dims }) =>
      sum + 8 + 4 + name.length + 4 + dataType.replace(/^TYPE_/, '').length + 4 + 8 * (dims.length + 1) + 8,
    4,
  );
  return Math.ceil(head + dataBytes);
}

const UNNAMED = { name: 'output', dataType: 'TYPE_FP32', dims: [1] };
