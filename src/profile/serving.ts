import type { FieldsOf, SERVER_EFFECTS } from '../effects/registry.js';

export type { RatedPhases } from '../effects/rate/executions-by-rate.js';
export type { RatedDelays } from '../effects/rate/network-delay-by-rate.js';
export type { ThreadWaits } from '../effects/thread-waits.js';

type ServerEffectFields = FieldsOf<typeof SERVER_EFFECTS>;

/** Delays of a server's threads and of the network delay to it, measured together with its models: the fields of all effects of a server. */
export interface Serving extends ServerEffectFields {
  /** Cores of the server's host, where they were known. */
  readonly cpuCores?: number;
}
