import type { QueueBase, RedisOptions } from 'bullmq';
import { LiveError } from '../../../live/inference-client.js';
import { engine } from '../engine.js';
import type { RedisAddress } from './redis-url.js';
import { passwordRemedy } from './refusals.js';

/** All that we keep in Redis stands under this. */
export const PREFIX = 'perseus';

/** Workers take only points of their own program: another version has another queue. */
export function queueName(): string {
  return `points-${engine().replaceAll(/[^\w.+-]/g, '-')}`;
}

/** Between attempts to connect. */
const RETRY_MS = 500;
/** How long to try at the start, when a wrong address is likely. */
const FIRST_ATTEMPTS = 10;
const CONNECT_MS = 5_000;

/**
 * How to connect to a Redis: at the start it must be there within seconds; from then on everybody waits
 * for it, however long it is away.
 */
export class LastingConnection {
  readonly options: RedisOptions;
  readonly #label: string;
  #wasThere = false;

  constructor({ connection, label }: RedisAddress) {
    this.#label = label;
    this.options = {
      ...connection,
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_MS,
      retryStrategy: (attempt) => (this.#wasThere || attempt < FIRST_ATTEMPTS ? RETRY_MS : null),
    };
  }

  /**
   * Waits until a part of BullMQ is connected.
   * @throws LiveError when it is not in time
   */
  async require(part: QueueBase): Promise<void> {
    let reason = 'it does not answer';
    part.on('error', (error: NodeJS.ErrnoException) => {
      reason = REASONS[error.code ?? ''] ?? (error.message === '' ? String(error.code) : error.message);
    });
    try {
      await part.waitUntilReady();
      this.#wasThere = true;
    } catch {
      const remedy = passwordRemedy(reason) ?? 'start a redis-server there, or check address and password';
      throw new LiveError('unreachable', `${this.#label}: ${reason}`, remedy);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  ETIMEDOUT: 'it does not answer',
};
