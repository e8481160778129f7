import { LiveError } from '../../../live/inference-client.js';

/** Rights and passwords: a Redis that answers so will not do it later either. */
const FINAL = /\b(NOPERM|WRONGPASS|NOAUTH)\b|ACL failure in script|DB index is out of range/;
/** How Redis begins its answer: `READONLY You can't write …`. What is wrong with a connection has no such word. */
const ANSWER = /^(\S*: )?([A-Z]{3,})\s/;

/** What to do about an answer of a Redis that wants a password, or another one. */
export function passwordRemedy(answer: string): string | undefined {
  if (!/\b(WRONGPASS|NOAUTH)\b/.test(answer)) return undefined;
  return 'give the password of this Redis as REDIS_PASSWORD in the environment, or in its address';
}

/** What a Redis answers in place of doing what a worker asks; a Redis that is away is no matter of these. */
export class Refusals {
  readonly #label: string;
  readonly #notify: (text: string) => void;
  readonly #told = new Set<string>();
  #final: string | undefined;

  constructor(label: string, notify: (text: string) => void) {
    this.#label = label;
    this.#notify = notify;
  }

  /** Whether there is no sense in going on. */
  get isFinal(): boolean {
    return this.#final !== undefined;
  }

  /** Each kind of answer is told once: a worker asks again and again. */
  hear(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    // BullMQ reads what it is given as JSON.
    const kind = error instanceof SyntaxError ? 'JSON' : ANSWER.exec(text)?.[2];
    if (FINAL.test(text)) this.#final ??= text;
    else if (kind !== undefined && !this.#told.has(kind)) {
      this.#told.add(kind);
      this.#notify(
        kind === 'JSON'
          ? `${this.#label} holds a point that is no JSON (${text}); see who else may write to it`
          : `${this.#label} does not do what it is asked to, trying again: ${text}`,
      );
    }
  }

  /** @throws LiveError when there was one that is final */
  throwIfFinal(): void {
    if (this.#final === undefined) return;
    const remedy =
      passwordRemedy(this.#final) ??
      (this.#final.includes('DB index')
        ? 'write the number of a database that it has'
        : 'give the user the right to all commands on keys and channels that begin with "perseus:"');
    throw new LiveError('server', `${this.#label}: ${this.#final}`, remedy);
  }
}
