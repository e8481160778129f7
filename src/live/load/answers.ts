import { Outcome, type OutcomeCode } from '../../trace/request-log.js';
import type { LiveError, LiveErrorKind } from '../inference-client.js';
import type { ErrorCount } from './load-options.js';

export function outcomeOf(error: LiveError | undefined): OutcomeCode {
  switch (error?.kind) {
    case undefined:
      return Outcome.completed;
    case 'queueFull':
      return Outcome.rejected;
    case 'queueTimeout':
      return Outcome.timedOut;
    default:
      return Outcome.failed;
  }
}

/** No connection stands behind such an error: the server said nothing. */
function isConnectionError(kind: LiveErrorKind): boolean {
  return kind === 'unreachable' || kind === 'lost' || kind === 'tls';
}

/** A client that was refused does not try again sooner, so that a full queue is not asked without pause; the simulator's figure. */
const REFUSED_BACK_OFF_US = 1000;
/** Where nobody answers, a closed loop would burn the machine with attempts. */
const CONNECTION_BACK_OFF_US = 50_000;

/** How long a client of a closed loop waits at least after such an answer. */
export function backOffUs(error: LiveError | undefined): number {
  if (error === undefined) return 0;
  return isConnectionError(error.kind) ? CONNECTION_BACK_OFF_US : REFUSED_BACK_OFF_US;
}

/** Counts errors by kind and keeps the first of each. */
export class ErrorTally {
  readonly #byKind = new Map<LiveErrorKind, { count: number; message: string; remedy: string }>();

  add({ kind, message, remedy }: Pick<LiveError, 'kind' | 'message' | 'remedy'>, count = 1): void {
    const known = this.#byKind.get(kind);
    if (known === undefined) this.#byKind.set(kind, { count, message, remedy });
    else known.count += count;
  }

  /** Most frequent first. */
  counts(): ErrorCount[] {
    return [...this.#byKind]
      .map(([kind, entry]) => ({ kind, ...entry }))
      .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
  }
}

/**
 * Notices when nothing but broken connections has come back for a while: from the first to the last of an
 * unbroken row of them, so that one lost request of a slow load is not yet the end of it.
 */
export class ServerWatch {
  readonly #giveUpUs: number;
  #firstUs = Number.NaN;
  #lastUs = Number.NaN;

  constructor(giveUpUs: number) {
    this.#giveUpUs = giveUpUs;
  }

  answered(nowUs: number, error: LiveError | undefined): void {
    if (error === undefined || !isConnectionError(error.kind)) this.#firstUs = Number.NaN;
    else if (Number.isNaN(this.#firstUs)) this.#firstUs = nowUs;
    this.#lastUs = nowUs;
  }

  /** False while there is no such row. */
  get isGone(): boolean {
    return this.#lastUs - this.#firstUs >= this.#giveUpUs;
  }
}
