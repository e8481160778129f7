import { SERVED_EFFECTS, SERVER_PROFILE_EFFECTS, schemaOf } from '../effects/registry.js';
import type { ModelProfile } from './profile.js';
import type { Served, ServerFacts, Serving } from './serving.js';

/** Thread delays of a server of which nothing was measured: its instance threads are the faster ones. */
export const ASSUMED_FACTS: ServerFacts = {
  batcherWakeUs: 5,
  instanceWakeUs: 2,
  instancePickUpUs: 2,
  timerSlackUs: 0,
  batcherWinsShare: 0,
};

const NO_DELAY: Served = { requestDelayUs: 0, responseDelayUs: 0, generatorUs: 0 };

/** Names of the fields that hold for every model of a server. */
export const FACTS: readonly string[] = [...Object.keys(schemaOf(SERVER_PROFILE_EFFECTS)), 'cpuCores'];
const SERVED: readonly string[] = Object.keys(schemaOf(SERVED_EFFECTS));

/** Those of them that an object has. */
export function namesOfFacts(holder: object): string[] {
  return Object.keys(holder).filter((key) => FACTS.includes(key));
}

/** What of a profile's `serving` holds for every model of its server. */
export function factsOf(serving: ServerFacts): ServerFacts {
  return pick(serving, FACTS) as unknown as ServerFacts;
}

/** What of it is the model's own, as its file says. */
export function servedOf(serving: Serving): Served {
  return pick(serving, SERVED) as unknown as Served;
}

/** What was measured of the server under which a profile was made; undefined where all is assumed. */
export function measuredFacts({ serving }: ModelProfile): ServerFacts | undefined {
  if (serving === undefined) return undefined;
  const facts = factsOf(serving);
  return sameFacts(facts, ASSUMED_FACTS) ? undefined : facts;
}

export function sameFacts(a: ServerFacts, b: ServerFacts): boolean {
  return textOf(a) === textOf(b);
}

/** The model under a server of which these facts are known. */
export function underServer(profile: ModelProfile, facts: ServerFacts): ModelProfile {
  const { serving } = profile;
  if (serving !== undefined && sameFacts(factsOf(serving), facts)) return profile;
  return { ...profile, serving: { ...facts, ...(serving === undefined ? NO_DELAY : servedOf(serving)) } };
}

function textOf(facts: ServerFacts): string {
  return JSON.stringify(FACTS.map((key) => Reflect.get(facts, key) ?? null));
}

function pick(holder: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(holder).filter(([key]) => keys.includes(key)));
}
