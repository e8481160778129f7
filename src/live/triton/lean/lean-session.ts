import type { Duplex } from 'node:stream';
import {
  CANCEL,
  type CallError,
  DROPPED,
  deadlineExceeded,
  errorOf,
  errorOfReset,
  GONE_AWAY,
  tooLarge,
} from './call-error.js';
import {
  encodeFrame,
  Flag,
  type Frame,
  FrameReader,
  FrameType,
  frameHeader,
  LOW_31_BITS,
  numberFrame,
  readSettings,
  Setting,
  settingsFrame,
  unpadded,
} from './frames.js';
import { HeaderReader } from './header-block.js';
import {
  type CallTemplate,
  callTemplate,
  FIRST_WINDOW_BYTES,
  numbered,
  SendWindows,
} from './send-windows.js';

export interface SessionOptions {
  /** Headers of each call, encoded. */
  readonly headers: Buffer;
  readonly deadlineMs: number;
  readonly maxMessageBytes: number;
  /** Can take calls from now on. */
  readonly onReady: () => void;
  /** Takes no more calls. Those under way may still be answered. */
  readonly onClosed: () => void;
}

interface Call {
  readonly stream: number;
  readonly endMs: number;
  readonly done: (error: CallError | undefined) => void;
  receivedBytes: number;
  httpStatus: string | undefined;
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** The largest window there is: this side is never the one that is waited for. */
const WINDOW_BYTES = 2 ** 31 - 1;
const FRAME_BYTES = 2 ** 20;
/** What gRPC puts before a message. */
const PREFIX_BYTES = 5;
/**
 * Messages up to this size are copied with their headers into one piece, which is less work than four; copies of larger ones
 * are memory to collect.
 */
const COPIED_BYTES = 2048;
/** Streams are numbered by odd 31-bit integers; a connection that comes near the end is replaced. */
const LAST_STREAM = 2 ** 31 - 1001;

/**
 * The client's end of one HTTP/2 connection that carries unary gRPC calls whose answers nobody reads: status
 * only. Everything is handled within the turn of the event loop in which it comes.
 */
export class LeanSession {
  readonly #socket: Duplex;
  readonly #options: SessionOptions;
  readonly #frames = new FrameReader(FRAME_BYTES, (frame) => this.#onFrame(frame));
  readonly #headers = new HeaderReader();
  readonly #windows: SendWindows;
  /** By stream, in the order in which they began. */
  readonly #calls = new Map<number, Call>();
  readonly #templates = new WeakMap<Buffer, CallTemplate>();
  #nextStream = 1;
  #mostCalls = Infinity;
  #unackedBytes = 0;
  /** A header block that goes on in CONTINUATION frames. */
  #block: { readonly stream: number; readonly isLast: boolean; readonly parts: Buffer[] } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #state: 'opening' | 'ready' | 'closed' = 'opening';

  /** @param socket connected, and nobody else's */
  constructor(socket: Duplex, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#windows = new SendWindows((bytes) => socket.write(bytes));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    socket.on('end', () => this.close());
    socket.write(
      Buffer.concat([
        PREFACE,
        settingsFrame([
          [Setting.headerTableSize, 0],
          [Setting.enablePush, 0],
          [Setting.initialWindowSize, WINDOW_BYTES],
          [Setting.maxFrameSize, FRAME_BYTES],
        ]),
        numberFrame(FrameType.windowUpdate, 0, WINDOW_BYTES - FIRST_WINDOW_BYTES),
      ]),
    );
  }

  /** Bytes from the server, which may be overwritten afterwards. */
  receive(bytes: Buffer): void {
    this.#together(() => {
      if (!this.#frames.push(bytes)) this.close();
    });
  }

  /** Whether a call may begin now. */
  get takesCalls(): boolean {
    return this.#state === 'ready' && this.#calls.size < this.#mostCalls;
  }

