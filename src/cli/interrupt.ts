import { STOPPING_SIGNALS } from '../node/stopping-signals.js';
import { say } from './output.js';

/** Exit code of what the user stopped, as shells report a program that Ctrl-C has ended. */
export const INTERRUPTED = 130;

/** Nobody asks twice this fast: `timeout` (and what else passes signals on) tells the process, and then its whole group again. */
const SAME_REQUEST_MS = 300;

/**
 * A signal that the first Ctrl-C gives (or a request to end, or a terminal that is closed), so that work under way ends in order
 * and what was done is kept. The second one ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs = Number.POSITIVE_INFINITY;
  const onSignal = () => {
    const nowMs = performance.now();
    if (nowMs - firstMs > SAME_REQUEST_MS) process.exit(INTERRUPTED);
    firstMs = Math.min(firstMs, nowMs);
    controller.abort();
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, onSignal);
  return controller.signal;
}

/**
 * Does work that can end in order only from some moment on, which it tells by taking the signal: who stops it before,
 * while a scenario is read or a server is asked, hears that nothing came of it.
 */
export async function interruptible<Result>(
  work: (begin: () => AbortSignal) => Promise<Result>,
): Promise<Result> {
  const onSignal = () => {
    say('stopped before anything was measured: nothing was written');
    process.exit(INTERRUPTED);
  };
  const letGo = () => {
    for (const signal of STOPPING_SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, onSignal);
  try {
    return await work(() => {
      letGo();
      return interruptSignal();
    });
  } finally {
    letGo();
  }
}
