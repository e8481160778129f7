import { Flag, FRAME_HEADER_BYTES, FrameType, frameHeader, LOW_31_BITS } from './frames.js';

/** What either side allows before it says anything (RFC 9113 6.5.2, 6.9.2). */
export const FIRST_WINDOW_BYTES = 65_535;
const FRAME_BYTES = 16_384;

interface Body {
  readonly stream: number;
  readonly bytes: Buffer;
  sent: number;
  windowBytes: number;
}

/**
 * Flow control of what is sent (RFC 9113 5.2): a window for the connection and one for each stream. Bodies
 * that fit leave at once; the others wait here, in the order in which their calls began.
 */
export class SendWindows {
  maxFrameBytes = FRAME_BYTES;
  readonly #write: (bytes: Uint8Array) => void;
  #connectionBytes = FIRST_WINDOW_BYTES;
  #initialBytes = FIRST_WINDOW_BYTES;
  readonly #waiting = new Map<number, Body>();

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Whether a body of so many bytes may leave in one frame, now, on a stream that has sent nothing. */
  takesAtOnce(bytes: number): boolean {
    return (
      this.#waiting.size === 0 &&
      bytes <= this.maxFrameBytes &&
      bytes <= this.#connectionBytes &&
      bytes <= this.#initialBytes
    );
  }

  /** A body that was sent with its headers. */
  noteSent(bytes: number): void {
    this.#connectionBytes -= bytes;
  }

  send(stream: number, bytes: Buffer): void {
    this.#waiting.set(stream, { stream, bytes, sent: 0, windowBytes: this.#initialBytes });
    this.#pump();
  }

  /** The stream sends nothing more. */
  forget(stream: number): void {
    this.#waiting.delete(stream);
  }

  /**
   * The server lets more come: on a stream, or on the whole connection (stream 0).
   * @returns false for what HTTP/2 does not allow: nothing more, or a window of more than 31 bits (RFC 9113 6.9)
   */
  widen(stream: number, bytes: number): boolean {
    const body = this.#waiting.get(stream);
    if (stream === 0) this.#connectionBytes += bytes;
    else if (body !== undefined) body.windowBytes += bytes;
    const windowBytes = stream === 0 ? this.#connectionBytes : (body?.windowBytes ?? 0);
    if (bytes === 0 || windowBytes > LOW_31_BITS) return false;
    this.#pump();
    return true;
  }

  /** A new initial window changes those of open streams by the difference (RFC 9113 6.9.2). */
  setInitial(bytes: number): void {
    for (const body of this.#waiting.values()) body.windowBytes += bytes - this.#initialBytes;
    this.#initialBytes = bytes;
    this.#pump();
  }

  #pump(): void {
    for (const body of this.#waiting.values()) {
      while (body.sent < body.bytes.length) {
        const left = body.bytes.length - body.sent;
        const length = Math.min(left, this.maxFrameBytes, body.windowBytes, this.#connectionBytes);
        if (length <= 0) break;
        this.#write(frameHeader(FrameType.data, length === left ? Flag.endStream : 0, body.stream, length));
        this.#write(body.bytes.subarray(body.sent, body.sent + length));
        body.sent += length;
        body.windowBytes -= length;
        this.#connectionBytes -= length;
      }
      if (body.sent === body.bytes.length) this.#waiting.delete(body.stream);
      if (this.#connectionBytes <= 0) return;
    }
  }
}

/** HEADERS and DATA of calls in one piece, made once for each message: the same one is sent many times. */
export class CallTemplates {
  readonly #headers: Buffer;
  readonly #known = new WeakMap<Buffer, Buffer>();

  /** @param headers of each call, encoded */
  constructor(headers: Buffer) {
    this.#headers = headers;
  }

  /** A copy for the call of that stream. */
  numbered(message: Buffer, stream: number): Buffer {
    let template = this.#known.get(message);
    if (template === undefined) {
      template = this.#make(message);
      this.#known.set(message, template);
    }
    const copy = Buffer.from(template);
    copy.writeUInt32BE(stream, STREAM_AT);
    copy.writeUInt32BE(stream, FRAME_HEADER_BYTES + this.#headers.length + STREAM_AT);
    return copy;
  }

  #make(message: Buffer): Buffer {
    return Buffer.concat([
      frameHeader(FrameType.headers, Flag.endHeaders, 0, this.#headers.length),
      this.#headers,
      frameHeader(FrameType.data, Flag.endStream, 0, message.length),
      message,
    ]);
  }
}

/** Where a frame has the number of its stream. */
const STREAM_AT = 5;

/** A gRPC message: not compressed, its length, its bytes. */
export function grpcMessage(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(message.length + 5);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
