import { type InferenceClient, LiveError, type PreparedRequest } from './inference-client.js';
import { sendOnce } from './send-once.js';

/** Enough for every instance of usual models to have run once. */
export const WARM_UPS = 20;
/** Of slow models fewer must do: what their first executions take longer is a small part of them. */
const LEAST_WARM_UPS = 3;
const LONGEST_MS = 2000;

/**
 * Sends a request so many times, one after the other, so that a model meets nothing for the first time later; no more than a
 * few times where that takes long. What a queue policy refuses is no failure: a lone request may wait longer for its batch
 * than it may wait at all.
 * @throws LiveError when the server fails
 */
export async function warmUpModel(
  client: InferenceClient,
  request: PreparedRequest,
  times: number,
): Promise<void> {
  const endMs = performance.now() + LONGEST_MS;
  for (let i = 0; i < times && (i < LEAST_WARM_UPS || performance.now() < endMs); i++)
    await sendOnce(client, request).catch(unlessRefused);
}

function unlessRefused(error: unknown): void {
  if (error instanceof LiveError && (error.kind === 'queueFull' || error.kind === 'queueTimeout')) return;
  throw error;
}
