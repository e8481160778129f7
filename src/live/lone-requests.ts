import {
  type InferenceClient,
  LiveError,
  type LiveErrorKind,
  type PreparedRequest,
} from './inference-client.js';
import { FAILED_SHARE } from './run-failure.js';

/**
 * Sends one request and waits for its answer.
 * @throws LiveError when the server fails
 */
export function sendOnce(
  client: InferenceClient,
  request: PreparedRequest,
  responded?: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(request, (error) => (error === undefined ? resolve() : reject(error)), responded);
  });
}

/** A lone request may wait longer for its batch than a queue policy lets it wait at all. */
const REFUSED: readonly LiveErrorKind[] = ['queueFull', 'queueTimeout'];

/**
 * Requests sent one after the other. What a queue policy refuses is no failure, and an error now and then is borne as in
 * a run; two in a row come from a model that does not work.
 */
export class LoneRequests {
  readonly #client: InferenceClient;
  readonly #next: () => PreparedRequest;
  #sent = 0;
  #answered = 0;
  #failed = 0;
  #hasJustFailed = false;
  #lastError?: LiveError;

  /** @param next gives the request to send, again and again the same or another one */
  constructor(client: InferenceClient, next: () => PreparedRequest) {
    this.#client = client;
    this.#next = next;
  }

  /**
   * Sends one more; gives whether a result came.
   * @param responded runs with each response of a stream
   * @throws LiveError when the server fails
   */
  async send(responded?: () => void): Promise<boolean> {
    this.#sent++;
    try {
      await sendOnce(this.#client, this.#next(), responded);
    } catch (error) {
      this.#bear(error);
      return false;
    }
    this.#answered++;
    this.#hasJustFailed = false;
    return true;
  }

  #bear(error: unknown): void {
    if (!(error instanceof LiveError)) throw error;
    this.#lastError = error;
    if (REFUSED.includes(error.kind)) return;
    if (error.kind !== 'server' || this.#hasJustFailed) throw error;
    this.#hasJustFailed = true;
    this.#failed++;
  }

  /** @throws LiveError when none was answered, or too many failed to believe the others */
  requireAnswers(): void {
    const error = this.#lastError;
    if (error === undefined || (this.#answered > 0 && this.#failed <= FAILED_SHARE * this.#sent)) return;
    const share =
      this.#answered === 0
        ? `none of ${this.#sent} requests was answered`
        : `${this.#failed} of ${this.#sent} requests failed`;
    throw new LiveError(error.kind, `${share}: ${error.message}`, error.remedy);
  }
}
