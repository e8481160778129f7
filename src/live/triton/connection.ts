import { Client, type ClientOptions, type Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { printable } from '../../base/printable.js';
import { ProblemList } from '../../base/problem.js';
import type { LiveError, RequestStream } from '../inference-client.js';
import { parseAddress } from './address.js';
import { channelCredentials, type TlsOptions } from './credentials.js';
import type { ModelInferResponse } from './generated/grpc_service_pb.js';
import { errorInStream, toLiveError } from './grpc-errors.js';
import { grpcHeaders, type HeaderValues, singly } from './headers.js';
import { notGrpc } from './no-connection.js';
import { OrderedStream } from './ordered-stream.js';
import { SERVICE } from './service.js';
import { type ShowText, showingWithout } from './shown-text.js';
import { speaksTls } from './tls-probe.js';
import { UnaryChannel } from './unary-channel.js';

export interface ConnectionOptions {
  /** `host:port`, `grpc://host:port`, or `grpcs://host:port` for TLS. */
  readonly url: string;
  /** Certificates; giving any means TLS whatever the scheme says. */
  readonly tls?: TlsOptions;
  /** Headers sent with each call; of one with several values all are sent, in their order, as gRPC allows. */
  readonly metadata?: HeaderValues;
  /** Most time a call may take, a day at most; 30,000 where left out. */
  readonly deadlineMs?: number;
  /** Largest answer of an inference; 256 MiB where left out. */
  readonly maxAnswerBytes?: number;
  /**
   * What carries inference requests: `http2` (the default) is a connection of its own over Node's HTTP/2, which takes half of
   * the CPU time of `grpc-js`. With TLS, and while it has no connection, it is always grpc-js.
   */
  readonly inferenceBy?: 'http2' | 'grpc-js';
}

interface CallOptions {
  readonly model?: string;
  readonly deadlineMs?: number;
  /** Default: that of all calls but inference. */
  readonly client?: Client;
}

/**
 * Channels to one server. Failed connections are tried again after a tenth of a second, two seconds at most:
 * a server that is started while perseus waits for it should be found soon.
 */
export class Connection {
  readonly url: string;
  readonly isSecure: boolean;
  readonly deadlineMs: number;
  readonly #target: string;
  readonly #metadata: Metadata;
  /** For all calls but inference. */
  readonly #management: Client;
  readonly #inference: Client;
  /** What takes inference requests where it can. */
  readonly #http2: UnaryChannel | undefined;
  /** Makes what the server says fit to be shown. */
  readonly shown: ShowText;
  #hasAnswered = false;

  /** Throws an {@link InputError} when the options cannot be used; whether the server answers a call shows. */
  constructor(options: ConnectionOptions) {
    checkNumbers(options);
    const { target, isSecure } = parseAddress(options.url);
    this.url = options.url;
    this.#target = target;
    this.isSecure = isSecure || options.tls !== undefined;
    this.deadlineMs = options.deadlineMs ?? 30_000;
    const entries = singly(options.metadata ?? {});
    this.#metadata = grpcHeaders(entries);
    this.shown = showingWithout(entries.map(([, value]) => value));
    const credentials = channelCredentials(this.isSecure, options.tls);
    const open = (limits: ClientOptions) =>
      new Client(target, credentials, { ...channelSettings(options), ...limits });
    this.#management = open(receiving(MANAGEMENT_BYTES));
    const sending = { 'grpc.max_send_message_length': -1 };
    this.#inference = open({ ...sending, ...receiving(options.maxAnswerBytes ?? ANSWER_BYTES) });
    this.#http2 =
      this.isSecure || options.inferenceBy === 'grpc-js' ? undefined : this.#unaryChannel(options);
  }

  #unaryChannel(options: ConnectionOptions): UnaryChannel {
    const { metadata = {}, maxAnswerBytes = ANSWER_BYTES } = options;
    return new UnaryChannel({
      target: this.#target,
      path: SERVICE.modelInfer.path,
      metadata: singly(metadata),
      deadlineMs: this.deadlineMs,
      maxAnswerBytes,
    });
  }

  /** Makes the connection that inference requests take, so that the first of them need not wait. */
  async openForInference(): Promise<void> {
    if (this.#http2 !== undefined) return this.#http2.open();
    const deadline = Date.now() + this.deadlineMs;
    // Why there is none the first request will say.
    await new Promise<void>((resolve) => this.#inference.waitForReady(deadline, () => resolve()));
  }

  /** One call; rejects with a {@link LiveError}. */
  call<Request, Response>(
    method: Pick<MethodDefinition<Request, Response>, 'path' | 'requestSerialize' | 'responseDeserialize'>,
    request: Request,
    { model, deadlineMs = this.deadlineMs, client = this.#management }: CallOptions = {},
  ): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + deadlineMs };
    const answer = new Promise<Response>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.#metadata,
        options,
        (error, response) => (error === null ? resolve(response!) : reject(error)),
      );
    });
    return answer.then(
      (response) => {
        this.#hasAnswered = true;
        return response;
      },
      async (error) => {
        throw await this.#lookCloser(this.#explain(error, path, deadlineMs, model));
      },
    );
  }

  /** The answer to an encoded ModelInferRequest, decoded. */
  answerTo(bytes: Uint8Array, model: string): Promise<ModelInferResponse> {
    const { path, responseDeserialize } = SERVICE.modelInfer;
    const method = { path, requestSerialize: asBuffer, responseDeserialize };
    return this.call(method, bytes, { model, client: this.#inference });
  }

  /**
   * Sends an encoded ModelInferRequest and leaves the answer encoded, so that a load generator spends its time
   * on sending.
   */
  infer(bytes: Uint8Array, model: string, done: (error: LiveError | undefined) => void): void {
    const { path } = SERVICE.modelInfer;
    const answered = this.#answering(path, model, done);
    if (this.#http2?.tryCall(bytes, answered) === true) return;
    const options = { deadline: Date.now() + this.deadlineMs };
    try {
      this.#inference.makeUnaryRequest(path, asBuffer, asItIs, bytes, this.#metadata, options, answered);
    } catch (error) {
      // A closed channel throws; callers of a callback expect the callback, and not before they go on.
      setImmediate(answered, error);
    }
  }

  /**
   * The same for a model that may give several responses, over a stream of its own: it waits for no other request, and ends with
   * its last response.
   */
  inferStream(
    bytes: Uint8Array,
    model: string,
    done: (error: LiveError | undefined) => void,
    responded: () => void = () => undefined,
  ): void {
    const { path } = SERVICE.modelStreamInfer;
    const answered = once(this.#answering(path, model, done));
    const options = { deadline: Date.now() + this.deadlineMs };
    try {
      const call = this.#inference.makeServerStreamRequest(
        path,
        asBuffer,
        asItIs,
        bytes,
        this.#metadata,
        options,
      );
      let failed: { code: number; details: string } | undefined;
      call.on('data', (message: Buffer) => {
        failed ??= errorInStream(message);
        if (failed === undefined) responded();
      });
      call.on('error', answered);
      call.on('end', () => answered(failed));
    } catch (error) {
      setImmediate(answered, error);
    }
  }

  /** A stream for requests that each have one response: these come in the order of the requests. */
  openStream(): RequestStream {
    const { path } = SERVICE.modelStreamInfer;
    return new OrderedStream({
      open: () => this.#inference.makeBidiStreamRequest(path, asBuffer, asItIs, this.#metadata),
      deadlineMs: this.deadlineMs,
      answering: (model, done) => this.#answering(path, model, done),
    });
  }

  #answering(path: string, model: string, done: (error: LiveError | undefined) => void) {
    return (error: unknown) => {
      const isGood = error === null || error === undefined;
      if (isGood) this.#hasAnswered = true;
      done(isGood ? undefined : this.#explain(error, path, this.deadlineMs, model));
    };
  }

  close(): void {
    this.#http2?.close();
    this.#inference.close();
    this.#management.close();
  }

  /** A plain connection that is hung up on: does the server want TLS, or is it none at all? */
  async #lookCloser(error: LiveError): Promise<LiveError> {
    if (error.kind !== 'tls' || this.isSecure || (await speaksTls(this.#target))) return error;
    return notGrpc(printable(this.url));
  }

  #explain(error: unknown, path: string, deadlineMs: number, model: string | undefined): LiveError {
    const call = path.slice(path.lastIndexOf('/') + 1);
    const { url, isSecure, shown } = this;
    const hasAnswered = this.#hasAnswered;
    return toLiveError(error, { url, isSecure, hasAnswered, call, deadlineMs, model, shown });
  }
}

/**
 * gRPC's own default. The largest that is asked for, the index of a repository and the configuration of one model, take a
 * hundredth of it; what is decoded from it takes up to a hundred times as much memory.
 */
const MANAGEMENT_BYTES = 4 * 2 ** 20;
/** More than a batch of 8 images with 21 scores for each of 512 x 512 pixels. */
export const ANSWER_BYTES = 256 * 2 ** 20;

function receiving(bytes: number): ClientOptions {
  return { 'grpc.max_receive_message_length': bytes };
}

function checkNumbers(options: ConnectionOptions): void {
  const { deadlineMs = 1, maxAnswerBytes = 1 } = options;
  const problems = new ProblemList();
  if (!(deadlineMs > 0 && deadlineMs <= LONGEST_DEADLINE_MS)) {
    problems.add({ what: `a deadline of ${deadlineMs} ms`, remedy: 'give a time above 0, a day at most' });
  }
  if (!Number.isInteger(maxAnswerBytes) || maxAnswerBytes < 1) {
    problems.add({
      what: `answers of up to ${maxAnswerBytes} bytes`,
      remedy: 'give 1 or more, or leave it out',
    });
  }
  problems.throwIfAny();
}

/** A day: timers of more than 24 days fire at once. */
const LONGEST_DEADLINE_MS = 86_400_000;
/** A call that fails says so, and then that it has ended. */
function once(answered: (error: unknown) => void): (error: unknown) => void {
  let isOver = false;
  return (error) => {
    if (isOver) return;
    isOver = true;
    answered(error);
  };
}

/** gRPC frames a Buffer; what comes from another thread is a plain array over the same bytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

function channelSettings({ tls }: ConnectionOptions): ClientOptions {
  return {
    // Every client has connections of its own: another one in this process must not share its queue.
    'grpc.use_local_subchannel_pool': 1,
    // A repeated request would be counted twice.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
    // What is measured must be the server, not a proxy on the way that some variable of the shell names.
    'grpc.enable_http_proxy': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.min_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2000,
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  };
}
