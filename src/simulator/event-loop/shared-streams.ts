import { remembered } from '../../base/remembered.js';
import { givesSeveral } from '../../scenario/composition.js';
import type { OutcomeCode } from '../../trace/request-log.js';
import type { ComponentSetup } from '../component-run.js';
import { StreamTurns } from '../load/stream-turns.js';
import type { ServedRef } from '../partition.js';

/** An answer that is there. */
export interface ReadyAnswer {
  readonly row: number;
  readonly outcome: OutcomeCode;
  readonly readyNs: number;
}

/** The requests of one stream that have no answer yet, in their order, and the answers that are there. */
interface Stream {
  readonly rows: number[];
  readonly ready: Map<number, ReadyAnswer>;
}

/**
 * Streams that requests of a tenant share: of one with a single answer each these leave in the order of the requests, so that one that
 * takes long holds up those behind it (stream_infer_handler.cc:242-247, r24.10). Decoupled models answer in the order in which they are done.
 */
export class SharedStreams {
  /** By tenant, where answers to it may have to wait for others. */
  readonly #turns: readonly (StreamTurns | undefined)[];
  /** Of each tenant its streams to each server. */
  readonly #streams = new Map<string, Stream>();
  readonly #of = new Map<number, Stream>();

  constructor({ tenants, scenario }: Pick<ComponentSetup, 'tenants' | 'scenario'>) {
    const isDecoupled = ({ server, model }: ServedRef) =>
      givesSeveral(scenario.servers[server]!.models, model);
    this.#turns = tenants.map(({ sharedStreams, targets }) =>
      sharedStreams === undefined || targets.some(isDecoupled) ? undefined : new StreamTurns(sharedStreams),
    );
  }

  /** Whether answers to a tenant may have to wait for others. */
  has(tenant: number): boolean {
    return this.#turns[tenant] !== undefined;
  }

  /**
   * A request of a tenant that {@link has} some is sent to a server.
   * @param sequence of which it is one, or 0
   */
  sent(row: number, { tenant, server, sequence }: Record<'tenant' | 'server' | 'sequence', number>): void {
    const key = `${tenant} ${server} ${this.#turns[tenant]!.next(sequence)}`;
    const stream = remembered(this.#streams, key, (): Stream => ({ rows: [], ready: new Map() }));
    stream.rows.push(row);
    this.#of.set(row, stream);
  }

  /** @returns the answers that leave now, in order: this one, if none before it is missing, and those that have waited for it */
  answered(answer: ReadyAnswer): ReadyAnswer[] {
    const stream = this.#of.get(answer.row);
    if (stream === undefined) return [answer];
    const { rows, ready } = stream;
    ready.set(answer.row, answer);
    const leaving: ReadyAnswer[] = [];
    for (let first = ready.get(rows[0]!); first !== undefined; first = ready.get(rows[0]!)) {
      rows.shift();
      ready.delete(first.row);
      this.#of.delete(first.row);
      leaving.push(first);
    }
    return leaving;
  }
}
