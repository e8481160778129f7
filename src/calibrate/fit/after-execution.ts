import type { ModelProfile } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { Observation } from '../observation.js';
import { goldenSection } from './golden-section.js';
import { misfitOfPoints } from './misfit-of-points.js';
import { tenths } from './rounding.js';

/** What a saturated point is off by: there the clients' callers take turns with the instance, at no pause. */
const EXPECTED_WITHIN = 0.5;
const LEAST_WITHIN_US = 60;
/** Nobody sees less in a latency. */
const KNOWN_WITHIN_US = 2;

/**
 * The time after an execution until its instance asks for the next one: that under which replayed open-loop points
 * come closest to what the server counted. What the saturated point showed (the profile's own) counts as one more
 * measurement; it is all there is without open-loop points. Each point is replayed as fast as its inferences were: a machine
 * that was slower then, by its own count, is none whose instances take longer after an execution.
 */
export function fitAfterExecution(
  points: readonly Observation[],
  config: ModelConfig,
  profile: ModelProfile,
): number {
  const expectedUs = profile.response.fixedUs;
  if (points.length === 0) return expectedUs;
  const withinUs = Math.max(LEAST_WITHIN_US, EXPECTED_WITHIN * expectedUs);
  const misfitWith = misfitOfPoints(points.map((observation) => ({ observation, config, profile })));
  const misfit = (us: number) =>
    ((us - expectedUs) / withinUs) ** 2 + misfitWith((profileThen) => withAfterExecution(profileThen, us));
  const range = { low: 0, high: expectedUs + 4 * withinUs, within: KNOWN_WITHIN_US };
  return tenths(goldenSection(misfit, range));
}

/** The profile with so many microseconds from the last response of an execution until its instance asks for the next one. */
export function withAfterExecution(profile: ModelProfile, fixedUs: number): ModelProfile {
  return { ...profile, response: { ...profile.response, fixedUs } };
}
