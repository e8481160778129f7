import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { max, mean } from 'simple-statistics';
import { serializeProfile } from '../../src/profile/parse.js';
import type { FitSummary } from '../../src/profile/profile.js';
import { type Fit, fitSeed } from './fit.js';
import type { Point } from './judge.js';
import { type Measured, readMeasured } from './measured.js';
import { constantsOn, peaksOf } from './peaks.js';
import { lonePeakProfile, p4Profile } from './profiles.js';
import { knownOf, predictAll } from './reproduction.js';
import { readSetups, type Setups } from './setups.js';

const FOLDER = 'calibration/seed';
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

function main(): void {
  const measured = readMeasured(FOLDER);
  const setups = readSetups(FOLDER);
  const fit = fitSeed(measured.passes, setups);
  // Points of the figure say nothing of latencies.
  const points = predictAll({ ...measured, frontier: [] }, knownOf(fit, setups, setups, []));
  for (const [file, text] of buildSeedProfiles(fit, points, measured, setups)) {
    const path = join('calibration', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href) main();
