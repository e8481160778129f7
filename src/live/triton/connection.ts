import { Client, type ClientOptions, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { printable } from '../../base/printable.js';
import { InputError, ProblemList } from '../../base/problem.js';
import { oneLine } from '../errors.js';
import type { LiveError } from '../inference-client.js';
import { parseAddress } from './address.js';
import { channelCredentials, type TlsOptions } from './credentials.js';
import { GRPCInferenceServiceService as SERVICE } from './generated/grpc_service.js';
import { toLiveError } from './grpc-errors.js';
import { LeanChannel } from './lean/lean-channel.js';
import { notGrpc } from './no-connection.js';
import { speaksTls } from './tls-probe.js';

/** Headers by name, each with its value or values. */
export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

export interface ConnectionOptions {
  /** `host:port`, `grpc://host:port`, or `grpcs://host:port` for TLS. */
  readonly url: string;
  /** Certificates; giving any means TLS whatever the scheme says. */
  readonly tls?: TlsOptions;
  /** Headers sent with each call; of one with several values all are sent, in their order, as gRPC allows. */
  readonly metadata?: HeaderValues;
  /** Most time a call may take, a day at most; 30,000 where left out. */
  readonly deadlineMs?: number;
  /** Largest message in either direction; no limit where left out. */
  readonly maxMessageBytes?: number;
  /** TCP connections that inference requests take in turns; 1 where left out. */
  readonly channels?: number;
  /**
   * What carries inference requests: `lean` (the default) is a connection of its own that takes a third of the CPU
   * time of `grpc-js`. With TLS, and while it has no connection, it is always grpc-js.
   */
  readonly inferenceBy?: 'lean' | 'grpc-js';
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
  readonly #clients: readonly Client[];
  /** One beside each of the clients, or none. */
  readonly #lean: readonly LeanChannel[];
  #turn = 0;
  #hasAnswered = false;

  /** Throws an {@link InputError} when the options cannot be used; whether the server answers a call shows. */
  constructor(options: ConnectionOptions) {
    checkNumbers(options);
    const { target, isSecure } = parseAddress(options.url);
    this.url = options.url;
    this.#target = target;
    this.isSecure = isSecure || options.tls !== undefined;
    this.deadlineMs = options.deadlineMs ?? 30_000;
    this.#metadata = headers(singly(options.metadata ?? {}));
    const credentials = channelCredentials(this.isSecure, options.tls);
    const settings = channelSettings(options);
    this.#clients = Array.from(
      { length: options.channels ?? 1 },
      () => new Client(target, credentials, settings),
    );
    this.#lean =
      this.isSecure || options.inferenceBy === 'grpc-js'
        ? []
        : this.#clients.map(() => this.#leanChannel(options));
  }

  #leanChannel({ metadata = {}, maxMessageBytes = Infinity }: ConnectionOptions): LeanChannel {
    return new LeanChannel({
      target: this.#target,
      path: SERVICE.modelInfer.path,
      metadata: singly(metadata),
      deadlineMs: this.deadlineMs,
      maxMessageBytes,
    });
  }

  /** Makes the connections that inference requests take, so that the first of them need not wait. */
  async openForInference(): Promise<void> {
    await Promise.all(this.#lean.map((channel) => channel.open()));
  }

  /** One call; rejects with a {@link LiveError}. */
  call<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    { model, deadlineMs = this.deadlineMs }: { readonly model?: string; readonly deadlineMs?: number } = {},
  ): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + deadlineMs };
    const answer = new Promise<Response>((resolve, reject) => {
      this.#clients[0]!.makeUnaryRequest(
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

  /**
   * Sends an encoded ModelInferRequest and leaves the answer encoded, so that a load generator spends its time
   * on sending.
   */
  infer(bytes: Uint8Array, model: string, done: (error: LiveError | undefined) => void): void {
    const turn = this.#turn;
    this.#turn = (turn + 1) % this.#clients.length;
    const { path } = SERVICE.modelInfer;
    const answered = (error: unknown) => {
      const isGood = error === null || error === undefined;
      if (isGood) this.#hasAnswered = true;
      done(isGood ? undefined : this.#explain(error, path, this.deadlineMs, model));
    };
    if (this.#lean[turn]?.tryCall(bytes, answered) === true) return;
    const client = this.#clients[turn]!;
    const options = { deadline: Date.now() + this.deadlineMs };
    try {
      client.makeUnaryRequest(path, asBuffer, asItIs, bytes, this.#metadata, options, answered);
    } catch (error) {
      // A closed channel throws; callers of a callback expect the callback, and not before they go on.
      setImmediate(answered, error);
    }
  }

  close(): void {
    for (const channel of this.#lean) channel.close();
    for (const client of this.#clients) client.close();
  }

  /** A plain connection that is hung up on: does the server want TLS, or is it none at all? */
  async #lookCloser(error: LiveError): Promise<LiveError> {
    if (error.kind !== 'tls' || this.isSecure || (await speaksTls(this.#target))) return error;
    return notGrpc(printable(this.url));
  }

  #explain(error: unknown, path: string, deadlineMs: number, model: string | undefined): LiveError {
    const call = path.slice(path.lastIndexOf('/') + 1);
    const { url, isSecure } = this;
    return toLiveError(error, { url, isSecure, hasAnswered: this.#hasAnswered, call, deadlineMs, model });
  }
}

function checkNumbers({ deadlineMs = 1, channels = 1, maxMessageBytes = 1 }: ConnectionOptions): void {
  const problems = new ProblemList();
  if (!(deadlineMs > 0 && deadlineMs <= LONGEST_DEADLINE_MS)) {
    problems.add({ what: `a deadline of ${deadlineMs} ms`, remedy: 'give a time above 0, a day at most' });
  }
  if (!Number.isInteger(channels) || channels < 1 || channels > MOST_CHANNELS) {
    problems.add({ what: `${channels} channels`, remedy: `give 1 to ${MOST_CHANNELS}` });
  }
  if (!Number.isInteger(maxMessageBytes) || maxMessageBytes < 1) {
    problems.add({
      what: `messages of up to ${maxMessageBytes} bytes`,
      remedy: 'give 1 or more, or leave it out',
    });
  }
  problems.throwIfAny();
}

/** A day: timers of more than 24 days fire at once. */
const LONGEST_DEADLINE_MS = 86_400_000;
/** Each is a TCP connection; more do not make one process send faster. */
const MOST_CHANNELS = 256;

/** gRPC frames a Buffer; what comes from another thread is a plain array over the same bytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

function channelSettings({ maxMessageBytes = -1, tls }: ConnectionOptions): ClientOptions {
  return {
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_receive_message_length': maxMessageBytes,
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

/** A header as often as it has values. */
function singly(metadata: HeaderValues): readonly (readonly [name: string, value: string])[] {
  return Object.entries(metadata).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as const),
  );
}

/** gRPC headers. Throws an {@link InputError} where a name or a value cannot be sent. */
function headers(entries: readonly (readonly [name: string, value: string])[]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of entries) {
    try {
      metadata.add(name, value);
    } catch (error) {
      throw InputError.of(
        `the header "${name}" cannot be sent (${oneLine(error)})`,
        'use letters, digits, - _ . in its name and printable ASCII in its value',
      );
    }
  }
  // Sent twice, each call would fail.
  if (metadata.get('authorization').length > 1)
    throw InputError.of('the header "authorization" has several values', 'keep one: gRPC takes no more');
  return metadata;
}
