import type { ModelConfig } from '../scenario/model-config.js';
import { distinctRequests } from './asked-models.js';
import { type InferenceClient, wrapped } from './inference-client.js';

/**
 * A client whose requests to models that take sequences are each a sequence of its own, begun and ended by one request. So are all to
 * ensembles: a step may take sequences, and others do not look at it.
 */
export function withOwnSequences(client: InferenceClient, configs: readonly ModelConfig[]): InferenceClient {
  const taking = configs.filter(({ sequences, ensemble }) => (sequences ?? ensemble) !== undefined);
  const names = new Set(taking.map(({ name }) => name));
  return wrapped(client, {
    send: (request, ...rest) => {
      const sequences = names.has(request.model);
      client.send(distinctRequests(client, request, { sequences })(), ...rest);
    },
  });
}
