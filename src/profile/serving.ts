import type { FieldsOf, SERVED_EFFECTS, SERVER_PROFILE_EFFECTS } from '../effects/registry.js';

export type { RatedPhases } from '../effects/rate/executions-by-rate.js';
export type { RatedDelays } from '../effects/rate/network-delay-by-rate.js';
export type { ThreadWaits } from '../effects/thread-waits.js';

/** What requests for a model take on their way to it and back: what its own profile says of the server around it. */
export type Served = FieldsOf<typeof SERVED_EFFECTS>;

/** What holds for every model of a server: what its server profile says. */
export interface ServerFacts extends FieldsOf<typeof SERVER_PROFILE_EFFECTS> {
  /** Cores of the server's host, where they were known. */
  readonly cpuCores?: number;
}

/** The server around a model: what the model's profile and the server's say of it, put together when they are read. */
export interface Serving extends Served, ServerFacts {}
