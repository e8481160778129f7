/** Frames of HTTP/2 (RFC 9113 chapter 4 and 6), as far as a client of unary calls meets them. */

export const FrameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const FRAME_HEADER_BYTES = 9;
/** Numbers of streams and sizes of windows have 31 bits; the one above them means nothing (RFC 9113 4.1, 6.9). */
export const LOW_31_BITS = 0x7fffffff;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Bytes of the payload as they came. */
  readonly length: number;
  /** Empty for DATA, which nobody reads. */
  readonly payload: Buffer;
}

const UNREAD = Buffer.alloc(0);

/** The nine bytes before the payload of a frame (RFC 9113, 4.1). */
export function frameHeader(type: number, flags: number, stream: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  return bytes;
}

export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(type, flags, stream, payload.length), payload]);
}

/** A SETTINGS frame (RFC 9113, 6.5). */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6);
  for (const [i, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  }
  return encodeFrame(FrameType.settings, 0, 0, payload);
}

/** The settings in the payload of a SETTINGS frame; bytes of an incomplete one at the end are left out. */
export function readSettings(payload: Buffer): [id: number, value: number][] {
  return Array.from({ length: Math.floor(payload.length / 6) }, (_, i) => [
    payload.readUInt16BE(i * 6),
    payload.readUInt32BE(i * 6 + 2),
  ]);
}

/** The payload of a frame with one number: WINDOW_UPDATE, RST_STREAM. */
export function numberFrame(type: number, stream: number, value: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(value);
  return encodeFrame(type, 0, stream, payload);
}

/** The payload of DATA or HEADERS without padding and priority; undefined where the padding exceeds it. */
export function unpadded({
  type,
  flags,
  payload,
}: Pick<Frame, 'type' | 'flags' | 'payload'>): Buffer | undefined {
  const isPadded = (flags & Flag.padded) !== 0;
  const padding = isPadded ? (payload[0] ?? 0) : 0;
  const priority = type === FrameType.headers && (flags & Flag.priority) !== 0 ? 5 : 0;
  const from = (isPadded ? 1 : 0) + priority;
  const to = payload.length - padding;
  return from <= to ? payload.subarray(from, to) : undefined;
}

/**
 * Cuts a stream of bytes into frames, however it is cut when it comes. What it is given may be overwritten afterwards. Payloads of
 * DATA are passed over as they come: an answer of a megabyte that is put together first costs more than all that is done with it.
 */
export class FrameReader {
  readonly #mostBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #wantedBytes = FRAME_HEADER_BYTES;
  /** A frame of DATA of which so many bytes are still to come. */
  #passing: Frame | undefined;
  #passingBytes = 0;

  /** @param mostBytes longest payload that was allowed to the other side */
  constructor(mostBytes: number, onFrame: (frame: Frame) => void) {
    this.#mostBytes = mostBytes;
    this.#onFrame = onFrame;
  }

  /** @returns false where what came is no frame: the connection is of no more use */
  push(chunk: Buffer): boolean {
    const more = this.#passOver(chunk);
    this.#restBytes += more.length;
    if (this.#restBytes < this.#wantedBytes) {
      if (more.length > 0) this.#rest.push(Buffer.from(more));
      return true;
    }
    const bytes = this.#rest.length === 0 ? more : Buffer.concat([...this.#rest, more]);
    let at = 0;
    for (;;) {
      const left = bytes.length - at;
      if (left < FRAME_HEADER_BYTES) return this.#keep(bytes, at, FRAME_HEADER_BYTES);
      const length = bytes.readUIntBE(at, 3);
      if (length > this.#mostBytes) return false;
      const from = at + FRAME_HEADER_BYTES;
      const [type, flags] = [bytes[at + 3]!, bytes[at + 4]!];
      const stream = bytes.readUInt32BE(at + 5) & LOW_31_BITS;
      const isWhole = left >= FRAME_HEADER_BYTES + length;
      if (!isWhole && type !== FrameType.data) return this.#keep(bytes, at, FRAME_HEADER_BYTES + length);
      const payload = type === FrameType.data ? UNREAD : bytes.subarray(from, from + length);
      const frame = { type, flags, stream, length, payload };
      if (!isWhole) {
        this.#passing = frame;
        this.#passingBytes = from + length - bytes.length;
        return this.#keep(bytes, bytes.length, FRAME_HEADER_BYTES);
      }
      this.#onFrame(frame);
      at = from + length;
    }
  }

  /** @returns what of the chunk comes after the frame that is passed over */
  #passOver(chunk: Buffer): Buffer {
    const frame = this.#passing;
    if (frame === undefined) return chunk;
    const passed = Math.min(chunk.length, this.#passingBytes);
    this.#passingBytes -= passed;
    if (this.#passingBytes === 0) {
      this.#passing = undefined;
      this.#onFrame(frame);
    }
    return chunk.subarray(passed);
  }

  #keep(bytes: Buffer, at: number, wantedBytes: number): true {
    this.#rest = at < bytes.length ? [Buffer.from(bytes.subarray(at))] : [];
    this.#restBytes = bytes.length - at;
    this.#wantedBytes = wantedBytes;
    return true;
  }
}
