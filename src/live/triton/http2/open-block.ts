/** What Node's own client takes (`maxHeaderListSize`); gRPC sends 16 KiB at most unless told otherwise. */
export const MOST_HEADER_BYTES = 65_536;
/** As nghttp2 has it since CVE-2024-28182: frames without end, or empty ones, cost memory and time and never make a block. */
const MOST_CONTINUATIONS = 8;

/** A header block that goes on in CONTINUATION frames. */
export class OpenBlock {
  readonly stream: number;
  /** The call ends with it. */
  readonly isLast: boolean;
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  constructor(stream: number, isLast: boolean) {
    this.stream = stream;
    this.isLast = isLast;
  }

  /** @returns why it can be no block of a server that means well; undefined where it can */
  add(part: Buffer): string | undefined {
    this.#bytes += part.length;
    if (this.#bytes > MOST_HEADER_BYTES) return `sent a header block of more than ${MOST_HEADER_BYTES} bytes`;
    if (this.#parts.length > MOST_CONTINUATIONS)
      return `sent a header block in more than ${MOST_CONTINUATIONS} CONTINUATION frames`;
    // What came may be overwritten afterwards.
    this.#parts.push(Buffer.from(part));
    return undefined;
  }

  whole(): Buffer {
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
  }
}
