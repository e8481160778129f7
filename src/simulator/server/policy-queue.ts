import type { QueuePolicy } from '../../scenario/model-config.js';
import { type DropOutcome, Outcome } from '../../trace/request-log.js';
import { doubled } from '../containers/doubled.js';
import {
  type BatchDecision,
  type BatchingRules,
  formBatch,
  type OpenPayload,
  type PendingRequests,
} from './batching.js';
import type { ModelQueue } from './model-queue.js';

export interface PolicyQueueOptions {
  /** Policy of each level, best priority first; one entry when no priority levels are configured. */
  readonly levels: readonly QueuePolicy[];
  /** Level (1-based) of requests without a valid priority. */
  readonly defaultLevel: number;
  /** The requests' own priority (1-based, 0 = none) and queue timeout (0 = none), by position. */
  readonly priorities?: ArrayLike<number> | undefined;
  readonly timeoutsUs?: ArrayLike<number> | undefined;
  /** Called for a request that is refused or has waited too long. */
  readonly onDrop: (position: number, outcome: DropOutcome, nowNs: number) => void;
}

/**
 * The queue of a model with priority levels, timeouts or queue limits: per level a FIFO and, behind
 * it, the requests that a DELAY timeout has moved back. Levels are served in order of priority.
 *
 * Source: triton-inference-server/core `scheduler_utils.cc` (PolicyQueue, PriorityQueue).
 */
export class PolicyQueue implements PendingRequests {
  /** Requests waiting. */
  waiting = 0;
  /**
   * Triton's count of waiting inferences: it forgets to take off those of requests that were refused, or dropped while
   * no slot was free, so that after some of them every arrival wakes the batcher.
   */
  countedInferences = 0;
  /** Requests that the batcher has taken; `order[0..taken)` says which, in that order. */
  taken = 0;
  order = new Int32Array(1024);

  readonly #queue: ModelQueue;
  readonly #options: PolicyQueueOptions;
  readonly #levels: Level[];
  #deadlineNs = new Float64Array(1024);
  /** Found to have waited too long, and not told yet. */
  #untold: number[] = [];
  /** What the batcher has looked at: positions, and which level and list each is in. */
  readonly #view: number[] = [];
  readonly #viewList: Fifo[] = [];
  /** Where it looks next, and when it looks. */
  #level = 0;
  #index = 0;
  #lookNs = 0;

  constructor(queue: ModelQueue, options: PolicyQueueOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#levels = options.levels.map((policy) => ({ policy, fifo: new Fifo(), delayed: new Fifo() }));
  }

  /** Lets in everything that arrives until `nowNs`; refuses what finds its level full. */
  admitUntil(nowNs: number): void {
    const queue = this.#queue;
    while (queue.admitted < queue.count && queue.queuedNs[queue.admitted]! <= nowNs) {
      const position = queue.admitted++;
      const level = this.#levels[this.#levelOf(position) - 1]!;
      const limit = level.policy.maxQueueSize;
      this.countedInferences += this.#size(position);
      if (limit > 0 && level.fifo.length + level.delayed.length >= limit) {
        this.#options.onDrop(position, Outcome.rejected, nowNs);
        continue;
      }
      this.#setDeadline(position, nowNs, level.policy);
      level.fifo.push(position);
      this.waiting++;
    }
  }

  /**
   * Looks at the waiting requests in order, dropping on the way those whose time is over, and
   * decides. A hold never lasts beyond the nearest deadline of what was looked at. Those that it drops are
   * told by {@link tellExpired}.
   */
  form(rules: BatchingRules, payload: OpenPayload, nowNs: number, decision: BatchDecision): void {
    this.#view.length = 0;
    this.#viewList.length = 0;
    this.#level = 0;
    this.#index = 0;
    this.#lookNs = nowNs;
    formBatch(rules, payload, this, nowNs, decision);
    if (decision.holdNs === 0) return;
    for (const position of this.#view) {
      const leftNs = this.#deadlineNs[position]! - nowNs;
      if (leftNs > 0 && leftNs < decision.holdNs) decision.holdNs = leftNs;
    }
  }

