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

/**
 * Says what it is told on stderr: twice a second at most on a terminal, else every five seconds, and nothing before
 * `quietMs` have passed from now.
 */
export function sayNowAndThen(quietMs = 500): (text: string) => void {
  const isTime = throttle(process.stderr.isTTY ? 500 : 5000, process.stderr.isTTY ? quietMs : 5000);
  return (text) => {
    if (isTime()) say(text);
  };
}
