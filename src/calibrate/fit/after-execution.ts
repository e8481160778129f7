import type { ModelProfile } from '../../profile/profile.js';
import type { ModelConfig } from '../../scenario/model-config.js';
import type { Observation } from '../observation.js';
import { goldenSection } from './golden-section.js';
import { measuredFigures, misfitOf, replay } from './replay.js';
import { tenths } from './rounding.js';

/** What a saturated point is off by: there the clients' callers take turns with the instance, at no pause. */
const EXPECTED_WITHIN = 0.5;
const LEAST_WITHIN_US = 60;
/** Nobody sees less in a latency. */
const KNOWN_WITHIN_US = 2;

/**
 * The time after an execution until its instance asks for the next one: that under which replayed open-loop points
 * come closest to what the server counted. What the saturated point showed (the profile's own) counts as one more
 * measurement; it is all there is without open-loop points.
 */
export function fitAfterExecution(
  points: readonly Observation[],
  config: ModelConfig,
  profile: ModelProfile,
): number {
  const expectedUs = profile.response.fixedUs;
  if (points.length === 0) return expectedUs;
  const withinUs = Math.max(LEAST_WITHIN_US, EXPECTED_WITHIN * expectedUs);
  const misfit = (us: number) =>
    ((us - expectedUs) / withinUs) ** 2 +
    points.reduce(
      (sum, point) =>
        sum + misfitOf(replay(point, config, withAfterExecution(profile, us)), measuredFigures(point)),
      0,
    );
  const range = { low: 0, high: expectedUs + 4 * withinUs, within: KNOWN_WITHIN_US };
  return tenths(goldenSection(misfit, range));
}

export function withAfterExecution(profile: ModelProfile, fixedUs: number): ModelProfile {
  return { ...profile, response: { ...profile.response, fixedUs } };
}
