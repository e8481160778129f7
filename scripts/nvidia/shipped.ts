import { type Loop, simulateLoop } from '../../src/calibrate/summary/closed-loop.js';
import type { SummaryObservation, SummarySetup } from '../../src/calibrate/summary/observation.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { shippedProfile } from '../profiles/published.js';
import { PROFILE_FOLDERS } from '../profiles/source-names.js';
import type { NvidiaTable } from './tables.js';

/** perf_analyzer hands all requests of a closed loop over HTTP to one sending thread. */
const SENDING_THREADS = 1;

/** The profile for the set-up of a table that is shipped; undefined where there is none. */
export function profileFor({ name, device }: NvidiaTable): ModelProfile | undefined {
  const folder = PROFILE_FOLDERS[device] ?? device;
  const files = [name, `${name}-table1`].map((model) => `${folder}/${model}.profile.json`);
  return files.flatMap((file) => shippedProfile(file) ?? [])[0];
}

/** A set-up of a table with sizes of batches in inferences, as profiles count them. */
export function perInference(setup: SummarySetup, unit: number): SummarySetup {
  const { config, payload } = setup;
  const { preferredBatchSizes, ...batching } = config.dynamicBatching!;
  return {
    ...setup,
    frontEndThreads: SENDING_THREADS,
    payload: { requestBytes: payload.requestBytes / unit, responseBytes: payload.responseBytes / unit },
    config: {
      ...config,
      maxBatchSize: config.maxBatchSize * unit,
      dynamicBatching: { ...batching, preferredBatchSizes: preferredBatchSizes.map((size) => size * unit) },
    },
  };
}

/** What a table of this loop would show of a server with that profile; inferences in units of the table. */
export function simulateProfile(
  profile: ModelProfile,
  { setup, unit }: { readonly setup: SummarySetup; readonly unit: number },
  loop: Loop,
): SummaryObservation {
  const { requestDelayUs = 0, responseDelayUs = 0 } = profile.serving ?? {};
  const network = { linkMs: 0, roundTripMs: (requestDelayUs + responseDelayUs) / 1000 };
  const { requestBatch } = loop;
  const observed = simulateLoop(network, profile, perInference(setup, unit), {
    ...loop,
    requestBatch: requestBatch * unit,
  });
  return { ...observed, requestBatch, inferencesPerS: observed.inferencesPerS / unit };
}
