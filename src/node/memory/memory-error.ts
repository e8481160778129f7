/** What takes less memory, for whoever ran out of it. */
export const TAKES_LESS =
  'a shorter duration, a lower rate, fewer replications (--runs) or fewer --threads take less memory';

/** There is less memory than a computation takes. */
export class MemoryError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy = TAKES_LESS) {
    super(message);
    this.name = 'MemoryError';
    this.remedy = remedy;
  }
}

/** A {@link MemoryError} where the error says that memory ran out, in this thread or in a worker; any other as it is. */
export function asMemoryError(error: unknown): unknown {
  return isOutOfMemory(error) ? new MemoryError('there is not enough memory to go on') : error;
}

/** What V8 and Node say where a column, a message or a thread's heap finds no room. */
const WORDS =
  /^(Array buffer allocation failed|Invalid typed array length|Data cannot be cloned, out of memory)/;

function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' || WORDS.test(error.message);
}
