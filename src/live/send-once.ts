import type { InferenceClient, PreparedRequest } from './inference-client.js';

/**
 * Sends one request and waits for its answer.
 * @throws LiveError when the server fails
 */
export function sendOnce(client: InferenceClient, request: PreparedRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(request, (error) => (error === undefined ? resolve() : reject(error)));
  });
}
