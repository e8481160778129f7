import type { Problem } from '../base/problem.js';
import type { ModelProfile } from '../profile/profile.js';
import type { ServerProfileFile } from '../profile/server-profile.js';
import type { Trace } from '../trace/trace.js';
import type { Machine } from './scenario.js';
import type { PriceItemSpec } from './spec/server-spec.js';

/**
 * The content of every file that a scenario names, read beforehand. Keys are the paths as the
 * scenario writes them.
 */
export interface ScenarioResources {
  /** Of each entry of `profiles`: one file, or all those of a folder. */
  readonly profiles: ReadonlyMap<string, Loaded<readonly ProfileFile[]>>;
  /** Of each `serverProfile` of a server. Default: none is named. */
  readonly serverProfiles?: ReadonlyMap<string, Loaded<ServerProfileFile>>;
  readonly configs: ReadonlyMap<string, Loaded<ConfigFile>>;
  readonly traces: ReadonlyMap<string, Loaded<Trace>>;
  /** Whether a tenant's part of a trace may hold no request. Default: that is a mistake. */
  readonly mayBeIdle?: boolean;
  /** What arrivals may take of memory, in bytes. Default: as much as they need. */
  readonly memoryBytes?: number;
  readonly prices?: Loaded<PriceMachine>;
}

/** What was read, what went wrong, or both. Problems without a file are placed where the path is written. */
export interface Loaded<T> {
  readonly value?: T;
  readonly problems?: readonly Problem[];
}

export interface ProfileFile {
  readonly file: string;
  /** The server profile that was read with it: `server.json` of its folder; absent = there was none. */
  readonly serverFile?: string;
  readonly profile: ModelProfile;
}

export interface ConfigFile {
  /** How messages name the file. */
  readonly file: string;
  readonly text: string;
}

/**
 * The price of a machine as the sum of rows of a price book: `priceMachine` of the cost stage, bound
 * to its book.
 * @throws InputError where a row is missing or in doubt.
 */
export type PriceMachine = (kind: string, parts: readonly PriceItemSpec[]) => Machine;
