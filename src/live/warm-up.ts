import type { InferenceClient, PreparedRequest } from './inference-client.js';
import { LoneRequests } from './lone-requests.js';

/** Enough for every instance of usual models to have run once. */
export const WARM_UPS = 20;
/** Of slow models fewer must do: what their first executions take longer is a small part of them. */
const LEAST_WARM_UPS = 3;
const LONGEST_MS = 2000;

/**
 * Sends a request so many times, one after the other, so that a model meets nothing for the first time later; no more than a
 * few times where that takes long.
 * @throws LiveError when the server fails
 */
export async function warmUpModel(
  client: InferenceClient,
  next: () => PreparedRequest,
  times: number,
): Promise<void> {
  const requests = new LoneRequests(client, next);
  const endMs = performance.now() + LONGEST_MS;
  for (let i = 0; i < times && (i < LEAST_WARM_UPS || performance.now() < endMs); i++) await requests.send();
}
