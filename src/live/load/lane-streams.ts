import { remembered } from '../../base/remembered.js';
import { StreamTurns } from '../../simulator/load/stream-turns.js';
import type { InferenceClient, LiveError, PreparedRequest, RequestStream } from '../inference-client.js';

type Client = Pick<InferenceClient, 'openStream'>;

/** The streams that requests of one tenant share, to each of its servers; each is opened with its first request. */
export class LaneStreams {
  readonly #turns: StreamTurns;
  readonly #open = new Map<Client, Map<number, RequestStream>>();

  constructor(streams: number) {
    this.#turns = new StreamTurns(streams);
  }

  /** @param sequence of which the request is one, or 0 */
  send(
    client: Client,
    request: PreparedRequest,
    sequence: number,
    done: (error: LiveError | undefined) => void,
  ): void {
    const streams = remembered(this.#open, client, () => new Map<number, RequestStream>());
    remembered(streams, this.#turns.next(sequence), () => client.openStream()).send(request, done);
  }

  close(): void {
    for (const streams of this.#open.values()) for (const stream of streams.values()) stream.close();
  }
}
