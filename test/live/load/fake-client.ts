import type { InferenceClient, LiveError, PreparedRequest } from '../../../src/live/inference-client.js';
import type { LoadOptions, LoadTenant } from '../../../src/live/load/load-options.js';
import type { Load } from '../../../src/scenario/scenario.js';
import type { VirtualTime } from './virtual-time.js';

type Send = InferenceClient['send'];

/** A client that can prepare and send; everything else a load generator must not need. */
export function fakeClient(send: Send, more: Partial<InferenceClient> = {}): InferenceClient {
  const never = (): never => {
    throw new Error('the load generator has no business here');
  };
  return {
    url: 'fake:1',
    serverFacts: never,
    isServerReady: never,
    isModelReady: never,
    modelConfig: never,
    statistics: never,
    repositoryIndex: never,
    loadModel: never,
    unloadModel: never,
    registerMemory: never,
    unregisterMemory: never,
    prepare: ({ model, batchSize, priority, timeoutUs }) => ({
      model,
      batchSize,
      bytes: new TextEncoder().encode(JSON.stringify({ model, batchSize, priority, timeoutUs })),
    }),
    mark: (request, mark) => ({ ...request, mark }),
    send,
    answerBytes: never,
    openStream: never,
    ping: () => Promise.resolve(),
    close: () => undefined,
    ...more,
  };
}

/** Serves one request after the other, each for `serviceUs`; a full queue refuses. Keeps what it was sent. */
export class QueueingServer {
  readonly received: { readonly atUs: number; readonly request: PreparedRequest }[] = [];
  readonly client: InferenceClient;
  inFlight = 0;
  mostInFlight = 0;
  #freeUs = 0;

  constructor(
    time: VirtualTime,
    serve: (request: PreparedRequest, number: number) => { serviceUs: number; error?: LiveError | undefined },
  ) {
    this.client = fakeClient((request, done) => {
      const { serviceUs, error } = serve(request, this.received.length);
      this.received.push({ atUs: time.nowUs, request });
      this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
      if (error === undefined) this.#freeUs = Math.max(this.#freeUs, time.nowUs) + serviceUs;
      time.at(error === undefined ? this.#freeUs : time.nowUs + serviceUs, () => {
        this.inFlight--;
        done(error);
      });
    });
  }
}

export function loadTenant(name: string, load: Load, more: Partial<LoadTenant> = {}): LoadTenant {
  return { name, model: 'm', load, batchSize: 1, priority: 0, timeoutUs: 0, ...more };
}

export function loadOptions(
  client: InferenceClient,
  tenants: readonly LoadTenant[],
  more: Partial<LoadOptions> = {},
): LoadOptions {
  return {
    tenants,
    servers: [{ name: 's', client }],
    request: ({ model }, batchSize) => ({ model, batchSize, inputs: [] }),
    durationUs: 1e6,
    seed: 1,
    ...more,
  };
}
