import { designExperiments } from '../../../src/calibrate/design.js';
import { DEFAULT_DESIGN, isOpen } from '../../../src/calibrate/experiment.js';
import { type CalibrationFit, fitProfiles } from '../../../src/calibrate/fit/fit-profiles.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { IS_SLOW } from '../../support/cases.js';
import { config, profile } from '../../support/scenario.js';
import { type KnownServer, simulatedObservation } from './simulated-observations.js';

/** A model whose every figure is known. */
export function knownModel(name: string, fixedMs: number, itemMs: number, more: Partial<ModelProfile> = {}) {
  return {
    config: config(name, 8, { maxQueueDelayUs: 500 }),
    profile: profile(name, fixedMs, itemMs, {
      device: 'CPU',
      response: { fixedUs: 90, perRequestUs: 24, perKilobyteUs: 0 },
      spread: { law: 'lognormal', cv: 0.05 },
      ...more,
    }),
  };
}

/** The quick suite measures each point for half as long as the slow one. */
const [OPEN_S, CLOSED_S] = IS_SLOW ? [30, 8] : [15, 4];

/** What a calibration of a simulated server finds; it takes one to two seconds. */
export function calibrated(known: KnownServer): CalibrationFit {
  const configs = known.models.map((each) => each.config);
  const observations: Observation[] = designExperiments(configs, DEFAULT_DESIGN).map((experiment) =>
    simulatedObservation(known, experiment, isOpen(experiment) ? OPEN_S : CLOSED_S),
  );
  return fitted(configs, observations);
}

/** What a calibration makes of these points. */
export function fitted(
  configs: readonly ModelConfig[],
  observations: readonly Observation[],
): CalibrationFit {
  return fitProfiles({
    configs,
    observations,
    provenance: (model) => profile(model, 1, 1).provenance,
    deviceOf: () => 'CPU',
    payloadOf: () => ({ requestBytes: 0, responseBytes: 0 }),
    cpuCores: 2,
  });
}

export function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
