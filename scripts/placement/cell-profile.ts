import { readFileSync } from 'node:fs';
import { executionMs } from '../../src/plan/screen.js';
import { parseProfile } from '../../src/profile/parse.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import type { Cell } from './data.js';

const CALIBRATION = 'calibration';

const SHIPPED = new Map<string, ModelProfile>();

/** The profile that perseus ships of a model on a slice of an A100-80GB. */
function shippedProfile(model: string, slice: string): ModelProfile {
  const file = `${CALIBRATION}/a100-80gb-mig-${slice}/${model}.profile.json`;
  const profile = SHIPPED.get(file) ?? parseProfile(readFileSync(file, 'utf8'), { file });
  SHIPPED.set(file, profile);
  return profile;
}

/** Whether the shipped profile has this batch size: it leaves out what contradicts its neighbours. */
export function isInProfile({ model, slice, batchSize }: Cell): boolean {
  return shippedProfile(model, slice).service.some((point) => point.batchSize === batchSize);
}

/**
 * The shipped profile of the model on the slice, with the slowdown of its processes beside each
 * other as it was measured at this batch size and number of them.
 */
export function profileOf({ model, slice, batchSize, processes, ms }: Cell): ModelProfile {
  const shipped = shippedProfile(model, slice);
  if (processes === 1) return shipped;
  const self = Math.max(1, 1 + (ms / executionMs(shipped, batchSize) - 1) / (processes - 1));
  return { ...shipped, interference: { ...shipped.interference, self } };
}

/** Time of an execution while `running` processes (this one among them) run at once. */
export function besideMs(profile: ModelProfile, batchSize: number, running: number): number {
  const slowdown = 1 + (running - 1) * ((profile.interference.self ?? 1) - 1);
  return executionMs(profile, batchSize) * slowdown;
}
