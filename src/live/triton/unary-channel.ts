import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect } from 'node:net';
import { socketAddress } from './address.js';
import {
  type CallError,
  DROPPED,
  deadlineExceeded,
  errorOf,
  errorOfReset,
  GONE_AWAY,
  tooLarge,
} from './call-error.js';
import { byName } from './headers.js';
import { OpenCalls } from './open-calls.js';

export interface UnaryChannelOptions {
  /** `host:port`, IPv6 hosts in brackets. */
  readonly target: string;
  /** Path of the one method that is called. */
  readonly path: string;
  /** Headers that go with each call; a name may come several times. */
  readonly metadata: readonly (readonly [name: string, value: string])[];
  readonly deadlineMs: number;
  readonly maxAnswerBytes: number;
}

/** Between attempts to connect. */
const RETRY_MS = 1000;
/** The largest window there is: this side is never the one that is waited for. */
const WINDOW_BYTES = 2 ** 31 - 1;
/** Where requests of more than Node's own limit wait to be sent, it would reset streams whose answers come: no limit. */
const MOST_SESSION_MB = 2 ** 32 - 1;
/** What gRPC puts before a message: not compressed, and its length. */
const PREFIX_BYTES = 5;

/** A call whose answer has not come. */
interface Call {
  readonly endMs: number;
  readonly stream: ClientHttp2Stream;
  readonly done: (error: CallError | undefined) => void;
}

/**
 * A connection without TLS for unary gRPC calls whose answers are counted and not read, over Node's own HTTP/2. To an echo server on busy
 * cores a call of 1 kB takes 0.13 ms of CPU time, by grpc-js 0.29 ms (two runs of 5000 calls, 2026-12-01). Beside a server on its own
 * cores a heavier client measures itself.
 *
 * It takes a call only while it is connected and has room for it; whoever calls has grpc-js for the others,
 * which also knows how to tell why there is no connection.
 */
export class UnaryChannel {
  readonly #options: UnaryChannelOptions;
  readonly #headers: OutgoingHttpHeaders;
  readonly #messages = new WeakMap<Uint8Array, Buffer>();
  readonly #calls: OpenCalls<Call>;
  /** The one that takes calls, and those that the server has sent away and whose calls are still under way. */
  readonly #sessions = new Set<ClientHttp2Session>();
  #session: ClientHttp2Session | undefined;
  #opening: Promise<void> | undefined;
  #triedMs = -Infinity;
  #isClosed = false;

  constructor(options: UnaryChannelOptions) {
    const { path, metadata, deadlineMs } = options;
    this.#options = options;
    this.#headers = {
      ...byName(metadata),
      ':method': 'POST',
      ':path': path,
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': 'perseus',
      // At most eight digits: a deadline is of a day at most.
      'grpc-timeout': `${Math.ceil(deadlineMs)}m`,
    };
    this.#calls = new OpenCalls((call) => this.#cancel(call, deadlineExceeded(deadlineMs)));
  }

  /** Connects, unless it is or was just tried; resolves when the attempt has ended, well or not, within the deadline. */
  open(): Promise<void> {
    if (this.#isClosed || this.#session !== undefined) return Promise.resolve();
    if (this.#opening === undefined && performance.now() - this.#triedMs >= RETRY_MS) {
      this.#triedMs = performance.now();
      this.#opening = this.#connect().finally(() => {
        this.#opening = undefined;
      });
    }
    return this.#opening ?? Promise.resolve();
  }

  /** @returns false where it cannot take the call; then `done` is not called */
  tryCall(message: Uint8Array, done: (error: CallError | undefined) => void): boolean {
    const session = this.#session;
    if (session === undefined) {
      void this.open();
      return false;
    }
    // A session that is lost ends its calls before it says so itself.
    if (session.closed || session.destroyed) return false;
    const { deadlineMs } = this.#options;
    const { maxConcurrentStreams = Infinity } = session.remoteSettings;
    if (this.#calls.size >= maxConcurrentStreams) return false;
    const stream = session.request(this.#headers);
    const call: Call = { endMs: performance.now() + deadlineMs, stream, done };
    this.#calls.begin(call);
    this.#read(call, session);
    stream.end(this.#framed(message));
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#session = undefined;
    // Not at once: whoever closes may do so when an answer comes, and Node ends the process where a session is destroyed while it
    // hands on what it has read (nodejs/node#64850).
    setImmediate(() => {
      for (const session of this.#sessions) session.destroy();
    });
  }

  #connect(): Promise<void> {
    const { target, deadlineMs } = this.#options;
    const session = connectHttp2(`http://${target}`, {
      createConnection: () => connect({ ...socketAddress(target), noDelay: true }),
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
      maxSessionMemory: MOST_SESSION_MB,
    });
    this.#sessions.add(session);
    // Something that takes connections may never answer on this one: a proxy with a limit, a server that hangs.
    const giveUp = setTimeout(() => session.destroy(), deadlineMs);
    const retire = () => {
      if (this.#session === session) this.#session = undefined;
    };
    session.on('goaway', (_code, last) => {
      retire();
      for (const call of this.#calls.all()) if ((call.stream.id ?? 0) > last) this.#cancel(call, GONE_AWAY);
    });
    return new Promise<void>((resolve) => {
      session.once('remoteSettings', () => {
        session.setLocalWindowSize(WINDOW_BYTES);
        if (!this.#isClosed) this.#session = session;
        resolve();
      });
      // What was wrong, calls under way hear with their own ends.
      session.on('error', retire);
      session.once('close', () => {
        clearTimeout(giveUp);
        retire();
        this.#sessions.delete(session);
        resolve();
      });
    }).then(() => clearTimeout(giveUp));
  }

  #read(call: Call, session: ClientHttp2Session): void {
    const { stream } = call;
    const { maxAnswerBytes } = this.#options;
    let bytes = -PREFIX_BYTES;
    let httpStatus: string | undefined;
    let last: IncomingHttpHeaders = {};
    stream.on('response', (headers) => {
      httpStatus = String(headers[constants.HTTP2_HEADER_STATUS]);
      last = headers;
    });
    stream.on('trailers', (headers) => {
      last = headers;
    });
    stream.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxAnswerBytes) this.#cancel(call, tooLarge(bytes, maxAnswerBytes));
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      const { rstCode } = stream;
      if (session.destroyed && last['grpc-status'] === undefined) this.#finish(call, DROPPED);
      else if (rstCode === constants.NGHTTP2_NO_ERROR) this.#finish(call, errorOf(last, httpStatus));
      else this.#finish(call, errorOfReset(rstCode));
    });
  }

  #cancel(call: Call, error: CallError): void {
    this.#finish(call, error);
    call.stream.close(constants.NGHTTP2_CANCEL);
  }

  #finish(call: Call, error: CallError | undefined): void {
    if (this.#calls.end(call)) call.done(error);
  }

  #framed(message: Uint8Array): Buffer {
    let framed = this.#messages.get(message);
    if (framed === undefined) {
      framed = grpcMessage(message);
      this.#messages.set(message, framed);
    }
    return framed;
  }
}

function grpcMessage(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}
