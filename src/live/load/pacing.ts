import type { PacerKind } from './load-options.js';

/** How to wait before looking at the clock again: a timer, one turn of the event loop, or not at all. */
export type PacingStep =
  | { readonly wait: 'timer'; readonly ms: number }
  | { readonly wait: 'turn' }
  | { readonly wait: 'forever' };

/** Node's timers are a millisecond coarse and up to one late: within this the hybrid pacer spins. */
const SPIN_WITHIN_US = 2000;
/** The longest time a timer takes (2^31 - 1 ms would be the limit); waits beyond it are renewed. */
const LONGEST_TIMER_MS = 1e9;

/** What to do when the next wake-up is `untilUs` away. */
export function pacingStep(kind: 'hybrid' | 'sleep', untilUs: number): PacingStep {
  if (untilUs === Infinity) return { wait: 'forever' };
  if (untilUs <= 0) return { wait: 'turn' };
  if (kind === 'sleep') return timer(Math.ceil(untilUs / 1000));
  if (untilUs <= SPIN_WITHIN_US) return { wait: 'turn' };
  return timer(Math.max(1, Math.floor((untilUs - SPIN_WITHIN_US) / 1000)));
}

function timer(ms: number): PacingStep {
  return { wait: 'timer', ms: Math.min(ms, LONGEST_TIMER_MS) };
}

/**
 * The pacer for servers at these addresses: spinning would take the core that a server on this machine
 * needs, and then the run would measure the generator.
 */
export function defaultPacer(urls: readonly string[]): PacerKind {
  return urls.some(isOnThisMachine) ? 'worker' : 'hybrid';
}

/** Whether an address, with or without a scheme and a port, is this machine's own. */
export function isOnThisMachine(url: string): boolean {
  const address = url.replace(/^(?!unix:)[a-z][a-z0-9+.-]*:\/\//i, '').toLowerCase();
  return /^(unix:|localhost(:|\/|$)|127\.\d+\.\d+\.\d+(:|\/|$)|\[::1\]|::1$|0\.0\.0\.0(:|\/|$))/.test(
    address,
  );
}
