import type { Serving } from '../../profile/serving.js';
import { type Observation, observationsOf } from '../observation.js';
import type { FitInput } from './draft-profile.js';
import type { FitFacts } from './facts.js';
import { runSteps } from './stage.js';
import { FIT_STEPS } from './stages.js';
import type { NetworkDelayFit } from './threads/network-delay.js';

export interface CalibrationFit
  extends Pick<FitFacts, 'profiles' | 'models' | 'pairs' | 'uncertain' | 'unidentified'> {
  /** How the server's threads behave; the network delay to it is each model's own. */
  readonly serving: Omit<Serving, keyof NetworkDelayFit>;
}

/**
 * Turns the points of a calibration into profiles, by the stages of `stages.ts`. Deterministic: the same points give the same
 * bytes. Models without a sequential point are left out and named.
 */
export function fitProfiles({ observations: all, configs: asked, ...given }: FitInput): CalibrationFit {
  const observations = all.filter(wasAnswered);
  const configs = asked.filter(({ name }) => observationsOf(observations, 'sequential', name).length > 0);
  const missing = asked.filter((config) => !configs.includes(config));
  const facts = runSteps<FitFacts>(FIT_STEPS, { observations, configs, missing, given });
  const { profiles, models, interference, delays, shared, uncertain, unidentified } = facts;
  return {
    profiles,
    models,
    pairs: interference.pairs,
    serving: { ...delays.serving, ...shared },
    uncertain,
    unidentified,
  };
}

/** A sparse load of a slow model may be over before its first request came. */
function wasAnswered({ clients }: Observation): boolean {
  return clients.every(({ completed }) => completed > 0);
}
