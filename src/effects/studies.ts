import { coldStartStudy } from './cold-start.js';
import type { DescribedCost, EffectStudy } from './effect.js';
import { frontEndStudy } from './front-end.js';
import { furtherRequestsStudy } from './further-requests.js';
import { hostCoresStudy } from './host-cores.js';
import { linearIdlePenaltyStudy } from './idle/linear-idle-penalty.js';
import { warmUpStateStudy } from './idle/warm-up-state.js';
import { interferenceStudy } from './interference/effect.js';
import { networkDelayStudy } from './network-delay.js';
import { executionsByRateStudy } from './rate/executions-by-rate.js';
import { networkDelayByRateStudy } from './rate/network-delay-by-rate.js';
import type { EffectName } from './registry.js';
import { requestCpuStudy } from './request-cpu.js';
import { responseStudy } from './response.js';
import { serviceTimeVariabilityStudy } from './service-time-variability/effect.js';
import { speedDriftStudy } from './speed-drift/effect.js';
import { threadWaitsStudy } from './thread-waits.js';
import { threadWakeUpsStudy } from './thread-wake-ups.js';

/** What is asked of each effect besides a simulation. Apart from the registry, so that a page which only simulates need not load it. */
export const EFFECT_STUDIES = {
  'further-requests': furtherRequestsStudy,
  'service-time-variability': serviceTimeVariabilityStudy,
  'speed-drift': speedDriftStudy,
  response: responseStudy,
  'front-end': frontEndStudy,
  'linear-idle-penalty': linearIdlePenaltyStudy,
  'warm-up-state': warmUpStateStudy,
  'host-cores': hostCoresStudy,
  'cold-start': coldStartStudy,
  interference: interferenceStudy,
  'thread-wake-ups': threadWakeUpsStudy,
  'network-delay': networkDelayStudy,
  'network-delay-by-rate': networkDelayByRateStudy,
  'executions-by-rate': executionsByRateStudy,
  'request-cpu': requestCpuStudy,
  'thread-waits': threadWaitsStudy,
} as const satisfies Record<EffectName, EffectStudy<object>>;

export type EffectCode = (typeof EFFECT_STUDIES)[EffectName]['cause']['code'];

/** Rows of costs that some effects say of their fields. */
export function describeEffects<Fields extends object>(
  effects: readonly { readonly name: EffectName }[],
  fields: Fields,
): DescribedCost[] {
  return effects.flatMap((effect) => studyOf(effect).describe(fields));
}

/** What is asked of an effect, of whatever fields. */
export function studyOf({ name }: { readonly name: EffectName }): EffectStudy<object> {
  return EFFECT_STUDIES[name];
}
