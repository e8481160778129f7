import { remembered } from '../../base/remembered.js';
import { givesSeveral } from '../../scenario/composition.js';
import type { OutcomeCode } from '../../trace/request-log.js';
import type { ComponentSetup } from '../component-run.js';
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
  readonly #counts: readonly number[];
  /** Of each tenant its streams to each server. */
  readonly #streams = new Map<string, Stream>();
  readonly #of = new Map<number, Stream>();
  /** Requests that each tenant has sent. */
  readonly #sent: number[];

  constructor({ tenants, scenario }: Pick<ComponentSetup, 'tenants' | 'scenario'>) {
    const isDecoupled = ({ server, model }: ServedRef) =>
      givesSeveral(scenario.servers[server]!.models, model);
    this.#counts = tenants.map(({ sharedStreams = 0, targets }) =>
      sharedStreams > 0 && targets.some(isDecoupled) ? 0 : sharedStreams,
    );
    this.#sent = this.#counts.map(() => 0);
  }

  /** Whether answers to a tenant may have to wait for others. */
  has(tenant: number): boolean {
    return this.#counts[tenant]! > 0;
  }

  /**
   * A request of a tenant that {@link has} some is sent to a server.
   * @param sequence of which it is one, or 0: those of a sequence are in one stream, all others in turn
   */
  sent(row: number, { tenant, server, sequence }: Record<'tenant' | 'server' | 'sequence', number>): void {
    const count = this.#counts[tenant]!;
    const number = sequence === 0 ? this.#sent[tenant]!++ : sequence;
    const key = `${tenant} ${server} ${number % count}`;
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
