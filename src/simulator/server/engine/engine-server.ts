import type { Engine } from '../../../scenario/served-model.js';
import { doubled } from '../../containers/doubled.js';
import { Level } from '../../containers/level.js';
import type { KvUse } from '../../result.js';
import type { ModelQueue } from '../model-queue.js';
import type { Executor } from '../model-server.js';
import { EngineBatch, type EngineStep } from './engine-batch.js';

/** Tokens of a request. */
export interface RequestTokens {
  readonly prompt: number;
  readonly output: number;
}

export interface EngineServerOptions {
  readonly limits: Pick<Engine, 'maxSequences' | 'tokenBudget'>;
  /** Tokens that the KV cache of each instance holds. */
  readonly kvTokens: readonly number[];
  readonly tokensOf: (position: number) => RequestTokens;
  /** A request has more tokens than the KV cache of its instance holds. */
  readonly onRefused: (position: number) => void;
}

/**
 * Language models of one server in engines with a batching of their own. Triton hands every request to an engine at once; each
 * instance is one, and they are asked in turn. An execution is a step of an engine. It is stepped as a `ModelServer` is.
 */
export class EngineServer {
  nextNs = Infinity;
  /** Kept for whoever steps it; engines look at nothing else. */
  limitNs = Infinity;
  readonly queue: ModelQueue;
  /** Requests in the order in which they end, by position in the queue. */
  order = new Int32Array(1024);
  #ordered = 0;
  readonly #executor: Executor;
  readonly #options: EngineServerOptions;
  readonly #engines: readonly EngineBatch[];
  /** When each instance begins its next step; Infinity: when one ends, or a request comes. */
  readonly #startsNs: Float64Array;
  readonly #steps: (EngineStep | undefined)[];
  readonly #kvHeld: Float64Array;
  readonly #kvUsed = new Level();
  #mostUsedShare = 0;
  #asked = 0;

  constructor(queue: ModelQueue, executor: Executor, options: EngineServerOptions) {
    const { limits, kvTokens } = options;
    this.queue = queue;
    this.#executor = executor;
    this.#options = options;
    this.#engines = kvTokens.map((tokens) => new EngineBatch({ ...limits, kvTokens: tokens }));
    this.#startsNs = new Float64Array(kvTokens.length).fill(Infinity);
    this.#steps = kvTokens.map(() => undefined);
    this.#kvHeld = new Float64Array(kvTokens.length);
  }

  /** The step of an instance that is under way. */
  stepOf(instance: number): EngineStep | undefined {
    return this.#steps[instance];
  }

  /** How full the KV caches were in a run that lasted so long: all of them on average, and the fullest of one at its peak. */
  kvUse(durationNs: number): KvUse {
    const tokens = this.#options.kvTokens.reduce((sum, each) => sum + each, 0);
    return { tokens, usedShare: { mean: this.#kvUsed.mean(durationNs) / tokens, most: this.#mostUsedShare } };
  }

  /** A request arrives; it is in the queue's columns already. All that come at one instant are there when a step begins. */
  pushedAt(nowNs: number): void {
    const { queue } = this;
    const first = queue.admitted;
    queue.admitUntil(nowNs);
    for (let position = first; position < queue.admitted; position++) {
      const instance = this.#asked++ % this.#engines.length;
      const { prompt, output } = this.#options.tokensOf(position);
      if (!this.#engines[instance]!.add(position, prompt, output)) this.#options.onRefused(position);
      else if (this.#steps[instance] === undefined) this.#startsNs[instance] = nowNs;
    }
    this.#schedule();
  }

  step(): void {
    const nowNs = this.nextNs;
    for (const [instance, startsNs] of this.#startsNs.entries())
      if (startsNs <= nowNs) this.#start(instance, nowNs);
    this.#schedule();
  }

  /** A step has ended. */
  executionEnded(instance: number, nowNs: number): void {
    this.#steps[instance] = undefined;
    this.#hold(instance, this.#engines[instance]!.kvUsed, nowNs);
    if (this.#engines[instance]!.hasWork) this.#startsNs[instance] = nowNs;
    this.#schedule();
  }

  /** A scenario whose instances come and go has no engines. */
  addInstance(): number {
    throw new Error('instances of an engine do not come and go');
  }

  removeInstance(): void {
    this.addInstance();
  }

  #start(instance: number, nowNs: number): void {
    this.#startsNs[instance] = Infinity;
    const step = this.#engines[instance]!.next();
    this.#steps[instance] = step;
    this.#hold(instance, step.kvTokens, nowNs);
    const from = this.#ordered;
    for (const position of step.ending) this.#append(position);
    this.#executor.start(instance, from, this.#ordered, step.sequences.length, nowNs);
  }

  #hold(instance: number, kvTokens: number, nowNs: number): void {
    this.#kvHeld[instance] = kvTokens;
    this.#mostUsedShare = Math.max(this.#mostUsedShare, kvTokens / this.#options.kvTokens[instance]!);
    this.#kvUsed.set(
      this.#kvHeld.reduce((sum, held) => sum + held, 0),
      nowNs,
    );
  }

  #append(position: number): void {
    if (this.#ordered === this.order.length) this.order = doubled(this.order);
    this.order[this.#ordered++] = position;
    this.queue.take(1, 1);
  }

  #schedule(): void {
    this.nextNs = this.#startsNs.reduce((first, startsNs) => Math.min(first, startsNs), Infinity);
  }
}
