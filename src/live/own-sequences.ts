import { distinctRequests } from './asked-models.js';
import { type InferenceClient, wrapped } from './inference-client.js';

/** A client whose requests to models that take sequences are each a sequence of its own, begun and ended by one request. */
export function withOwnSequences(
  client: InferenceClient,
  takesSequences: (model: string) => boolean,
): InferenceClient {
  return wrapped(client, {
    send: (request, ...rest) => {
      const sequences = takesSequences(request.model);
      client.send(distinctRequests(client, request, { sequences })(), ...rest);
    },
  });
}
