import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseProfile } from '../../src/profile/parse.js';
import type { ModelProfile } from '../../src/profile/profile.js';

/** Calibrations of the sample's models on live servers, each with what the same server did under loads that it had not seen. */
export const KEPT = 'results/live/kept';

export const LATENCIES = ['meanMs', 'p50Ms', 'p95Ms', 'p99Ms'] as const;
export type Latency = (typeof LATENCIES)[number];

/** Of one tenant in one case; the mean over three live runs. */
export type Measured = Readonly<Record<Latency, number>> & {
  readonly scenario: string;
  readonly tenant: string;
};

export interface KeptCalibration {
  /** Commit under which it was made. */
  readonly commit: string;
  readonly profiles: readonly ModelProfile[];
  readonly measured: readonly Measured[];
}

export function keptCalibrations(folder = KEPT): KeptCalibration[] {
  const commits = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return commits.map(({ name }) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.profile.json'));
    return {
      commit: name,
      profiles: files.map((file) => parseProfile(readFileSync(join(folder, name, file), 'utf8'), { file })),
      measured: JSON.parse(readFileSync(join(folder, name, 'measured.json'), 'utf8')) as Measured[],
    };
  });
}
