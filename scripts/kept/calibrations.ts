import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { LATENCY_METRICS, type LatencyFigures } from '../support/latencies.js';

/** Calibrations of the sample's models on live servers, each with what the same server did under loads that it had not seen. */
export const KEPT = 'results/live/kept';

export type Latency = keyof LatencyFigures;
export const LATENCIES: readonly Latency[] = LATENCY_METRICS.map(([metric]) => metric);

/** Of one tenant in one case; the mean over three live runs. */
export type Measured = Readonly<Record<Latency, number>> & {
  /** From the least to the most of the three. */
  readonly rangeMs: Readonly<Record<Latency, number>>;
  readonly scenario: string;
  readonly tenant: string;
};

export type KeptCalibration = Awaited<ReturnType<typeof keptCalibrations>>[number];

export async function keptCalibrations(folder = KEPT) {
  const commits = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Promise.all(
    commits.map(async ({ name }) => ({
      // Under which it was made.
      commit: name,
      profiles: (await readProfiles([join(folder, name)])).map(({ profile }) => profile),
      measured: JSON.parse(readFileSync(join(folder, name, 'measured.json'), 'utf8')) as Measured[],
    })),
  );
}
