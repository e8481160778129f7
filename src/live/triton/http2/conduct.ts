import { LOW_31_BITS, Setting } from './frames.js';

/**
 * As nghttp2 counts them (NGHTTP2_DEFAULT_GLITCH_BURST and _RATE): so many frames that bring nothing at once, and so many more each
 * second. gRPC's servers send a PING ten times a second at most.
 */
const BURST = 10_000;
const PER_SECOND = 330;
const PER_ANSWER = 8;
/** nghttp2's NGHTTP2_DEFAULT_MAX_OBQ_FLOOD_ITEM: acknowledgements that the server asks for and does not read. */
const MOST_UNREAD = 1000;
/** nghttp2's NGHTTP2_DEFAULT_MAX_SETTINGS. */
const MOST_SETTINGS = 32;
/** What a frame may have at least and at most (RFC 9113 6.5.2). */
const FRAME_BYTES = [16_384, 2 ** 24 - 1] as const;

/**
 * Whether a server behaves: one that floods its client with frames that bring nothing makes work without end, and memory where it does
 * not read what they are answered with. Each method gives what is wrong, for a message, or undefined.
 */
export class Conduct {
  #allowed = BURST;
  #seenMs: number;
  #unread = 0;

  constructor(nowMs: number) {
    this.#seenMs = nowMs;
  }

  /** A frame that brings no answer nearer: PING, SETTINGS, DATA without any, what is not known. */
  idle(nowMs: number): string | undefined {
    this.#allowed = Math.min(BURST, this.#allowed + ((nowMs - this.#seenMs) / 1000) * PER_SECOND) - 1;
    this.#seenMs = nowMs;
    return this.#allowed < 0 ? `sent more than ${BURST} frames that bring nothing` : undefined;
  }

  /** A call has ended: proxies put a frame or two without anything into an answer. */
  answered(): void {
    this.#allowed = Math.min(BURST, this.#allowed + PER_ANSWER);
  }

  /** An acknowledgement is about to be sent; call `read` when it has left. */
  acknowledging(): string | undefined {
    this.#unread++;
    return this.#unread > MOST_UNREAD
      ? `asked for more than ${MOST_UNREAD} acknowledgements and read none`
      : undefined;
  }

  readonly read = (): void => {
    this.#unread--;
  };
}

/** What is wrong with settings of a server. */
export function settingsProblem(
  settings: readonly (readonly [id: number, value: number])[],
): string | undefined {
  if (settings.length > MOST_SETTINGS) return `sent more than ${MOST_SETTINGS} settings at once`;
  const isWrong = settings.some(([id, value]) => {
    if (id === Setting.initialWindowSize) return value > LOW_31_BITS;
    return id === Setting.maxFrameSize && (value < FRAME_BYTES[0] || value > FRAME_BYTES[1]);
  });
  return isWrong ? 'sent a setting that HTTP/2 does not allow' : undefined;
}
