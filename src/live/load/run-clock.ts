/**
 * Microseconds since a point in time of the machine's monotonic clock, for any thread of the process.
 * `performance.now()` is cheap but counts from another origin in every thread; `hrtime` is the same everywhere.
 *
 * @param originNs the start of the run as `process.hrtime.bigint()` gives it; may lie ahead
 */
export function runClock(originNs: bigint): () => number {
  const offsetUs = Number(hrtimeAtZeroNs() - originNs) / 1000;
  return () => performance.now() * 1000 + offsetUs;
}

/** Of several pairs of readings, the one with the least time between. */
const READINGS = 8;

/** What `hrtime` showed when this thread's `performance.now()` was 0. */
function hrtimeAtZeroNs(): bigint {
  let best = { gapMs: Infinity, zeroNs: 0n };
  for (let i = 0; i < READINGS; i++) {
    const beforeMs = performance.now();
    const ns = process.hrtime.bigint();
    const gapMs = performance.now() - beforeMs;
    if (gapMs < best.gapMs) best = { gapMs, zeroNs: ns - BigInt(Math.round((beforeMs + gapMs / 2) * 1e6)) };
  }
  return best.zeroNs;
}
