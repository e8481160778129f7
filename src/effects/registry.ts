import type * as z from 'zod';
import { coldStart } from './cold-start.js';
import type { FieldsIn } from './effect.js';
import { frontEnd } from './front-end.js';
import { furtherRequests } from './further-requests.js';
import { hostCores } from './host-cores.js';
import { linearIdlePenalty } from './idle/linear-idle-penalty.js';
import { warmUpState } from './idle/warm-up-state.js';
import { interference } from './interference/effect.js';
import { networkDelay } from './network-delay.js';
import { executionsByRate } from './rate/executions-by-rate.js';
import { networkDelayByRate } from './rate/network-delay-by-rate.js';
import { requestCpu } from './request-cpu.js';
import { response } from './response.js';
import { serviceTimeVariability } from './service-time-variability/effect.js';
import { speedDrift } from './speed-drift/effect.js';
import { threadWaits } from './thread-waits.js';
import { threadWakeUps } from './thread-wake-ups.js';

/** What requests and executions of a model cost whatever else happens, in the order of a profile's fields. */
export const OWN_EFFECTS = [
  furtherRequests,
  serviceTimeVariability,
  speedDrift,
  response,
  frontEnd,
  linearIdlePenalty,
  warmUpState,
  hostCores,
] as const;

/** What they cost in a certain situation: after loading, or beside others. */
export const SITUATION_EFFECTS = [coldStart, interference] as const;

/** What requests for a model cost on their way to it and back: the fields of a profile's `serving`. */
export const SERVED_EFFECTS = [networkDelay, networkDelayByRate, executionsByRate, requestCpu] as const;

/** What holds for every model of a server: the fields of a server profile. */
export const SERVER_PROFILE_EFFECTS = [threadWakeUps, threadWaits] as const;

/** What the server around the model costs: the fields of both, as a profile that was read has them in its `serving`. */
export const SERVER_EFFECTS = [
  threadWakeUps,
  networkDelay,
  networkDelayByRate,
  executionsByRate,
  requestCpu,
  threadWaits,
] as const;

/** Fields of the profile itself. */
export const MODEL_EFFECTS = [...OWN_EFFECTS, ...SITUATION_EFFECTS] as const;

export const EFFECTS = [...MODEL_EFFECTS, ...SERVER_EFFECTS] as const;

export type AnyEffect = (typeof EFFECTS)[number];
export type EffectName = AnyEffect['name'];

type Together<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** The fields that some effects have in a profile. */
export type FieldsOf<Effects extends readonly AnyEffect[]> = Together<FieldsOfOne<Effects[number]>>;

type FieldsOfOne<Each> = Each extends { readonly schema: infer Schema extends z.ZodRawShape }
  ? FieldsIn<Schema>
  : never;

/** The schema of the fields of some effects. */
export function schemaOf<Effects extends readonly AnyEffect[]>(
  effects: Effects,
): Together<Effects[number]['schema']> {
  return Object.assign({}, ...effects.map(({ schema }) => schema));
}

/** Names that their fields had before, with the names of today. */
export function formerNamesOf(effects: readonly AnyEffect[]): Record<string, string> {
  return Object.assign({}, ...effects.map(({ formerNames }) => formerNames));
}
