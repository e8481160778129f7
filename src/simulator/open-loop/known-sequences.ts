import { Outcome } from '../../trace/request-log.js';
import type { ComponentSetup } from '../component-run.js';
import { EventQueue } from '../containers/event-queue.js';
import type { ModelQueue } from '../server/model-queue.js';
import type { Executor } from '../server/model-server.js';
import { sequenceRules } from '../server/sequences/sequence-rules.js';
import { SequenceServer } from '../server/sequences/sequence-server.js';
import type { FastPathSink } from './fast-path-sink.js';
import type { KnownArrivals } from './known-arrivals.js';

/**
 * A model with sequences of which all requests are known, and the end of each execution at its start: stepped as a `ModelServer` is. At
 * one instant requests come first, then ends of executions, then what its batchers do, as in the event loop.
 */
export class KnownSequences {
  nextNs: number;
  /** Kept for whoever steps it. */
  limitNs = Infinity;
  /** Requests in the order in which executions have them. */
  readonly server: SequenceServer;
  /** Ends of executions, by instance; at one instant in the order in which they started. */
  readonly #ends = new EventQueue();
  readonly #queue: ModelQueue;
  #nowNs = 0;

  constructor(
    setup: ComponentSetup,
    model: number,
    { sequenceIds, sequenceFlags }: KnownArrivals,
    parts: { readonly queue: ModelQueue; readonly executor: Executor; readonly sink: FastPathSink },
  ) {
    const { queue, executor, sink } = parts;
    this.#queue = queue;
    const start: Executor['start'] = (instance, from, to, batch, nowNs) => {
      const endNs = executor.start(instance, from, to, batch, nowNs);
      if (endNs < Infinity) this.#ends.push(endNs, 0, instance);
      return Infinity;
    };
    this.server = new SequenceServer(
      queue,
      { start },
      {
        ...sequenceRules(setup.served[model]!.config, setup.serverOptions(model, true)),
        idOf: (position) => sequenceIds![position]!,
        flagsOf: (position) => sequenceFlags![position]!,
        onRefused: (position) => sink.drop(position, Outcome.rejected, this.#nowNs),
      },
    );
    setup.slotUses[model] = this.server.use;
    this.nextNs = queue.nextArrivalNs();
  }

  step(): void {
    const { server } = this;
    const ends = this.#ends;
    const nowNs = this.nextNs;
    this.#nowNs = nowNs;
    if (this.#queue.nextArrivalNs() <= nowNs) server.pushedAt(nowNs);
    else if (ends.nextNs <= nowNs) {
      ends.pop();
      server.executionEnded(ends.subject, nowNs);
    } else server.step();
    this.#find();
  }

  /** An execution on a shared device ends, and its instance is free at that time. */
  executionEndsAt(instance: number, freeNs: number): void {
    this.#ends.push(freeNs, 0, instance);
    this.#find();
  }

  #find(): void {
    this.nextNs = Math.min(this.#queue.nextArrivalNs(), this.#ends.nextNs, this.server.nextNs);
  }
}
