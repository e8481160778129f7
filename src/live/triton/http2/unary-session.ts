import type { Duplex } from 'node:stream';
import {
  CANCEL,
  type CallError,
  DROPPED,
  deadlineExceeded,
  errorOf,
  errorOfReset,
  GONE_AWAY,
  misbehaved,
  tooLarge,
} from './call-error.js';
import { Conduct, settingsProblem } from './conduct.js';
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
import { MOST_HEADER_BYTES, OpenBlock } from './open-block.js';
import { type Call, OpenCalls } from './open-calls.js';
import { CallTemplates, FIRST_WINDOW_BYTES, SendWindows } from './send-windows.js';

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
export class UnarySession {
  readonly #socket: Duplex;
  readonly #options: SessionOptions;
  readonly #frames = new FrameReader(FRAME_BYTES, (frame) => this.#onFrame(frame));
  readonly #headers = new HeaderReader();
  readonly #windows: SendWindows;
  readonly #calls: OpenCalls;
  readonly #templates: CallTemplates;
  #nextStream = 1;
  #mostCalls = Infinity;
  #unackedBytes = 0;
  readonly #conduct = new Conduct(performance.now());
  #block: OpenBlock | undefined;
  #state: 'opening' | 'ready' | 'closed' = 'opening';

  /** @param socket connected, and nobody else's */
  constructor(socket: Duplex, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    const { headers, deadlineMs } = options;
    this.#templates = new CallTemplates(headers);
    this.#calls = new OpenCalls(deadlineMs, (call) => this.#cancel(call, deadlineExceeded(deadlineMs)));
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
          [Setting.maxHeaderListSize, MOST_HEADER_BYTES],
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
    const { headers } = this.#options;
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#calls.begin(stream, done);
    if (message.length <= COPIED_BYTES && this.#windows.takesAtOnce(message.length)) {
      this.#windows.noteSent(message.length);
      this.#socket.write(this.#templates.numbered(message, stream));
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
  close(error: CallError = DROPPED): void {
    this.#retire();
    this.#calls.stopTimer();
    this.#socket.destroy();
    for (const call of this.#calls.all()) this.#finish(call, error);
  }

  /** Gives the connection up where something is wrong with what the server sends. */
  #closeIf(wrong: string | undefined): void {
    if (wrong !== undefined) this.close(misbehaved(wrong));
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

  #cancel(call: Call, error: CallError): void {
    this.#socket.write(numberFrame(FrameType.resetStream, call.stream, CANCEL));
    this.#finish(call, error);
  }

  #finish(call: Call, error: CallError | undefined): void {
    if (!this.#calls.end(call)) return;
    this.#windows.forget(call.stream);
    this.#conduct.answered();
    if (this.#calls.size === 0 && this.#state === 'closed') this.#socket.destroy();
    call.done(error);
  }

  // --- what the server sends ------------------------------------------------------------------

  #onFrame(frame: Frame): void {
    // Of a connection that was given up the rest of what had come.
    if (this.#socket.destroyed) return;
    const { type, flags, stream, payload } = frame;
    // Undefined where this is a frame by itself and no block is open.
    const continued = type === FrameType.continuation ? stream : undefined;
    if (continued !== this.#block?.stream)
      return this.#closeIf('sent a header block that is no whole (RFC 9113 6.10)');
    switch (type) {
      case FrameType.data:
        return this.#onData(frame);
      case FrameType.headers:
        return this.#onHeaders(frame);
      case FrameType.continuation:
        return this.#onBlockPart(payload, flags);
      case FrameType.resetStream:
        return this.#end(stream, errorOfReset(payload.length === 4 ? payload.readUInt32BE(0) : 0));
      case FrameType.settings:
        this.#idle();
        return (flags & Flag.ack) === 0 ? this.#onSettings(payload) : this.#onSettingsTaken();
      case FrameType.ping:
        this.#idle();
        if ((flags & Flag.ack) === 0) this.#acknowledge(FrameType.ping, payload);
        return;
      case FrameType.goAway:
        return this.#onGoAway(payload);
      case FrameType.windowUpdate:
        if (payload.length === 4 && this.#windows.widen(stream, payload.readUInt32BE(0) & LOW_31_BITS))
          return;
        return this.#closeIf('opened a window as HTTP/2 does not allow');
      default:
        // PRIORITY and what later versions may add mean nothing to a client of unary calls.
        return this.#idle();
    }
  }

  /** A frame that brings nothing. */
  #idle(): void {
    this.#closeIf(this.#conduct.idle(performance.now()));
  }

  #acknowledge(type: number, payload: Uint8Array): void {
    this.#closeIf(this.#conduct.acknowledging());
    if (!this.#socket.destroyed)
      this.#socket.write(encodeFrame(type, Flag.ack, 0, payload), this.#conduct.read);
  }

  #onData({ flags, stream, length }: Frame): void {
    if (length === 0 && (flags & Flag.endStream) === 0) return this.#idle();
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

  #onHeaders(frame: Frame): void {
    const { flags, stream } = frame;
    const part = unpadded(frame);
    if (part === undefined || stream >= this.#nextStream) return this.close();
    const isLast = (flags & Flag.endStream) !== 0;
    const call = this.#calls.get(stream);
    // An answer begins with one block and ends with another.
    if (call?.hasHeaders !== false && !isLast) this.#idle();
    if (call !== undefined) call.hasHeaders = true;
    this.#block = new OpenBlock(stream, isLast);
    this.#onBlockPart(part, flags);
  }

  #onBlockPart(part: Buffer, flags: number): void {
    const block = this.#block!;
    const wrong = block.add(part);
    if (wrong !== undefined) return this.#closeIf(wrong);
    if ((flags & Flag.endHeaders) === 0) return;
    this.#block = undefined;
    const headers = this.#headers.read(block.whole());
    if (headers === undefined) return this.#closeIf('sent headers that make no sense, or too many');
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
    const settings = readSettings(payload);
    this.#closeIf(settingsProblem(settings));
    if (this.#socket.destroyed) return;
    for (const [id, value] of settings) {
      if (id === Setting.maxConcurrentStreams) this.#mostCalls = value;
      else if (id === Setting.initialWindowSize) this.#windows.setInitial(value);
      else if (id === Setting.maxFrameSize) this.#windows.maxFrameBytes = value;
    }
    this.#acknowledge(FrameType.settings, Buffer.alloc(0));
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
    for (const call of this.#calls.all()) if (call.stream > last) this.#finish(call, GONE_AWAY);
  }
}
