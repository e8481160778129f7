import { type InferenceClient, LiveError } from '../../../src/live/inference-client.js';
import { fakeClient } from './fake-client.js';

export interface LocalServerOptions {
  /** Every call fails to connect, with this message. */
  readonly refuses?: string;
  /** After so many requests every other one is lost. */
  readonly diesAfter?: number;
}

/** A client whose server is a turn of the event loop. Named in recipes for worker threads. */
export function localClient({ refuses, diesAfter = Infinity }: LocalServerOptions): InferenceClient {
  let requests = 0;
  const answer = () => {
    if (refuses !== undefined) return new LiveError('unreachable', refuses, 'start it');
    return ++requests > diesAfter ? new LiveError('lost', 'the server died', 'start it') : undefined;
  };
  return fakeClient((_, done) => void setImmediate(() => done(answer())), {
    ping: () => (refuses === undefined ? Promise.resolve() : Promise.reject(answer())),
  });
}
