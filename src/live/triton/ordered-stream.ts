import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { PreparedRequest, RequestStream } from '../inference-client.js';
import { DROPPED, deadlineExceeded } from './call-error.js';
import { errorInStream } from './grpc-errors.js';
import { OpenCalls } from './open-calls.js';

type Bytes = Uint8Array;
type Done = Parameters<RequestStream['send']>[1];

interface Waiting {
  readonly endMs: number;
  readonly answered: (error: unknown) => void;
}

export interface OrderedStreamOptions {
  /** Begins a call of ModelStreamInfer; may throw. */
  readonly open: () => ClientDuplexStream<Bytes, Buffer>;
  readonly deadlineMs: number;
  /** Who hears of the answer to a request for that model. */
  readonly answering: (model: string, done: Done) => Waiting['answered'];
}

/**
 * One gRPC stream for many requests. Those of models that answer each once are answered in their order (stream_infer_handler.cc:242-247,
 * r24.10), so that the first answer is that to the first request. A stream that breaks is opened anew by the next request.
 */
export class OrderedStream implements RequestStream {
  readonly #options: OrderedStreamOptions;
  /** Those whose answer somebody waits for. */
  readonly #calls: OpenCalls<Waiting>;
  #stream: ClientDuplexStream<Bytes, Buffer> | undefined;
  /** Those that the server answers next, also where their deadline is over. */
  #order: Waiting[] = [];

  constructor(options: OrderedStreamOptions) {
    this.#options = options;
    this.#calls = new OpenCalls((call) => this.#finish(call, deadlineExceeded(options.deadlineMs)));
  }

  send({ bytes, model }: PreparedRequest, done: Done): void {
    const { answering, deadlineMs } = this.#options;
    const call: Waiting = { endMs: performance.now() + deadlineMs, answered: answering(model, done) };
    this.#calls.begin(call);
    try {
      this.#stream ??= this.#opened();
      this.#order.push(call);
      this.#stream.write(bytes);
    } catch (error) {
      // A closed channel throws; callers of a callback expect the callback, and not before they go on.
      setImmediate(() => this.#finish(call, error));
    }
  }

  /** Requests without an answer get none. */
  close(): void {
    this.#order = [];
    for (const call of this.#calls.all()) this.#calls.end(call);
    this.#stream?.cancel();
  }

  #opened(): ClientDuplexStream<Bytes, Buffer> {
    const stream = this.#options.open();
    stream.on('data', (message: Buffer) => {
      const call = this.#order.shift();
      if (call !== undefined) this.#finish(call, errorInStream(message));
    });
    stream.on('error', (error) => this.#broken(stream, error));
    stream.on('end', () => this.#broken(stream, DROPPED));
    return stream;
  }

  #broken(stream: ClientDuplexStream<Bytes, Buffer>, error: unknown): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    const calls = this.#order;
    this.#order = [];
    for (const call of calls) this.#finish(call, error);
  }

  #finish(call: Waiting, error: unknown): void {
    if (this.#calls.end(call)) call.answered(error);
  }
}
