import { distinctRequests } from './asked-models.js';
import type { InferenceClient } from './inference-client.js';

/** A client whose requests to models that take sequences are each a sequence of its own, begun and ended by one request. */
export function withOwnSequences(
  client: InferenceClient,
  takesSequences: (model: string) => boolean,
): InferenceClient {
  const send: InferenceClient['send'] = (request, ...rest) => {
    const sequences = takesSequences(request.model);
    client.send(distinctRequests(client, request, { sequences })(), ...rest);
  };
  return new Proxy(client, {
    get: (target, key) => {
      if (key === 'send') return send;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
