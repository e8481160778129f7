/** Calls under way in the order in which they began, with one timer for the deadlines of all. */
export class OpenCalls<Call extends { readonly endMs: number }> {
  readonly #calls = new Set<Call>();
  readonly #onExpired: (call: Call) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param onExpired must end the call */
  constructor(onExpired: (call: Call) => void) {
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#calls.size;
  }

  all(): Call[] {
    return [...this.#calls];
  }

  /** @param call whose deadline is no earlier than those before */
  begin(call: Call): void {
    this.#calls.add(call);
    this.#timer ??= setTimeout(this.#expire, call.endMs - performance.now());
  }

  /** @returns false where it has ended before */
  end(call: Call): boolean {
    if (!this.#calls.delete(call)) return false;
    if (this.#calls.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    return true;
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const call of this.#calls) {
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
