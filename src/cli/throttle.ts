/**
 * Tells whether it is time for another line of progress: not before `quietMs` have passed from now, then every `everyMs` at
 * most.
 */
export function throttle(everyMs: number, quietMs = everyMs): () => boolean {
  let nextAt = performance.now() + quietMs;
  return () => {
    if (performance.now() < nextAt) return false;
    nextAt = performance.now() + everyMs;
    return true;
  };
}
