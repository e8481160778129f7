import { constants } from 'node:os';
import { STOPPING_SIGNALS } from '../node/files/stopping-signals.js';
import { say } from './output.js';

type StoppingSignal = (typeof STOPPING_SIGNALS)[number];

/** What an interrupt aborts its signal with. */
class Interruption extends Error {
  /** As shells report a program that the signal has ended: 130 for Ctrl-C, 143 for SIGTERM. */
  readonly exitCode: number;
  constructor(name: StoppingSignal) {
    super(`interrupted by ${name}`);
    this.exitCode = exitCodeOf(name);
  }
}

function exitCodeOf(name: StoppingSignal): number {
  return 128 + constants.signals[name];
}

/** Exit code of work that was stopped by a signal of {@link interruptSignal}. */
export function interruptedCode({ reason }: AbortSignal): number {
  return reason instanceof Interruption ? reason.exitCode : exitCodeOf('SIGINT');
}

/** Nobody asks twice this fast: `timeout` (and what else passes signals on) tells the process, and then its whole group again. */
const SAME_REQUEST_MS = 300;

/**
 * A signal that the first Ctrl-C gives (or a request to end, or a terminal that is closed), so that work under way ends in order
 * and what was done is kept. The second one ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs = Number.POSITIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (nowMs - firstMs > SAME_REQUEST_MS) process.exit(exitCodeOf(name as StoppingSignal));
    firstMs = Math.min(firstMs, nowMs);
    controller.abort(new Interruption(name as StoppingSignal));
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, onSignal);
  return controller.signal;
}

/** Does work that the first Ctrl-C ends in order, which is then said. */
export async function sayingOnInterrupt<Result>(
  text: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = interruptSignal();
  const onAbort = () => say(text);
  signal.addEventListener('abort', onAbort);
  try {
    return await work(signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Does work that can end in order only from some moment on, which it tells by taking the signal: who stops it before,
 * while a scenario is read or a server is asked, hears that nothing came of it.
 */
export async function interruptible<Result>(
  work: (begin: () => AbortSignal) => Promise<Result>,
): Promise<Result> {
  const onSignal = (name: NodeJS.Signals) => {
    say('stopped before anything was measured: nothing was written');
    process.exit(exitCodeOf(name as StoppingSignal));
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