  /** Begins a call. `message` is gRPC's length-prefixed message; the same buffer is cheap to send again. */
  call(message: Buffer, done: (error: CallError | undefined) => void): void {
    const { headers, deadlineMs } = this.#options;
    const stream = this.#nextStream;
    this.#nextStream += 2;
    const endMs = performance.now() + deadlineMs;
    this.#calls.set(stream, { stream, endMs, done, receivedBytes: 0, httpStatus: undefined });
    this.#timer ??= setTimeout(this.#expire, deadlineMs);
    if (message.length <= COPIED_BYTES && this.#windows.takesAtOnce(message.length)) {
      this.#windows.noteSent(message.length);
      this.#socket.write(numbered(this.#templateOf(message), stream));
    } else {
      this.#together(() => {
        this.#socket.write(frameHeader(FrameType.headers, Flag.endHeaders, stream, headers.length));
        this.#socket.write(headers);
        this.#windows.send(stream, message);
      });
    }
    if (this.#nextStream > LAST_STREAM) this.#retire();
  }

  /** Ends the connection; calls under way fail. */
  close(): void {
    this.#retire();
    clearTimeout(this.#timer);
    this.#socket.destroy();
    for (const call of [...this.#calls.values()]) this.#finish(call, DROPPED);
  }

  /** What is written meanwhile leaves in one system call: a message of many frames is two dozen writes. */
  #together(write: () => void): void {
    this.#socket.cork();
    write();
    this.#socket.uncork();
  }

  /** No new calls; the connection goes with the last of those under way. */
  #retire(): void {
    if (this.#state !== 'closed') {
      this.#state = 'closed';
      this.#options.onClosed();
    }
    if (this.#calls.size === 0) this.#socket.destroy();
  }

  #templateOf(message: Buffer): CallTemplate {
    let template = this.#templates.get(message);
    if (template === undefined) {
      template = callTemplate(this.#options.headers, message);
      this.#templates.set(message, template);
    }
    return template;
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const call of this.#calls.values()) {
      if (call.endMs > nowMs) {
        // Whoever heard of the deadline may have called again, for which there is a timer by now: a later one.
        clearTimeout(this.#timer);
        this.#timer = setTimeout(this.#expire, Math.ceil(call.endMs - nowMs));
        return;
      }
      this.#cancel(call, deadlineExceeded(this.#options.deadlineMs));
    }
  };

  #cancel(call: Call, error: CallError): void {
    this.#socket.write(numberFrame(FrameType.resetStream, call.stream, CANCEL));
    this.#finish(call, error);
  }

  #finish(call: Call, error: CallError | undefined): void {
    if (!this.#calls.delete(call.stream)) return;
    this.#windows.forget(call.stream);
    if (this.#calls.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#state === 'closed') this.#socket.destroy();
    }
    call.done(error);
  }

  // --- what the server sends ------------------------------------------------------------------

  #onFrame(frame: Frame): void {
    const { type, flags, stream, payload } = frame;
    switch (type) {
      case FrameType.data:
        return this.#onData(frame);
      case FrameType.headers: {
        const part = unpadded(frame);
        if (part === undefined) return this.close();
        this.#block = { stream, isLast: (flags & Flag.endStream) !== 0, parts: [Buffer.from(part)] };
        return this.#onBlockPart(flags);
      }
      case FrameType.continuation:
        this.#block?.parts.push(Buffer.from(payload));
        return this.#onBlockPart(flags);
      case FrameType.resetStream:
        return this.#end(stream, errorOfReset(payload.length === 4 ? payload.readUInt32BE(0) : 0));
      case FrameType.settings:
        return (flags & Flag.ack) === 0 ? this.#onSettings(payload) : this.#onSettingsTaken();
      case FrameType.ping:
        if ((flags & Flag.ack) === 0) this.#socket.write(encodeFrame(FrameType.ping, Flag.ack, 0, payload));
        return;
      case FrameType.goAway:
        return this.#onGoAway(payload);
      case FrameType.windowUpdate:
        if (payload.length === 4) this.#windows.widen(stream, payload.readUInt32BE(0) & LOW_31_BITS);
        return;
      default:
        // PRIORITY and what later versions may add mean nothing to a client of unary calls.
        return;
    }
  }

  #onData({ flags, stream, length }: Frame): void {
    this.#unackedBytes += length;
    if (this.#unackedBytes >= WINDOW_BYTES / 2) {
      this.#socket.write(numberFrame(FrameType.windowUpdate, 0, this.#unackedBytes));
      this.#unackedBytes = 0;
    }
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    call.receivedBytes += length;
    const { maxMessageBytes } = this.#options;
    if (call.receivedBytes - PREFIX_BYTES > maxMessageBytes)
      this.#cancel(call, tooLarge(call.receivedBytes - PREFIX_BYTES, maxMessageBytes));
    else if ((flags & Flag.endStream) !== 0) this.#finish(call, errorOf(new Map(), call.httpStatus));
  }

  #onBlockPart(flags: number): void {
    const block = this.#block;
    if (block === undefined || (flags & Flag.endHeaders) === 0) return;
    this.#block = undefined;
    const headers = this.#headers.read(
      block.parts.length === 1 ? block.parts[0]! : Buffer.concat(block.parts),
    );
    if (headers === undefined) return this.close();
    const call = this.#calls.get(block.stream);
    if (call === undefined) return;
    call.httpStatus = headers.get(':status') ?? call.httpStatus;
    if (block.isLast) this.#finish(call, errorOf(headers, call.httpStatus));
  }

  #end(stream: number, error: CallError): void {
    const call = this.#calls.get(stream);
    if (call !== undefined) this.#finish(call, error);
  }

  #onSettings(payload: Buffer): void {
    for (const [id, value] of readSettings(payload)) {
      if (id === Setting.maxConcurrentStreams) this.#mostCalls = value;
      else if (id === Setting.initialWindowSize) this.#windows.setInitial(value);
      else if (id === Setting.maxFrameSize) this.#windows.maxFrameBytes = value;
    }
    this.#socket.write(encodeFrame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0)));
  }

  /** From here on the server keeps no header table. */
  #onSettingsTaken(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'ready';
    this.#options.onReady();
  }

  #onGoAway(payload: Buffer): void {
    const last = payload.length >= 4 ? payload.readUInt32BE(0) & LOW_31_BITS : 0;
    this.#retire();
    for (const call of [...this.#calls.values()]) if (call.stream > last) this.#finish(call, GONE_AWAY);
  }
}
