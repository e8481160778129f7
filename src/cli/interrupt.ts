import { STOPPING_SIGNALS } from '../node/stopping-signals.js';

/**
 * A signal that the first Ctrl-C gives (or a request to end, or a terminal that is closed), so that work under way ends in order
 * and what was done is kept. The second one ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, onSignal);
  return controller.signal;
}
