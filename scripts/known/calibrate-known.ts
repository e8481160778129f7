import { measureAll } from '../../src/calibrate/calibrate.js';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import { type CalibrationFit, fitProfiles } from '../../src/calibrate/fit/fit-profiles.js';
import type { Observation } from '../../src/calibrate/observation.js';
import { configsOf, type KnownServer, trueProfiles } from './known-server.js';
import { SimulatedServer } from './simulated-server.js';

/** As long as calibration takes for each model where nothing is said. */
const SECONDS_PER_MODEL = 180;

export interface KnownCalibration {
  readonly fit: CalibrationFit;
  readonly observations: readonly Observation[];
}

/** Calibrates a known server as a live one is: the same design, budget and fits. */
export async function calibrateKnown(known: KnownServer): Promise<KnownCalibration> {
  const configs = configsOf(known);
  const truth = new Map(trueProfiles(known).map((profile) => [profile.model, profile]));
  const cores = known.isLocal === true ? [...truth.values()][0]!.serving!.cpuCores : undefined;
  const { observations } = await measureAll({
    server: new SimulatedServer(known),
    configs,
    design: { ...DEFAULT_DESIGN, load: known.load === true, ...(cores !== undefined && { cores }) },
    budgetS: SECONDS_PER_MODEL * configs.length,
    store: { read: async () => [], save: async () => {}, noteChanged: async () => {} },
  });
  const fit = fitProfiles({
    configs,
    observations,
    provenance: (model) => truth.get(model)!.provenance,
    deviceOf: (model) => truth.get(model)!.device,
    payloadOf: (model) => truth.get(model)!.payload,
    ...(cores !== undefined && { cpuCores: cores }),
  });
  return { fit, observations };
}
