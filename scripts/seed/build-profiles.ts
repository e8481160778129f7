import { max, mean } from 'simple-statistics';
import { serializeProfile } from '../../src/profile/parse.js';
import type { FitSummary } from '../../src/profile/profile.js';
import type { Fit } from './fit.js';
import type { Point } from './judge.js';
import type { Measured } from './measured.js';
import { constantsOn, peaksOf } from './peaks.js';
import { lonePeakProfile, p4Profile } from './profiles.js';
import type { Setups } from './setups.js';

const T4 = 'Tesla T4';

/** The text of the profiles of both models on P4 and T4, by file below `calibration/`; `points` say how good they are. */
export function buildSeedProfiles(
  fit: Fit,
  points: readonly Point[],
  measured: Measured,
  setups: Setups,
): ReadonlyMap<string, string> {
  const onT4 = constantsOn({ gpu: T4, gpus: 1 }, fit.fitted, peaksOf(measured.frontier));
  const files = [...fit.fitted.models.keys()].flatMap((model) => [
    [`p4/${model}.profile.json`, p4Profile(model, fit.fitted, setups, fitSummary(model, points))] as const,
    [`t4-seed/${model}.profile.json`, lonePeakProfile(model, onT4, setups, T4)] as const,
  ]);
  return new Map(files.map(([file, profile]) => [file, serializeProfile(profile)]));
}

/** How well the profile gives back latency quantiles below saturation, fitted passes and others. */
function fitSummary(model: string, points: readonly Point[]): FitSummary {
  const own = points.filter(
    (point) =>
      point.model === model &&
      point.belowSaturation &&
      point.basis !== 'extrapolated' &&
      point.metric !== 'throughput',
  );
  const errors = own.map(({ errorPercent }) => Math.abs(errorPercent));
  const fitted = own.filter(({ basis }) => basis === 'fitted').length;
  return {
    method:
      'service time from the throughput at saturation, split by GPU busy share; front-end time and spreads by search for the ' +
      'least mean error of the simulated p25, p50, p75 and p95 of passes below saturation; idle law by a hinge (scripts/seed/fit.ts). ' +
      'The largest errors are passes with a stall or at the beginning of a test',
    points: fitted,
    heldOut: own.length - fitted,
    meanErrorPercent: Number(mean(errors).toFixed(2)),
    maxErrorPercent: Number(max(errors).toFixed(2)),
  };
}