  /** Tells those that were dropped: at once where nothing is held, and else only when the batcher has slept out. */
  tellExpired(nowNs: number): void {
    if (this.#untold.length === 0) return;
    const expired = this.#untold;
    this.#untold = [];
    for (const position of expired) this.#options.onDrop(position, Outcome.timedOut, nowNs);
  }

  /** Moves the first `requests` of the view to `order`. Gives the arrival of the oldest. */
  take(requests: number): number {
    let oldestNs = Infinity;
    for (let i = 0; i < requests; i++) {
      const position = this.#view[i]!;
      this.#viewList[i]!.shift();
      if (this.taken === this.order.length) this.order = doubled(this.order);
      this.order[this.taken++] = position;
      this.waiting--;
      this.countedInferences -= this.#size(position);
      oldestNs = Math.min(oldestNs, this.#queue.queuedNs[position]!);
    }
    return oldestNs;
  }

  /** Rejects every request whose timeout has passed; what the batcher does while no slot is free. */
  expire(nowNs: number): void {
    for (const level of this.#levels) {
      if (level.policy.timeoutAction !== 'REJECT') continue;
      for (let i = 0; i < level.fifo.length; ) {
        const position = level.fifo.at(i);
        if (this.#deadlineNs[position]! > nowNs) i++;
        else {
          level.fifo.remove(i);
          this.waiting--;
          this.#untold.push(position);
        }
      }
    }
    this.tellExpired(nowNs);
  }

  has(index: number): boolean {
    return index < this.#view.length || this.#lookOn();
  }

  shapeOfTaken(index: number): number {
    return this.#queue.shapes?.[this.order[index]!] ?? 0;
  }

  sizeAt(index: number): number {
    return this.#size(this.#view[index]!);
  }

  shapeAt(index: number): number {
    return this.#queue.shapes?.[this.#view[index]!] ?? 0;
  }

  queuedNsAt(index: number): number {
    return this.#queue.queuedNs[this.#view[index]!]!;
  }

  /** Looks at the next request whose time is not over; those that it drops or delays on the way are not seen. */
  #lookOn(): boolean {
    for (let level = this.#levels[this.#level]; level !== undefined; level = this.#levels[++this.#level]) {
      const { fifo, delayed } = level;
      while (this.#index < fifo.length) {
        const position = fifo.at(this.#index);
        if (this.#deadlineNs[position]! > this.#lookNs) return this.#show(position, fifo);
        fifo.remove(this.#index);
        if (level.policy.timeoutAction === 'REJECT') this.#drop(position);
        else this.#delay(position, level);
      }
      const behind = this.#index - fifo.length;
      if (behind < delayed.length) return this.#show(delayed.at(behind), delayed);
      this.#index = 0;
    }
    return false;
  }

  #show(position: number, list: Fifo): true {
    this.#view.push(position);
    this.#viewList.push(list);
    this.#index++;
    return true;
  }

  /** Moved behind all unexpired requests of its level; never rejected from there. */
  #delay(position: number, level: Level): void {
    this.#deadlineNs[position] = Infinity;
    level.delayed.push(position);
  }

  #drop(position: number): void {
    this.waiting--;
    this.countedInferences -= this.#size(position);
    this.#untold.push(position);
  }

  #size(position: number): number {
    return this.#queue.sizes?.[position] ?? 1;
  }

  #levelOf(position: number): number {
    const priority = this.#options.priorities?.[position] ?? 0;
    return priority >= 1 && priority <= this.#levels.length ? priority : this.#options.defaultLevel;
  }

  /** The request's own timeout counts only where overriding is allowed and only if it is shorter. */
  #setDeadline(position: number, nowNs: number, policy: QueuePolicy): void {
    if (position >= this.#deadlineNs.length) this.#deadlineNs = doubled(this.#deadlineNs);
    let timeoutUs = policy.defaultTimeoutUs;
    const own = this.#options.timeoutsUs?.[position] ?? 0;
    if (timeoutUs > 0 && policy.allowTimeoutOverride && own > 0 && own < timeoutUs) timeoutUs = own;
    this.#deadlineNs[position] = timeoutUs > 0 ? nowNs + timeoutUs * 1000 : Infinity;
  }
}

interface Level {
  readonly policy: QueuePolicy;
  readonly fifo: Fifo;
  readonly delayed: Fifo;
}

/** A queue of positions from which one near the front can be removed. */
class Fifo {
  #items: number[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(index: number): number {
    return this.#items[this.#head + index]!;
  }

  push(position: number): void {
    this.#items.push(position);
  }

  shift(): number {
    const position = this.#items[this.#head++]!;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return position;
  }

  /** Removes the item at `index` by moving those before it, which are few. */
  remove(index: number): void {
    for (let i = this.#head + index; i > this.#head; i--) this.#items[i] = this.#items[i - 1]!;
    this.#head++;
  }
}
