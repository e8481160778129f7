import { startWorker } from './start-worker.js';

/** Gaps in which a thread that only ticks did not run. */
export interface Stalls {
  readonly count: number;
  readonly longestMs: number;
  readonly totalMs: number;
}

/** The meter sleeps for so long between two looks at the clock. */
export const TICK_MS = 1;
/** A tick later than this is a stall: longer than a time slice of a busy scheduler (4 ms), shorter than a hiccup of a virtual machine. */
const STALL_MS = 5;

/** Shared with the metering thread: how many, the longest, and all together in milliseconds. */
export type StallMemory = Float64Array<SharedArrayBuffer>;

/** Takes a look at the clock into account that came `gapMs` after the one before. */
export function noteGap(memory: Float64Array, gapMs: number): void {
  const lateMs = gapMs - TICK_MS;
  if (lateMs < STALL_MS) return;
  memory[0]!++;
  memory[1] = Math.max(memory[1]!, lateMs);
  memory[2]! += lateMs;
}

/**
 * Watches for stalls of the machine from a thread of its own, which does nothing but sleep a millisecond
 * at a time: when that is late, everything was (after G. Tene's jHiccup).
 */
export async function startStallMeter(): Promise<{ stop(): Stalls }> {
  const memory: StallMemory = new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT));
  const worker = await startWorker('stall-worker', import.meta.url, memory);
  worker.unref();
  return {
    stop() {
      void worker.terminate();
      const [count = 0, longestMs = 0, totalMs = 0] = memory;
      return { count, longestMs, totalMs };
    },
  };
}
