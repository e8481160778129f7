/** The monotonic clock of the machine, which `model.py` reads too. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const BEAT_MS = 4;

/** Looks at the clock all the time: what keeps this process from running keeps a server from it too. */
export class Heartbeat {
  #lastMs = nowMs();
  #longestMs = 0;
  readonly #timer = setInterval(() => {
    const atMs = nowMs();
    this.#longestMs = Math.max(this.#longestMs, atMs - this.#lastMs - BEAT_MS);
    this.#lastMs = atMs;
  }, BEAT_MS);

  /** The longest time for which it did not run. */
  stop(): number {
    clearInterval(this.#timer);
    return this.#longestMs;
  }
}

const CALM_FOR_MS = 400;
const CALM_LATE_MS = 4;
/** For others that use the machine: with few rows at once a late one is soon repeated. */
const PATIENCE_MS = 1500;

/** Resolves when nothing else keeps the processors busy, or has done so for long. */
export async function calm(): Promise<void> {
  const endMs = nowMs() + PATIENCE_MS;
  let latestMs = Infinity;
  while (latestMs > CALM_LATE_MS && nowMs() < endMs) {
    const heart = new Heartbeat();
    await new Promise((resolve) => setTimeout(resolve, CALM_FOR_MS));
    latestMs = heart.stop();
  }
}
