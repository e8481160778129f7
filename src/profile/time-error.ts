import { frontEndStudy } from '../effects/front-end.js';
import { CPU_KIND } from './host-cores.js';
import type { ModelProfile } from './profile.js';
import { slowerProfile, slowerService } from './slower.js';
import { missesOwnPoints } from './validation.js';

/** How well a profile's times are known, and from what. */
export interface TimeError {
  /** The times lie between so many times less and so many times more, 95 of 100 times; at least 1. */
  readonly factor: number;
  readonly from: string;
}

/** Of a normal error, its standard deviation over its mean size. */
const DEVIATION_OF_MEAN = Math.sqrt(Math.PI / 2);
/** Half of a 95 % interval, in standard deviations. */
export const REACH = 1.96;

/**
 * The error of a profile's times, from the best that is known of it: loads that it was held against, latencies that its fit
 * gives back, and the error of its service times. Undefined where nothing is known.
 */
export function timeErrorOf({ validation, fit, service }: ModelProfile): TimeError | undefined {
  if (validation !== undefined)
    return errorFrom(
      DEVIATION_OF_MEAN * validation.meanErrorPercent,
      'measured loads that it was compared with',
    );
  if (fit?.latencyErrorPercent !== undefined)
    return errorFrom(fit.latencyErrorPercent.mean, 'measured latencies that its fit gives back');
  if (fit !== undefined && fit.heldOut > 0)
    return errorFrom(DEVIATION_OF_MEAN * fit.meanErrorPercent, 'measured points that its fit did not see');
  // A fit that gives back what it saw tells nothing of other loads; one that does not is at least so far off.
  if (fit !== undefined && missesOwnPoints(fit))
    return errorFrom(
      DEVIATION_OF_MEAN * fit.meanErrorPercent,
      'measured points that its fit does not give back',
    );
  const relative = Math.max(...service.map(({ relativeError }) => relativeError));
  return relative === 0 ? undefined : errorFrom((100 * relative) / REACH, 'the error of its service times');
}

/**
 * Why a prediction from profiles may be off: their times; what executions side by side leave each other of a device; batches
 * larger than any that was measured; what the server's front end takes of a request; what busy slices of a GPU cost each other.
 */
export const DOUBTS = ['times', 'sharing', 'batches', 'frontEnd', 'neighbours'] as const;
export type Doubt = (typeof DOUBTS)[number];

/** The profile as slow, or as fast, as is possible by what is not known of it. */
export function atTimeError(
  profile: ModelProfile,
  end: 'slow' | 'fast',
  doubts: readonly Doubt[] = DOUBTS,
): ModelProfile {
  const shared = doubts.includes('sharing') ? atFillError(profile, end) : profile;
  const batched = doubts.includes('batches') && end === 'slow' ? withoutFurtherGain(shared) : shared;
  const { factor = 1 } = (doubts.includes('times') && timeErrorOf(profile)) || {};
  const received = doubts.includes('frontEnd') ? atFrontEndError(batched, end) : batched;
  return slowerProfile(received, end === 'slow' ? factor : 1 / factor);
}

function atFrontEndError(profile: ModelProfile, end: 'slow' | 'fast'): ModelProfile {
  const { relativeError = 0 } = profile.frontEnd;
  const times = Math.exp(end === 'slow' ? relativeError : -relativeError);
  return { ...profile, ...frontEndStudy.scale(profile, times) };
}

/**
 * Executions that fill as much of their device, or as little, as is known: others beside them feel it, and they those. What
 * counts as filling a GPU because the profile does not say may as well leave all of it.
 */
function atFillError(profile: ModelProfile, end: 'slow' | 'fast'): ModelProfile {
  if (profile.device === CPU_KIND) return profile;
  const service = profile.service.map((point) => {
    const { inferMs, deviceMs, deviceMsError = 0 } = point;
    if (deviceMs === undefined) return end === 'slow' ? point : { ...point, deviceMs: 0 };
    const factor = factorOf(deviceMsError);
    // What fills the device fills no more of it.
    const most = Math.max(deviceMs, inferMs);
    return { ...point, deviceMs: end === 'slow' ? Math.min(most, deviceMs * factor) : deviceMs / factor };
  });
  return { ...profile, service };
}

/** Beyond the largest measured batch each further inference takes as long as one of that batch, not less as on the line through the last points. */
function withoutFurtherGain(profile: ModelProfile): ModelProfile {
  const last = profile.service.at(-1)!;
  const twice = slowerService([{ ...last, batchSize: 2 * last.batchSize }], 2);
  return { ...profile, service: [...profile.service, ...twice] };
}

/** Up to how many times more or less a figure is, 95 of 100 times, whose logarithm has that standard deviation. */
export function factorOf(deviation: number): number {
  return Math.exp(REACH * deviation);
}

function errorFrom(deviationPercent: number, from: string): TimeError {
  return { factor: factorOf(deviationPercent / 100), from };
}
