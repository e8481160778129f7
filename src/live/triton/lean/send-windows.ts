import { Flag, FRAME_HEADER_BYTES, FrameType, frameHeader } from './frames.js';

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

  /** The server lets more come: on a stream, or on the whole connection (stream 0). */
  widen(stream: number, bytes: number): void {
    const body = this.#waiting.get(stream);
    if (stream === 0) this.#connectionBytes += bytes;
    else if (body !== undefined) body.windowBytes += bytes;
    this.#pump();
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

/** HEADERS and DATA of a call as they leave together, but for the stream's number. */
export interface CallTemplate {
  readonly bytes: Buffer;
  /** Where DATA begins. */
  readonly dataAt: number;
}

/** A gRPC message: not compressed, its length, its bytes. */
export function grpcMessage(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(message.length + 5);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** HEADERS and DATA of a call, which only the number of its stream is missing to. */
export function callTemplate(headers: Buffer, body: Buffer): CallTemplate {
  const bytes = Buffer.concat([
    frameHeader(FrameType.headers, Flag.endHeaders, 0, headers.length),
    headers,
    frameHeader(FrameType.data, Flag.endStream, 0, body.length),
    body,
  ]);
  return { bytes, dataAt: FRAME_HEADER_BYTES + headers.length };
}

/** A copy of the template for one call. */
export function numbered({ bytes, dataAt }: CallTemplate, stream: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(stream, 5);
  copy.writeUInt32BE(stream, dataAt + 5);
  return copy;
}
