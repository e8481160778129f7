import type { CallError } from './call-error.js';

/** A call whose answer has not come. */
export interface Call {
  readonly stream: number;
  readonly endMs: number;
  readonly done: (error: CallError | undefined) => void;
  receivedBytes: number;
  /** Its answer has begun. */
  hasHeaders: boolean;
  httpStatus: string | undefined;
}

/** The calls under way by stream, in the order in which they began, with one timer for the deadlines of all. */
export class OpenCalls {
  readonly #calls = new Map<number, Call>();
  readonly #deadlineMs: number;
  readonly #onExpired: (call: Call) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onExpired must end the call */
  constructor(deadlineMs: number, onExpired: (call: Call) => void) {
    this.#deadlineMs = deadlineMs;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#calls.size;
  }

  get(stream: number): Call | undefined {
    return this.#calls.get(stream);
  }

  all(): Call[] {
    return [...this.#calls.values()];
  }

  begin(stream: number, done: Call['done']): void {
    const endMs = performance.now() + this.#deadlineMs;
    this.#calls.set(stream, {
      stream,
      endMs,
      done,
      receivedBytes: 0,
      hasHeaders: false,
      httpStatus: undefined,
    });
    this.#timer ??= setTimeout(this.#expire, this.#deadlineMs);
  }

  /** @returns false where it has ended before */
  end({ stream }: Call): boolean {
    if (!this.#calls.delete(stream)) return false;
    if (this.#calls.size === 0) this.stopTimer();
    return true;
  }

  /** None of them ends at its deadline any more. */
  stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
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
      this.#onExpired(call);
    }
  };
}
