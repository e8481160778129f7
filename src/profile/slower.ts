import { changeEffects } from './change-effects.js';
import type { ModelProfile, ServicePoint } from './profile.js';

/**
 * The same model where everything takes `times` as long as measured: executions, and what each effect of the profile says that it
 * scales. The network delay to the server stays as it is.
 */
export function slowerProfile(profile: ModelProfile, times: number): ModelProfile {
  const slower = changeEffects(profile, (study, fields) => study.scale(fields, times));
  const { engine, service } = profile;
  return {
    ...slower,
    service: slowerService(service, times),
    ...(engine !== undefined && {
      engine: { ...engine, prefillMsPerToken: engine.prefillMsPerToken * times },
    }),
  };
}

/** The same executions alone, where each phase takes `times` as long. */
export function slowerService(service: readonly ServicePoint[], times: number): readonly ServicePoint[] {
  return service.map((point) => ({
    ...point,
    inputMs: point.inputMs * times,
    inferMs: point.inferMs * times,
    outputMs: point.outputMs * times,
    ...(point.deviceMs !== undefined && { deviceMs: point.deviceMs * times }),
  }));
}
