import { say } from './output.js';

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

/** Says what it is told on stderr, twice a second at most, and nothing before `quietMs` have passed from now. */
export function sayNowAndThen(quietMs?: number): (text: string) => void {
  const isTime = throttle(500, quietMs);
  return (text) => {
    if (isTime()) say(text);
  };
}
