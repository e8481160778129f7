/**
 * Latencies that differ by no more microseconds are the same. They are whole nanoseconds, but differences of times in microseconds,
 * of which few are held exactly: what took equally long differs in its last digits, alike among neighbours in the run, and the more
 * the later it was (by 2e-5 after a day).
 */
export const SAME_US = 1e-4;

/** A limit in milliseconds, in microseconds: a latency that is not above it is within. */
export function limitUsOf(limitMs: number): number {
  return 1000 * limitMs + SAME_US;
}
