import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseDocumentWith } from '../../src/base/document.js';
import { InputError, ProblemList } from '../../src/base/problem.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import type { ModelProfile } from '../../src/profile/profile.js';
import { LIVE_CASES } from '../live/scenarios.js';
import { LATENCY_METRICS, type LatencyFigures } from '../support/latencies.js';

/** Calibrations of the sample's models on live servers, each with what the same server did under loads that it had not seen. */
export const KEPT = 'results/live/kept';

export type Latency = keyof LatencyFigures;
export const LATENCIES: readonly Latency[] = LATENCY_METRICS.map(([metric]) => metric);

const latencies = z.object({
  ...{ meanMs: z.number().positive(), p50Ms: z.number().positive() },
  ...{ p95Ms: z.number().positive(), p99Ms: z.number().positive() },
});

const measuredSchema = z
  .array(
    latencies.extend({
      /** From the least to the most of the three. */
      rangeMs: z.record(z.enum(LATENCIES), z.number().min(0)),
      scenario: z.string(),
      tenant: z.string(),
    }),
  )
  .min(1);

/** Of one tenant in one case; the mean over three live runs. */
export type Measured = z.output<typeof measuredSchema>[number];

export interface KeptCalibration {
  /** Under which it was made: the name of its folder. */
  readonly commit: string;
  readonly profiles: readonly ModelProfile[];
  readonly measured: readonly Measured[];
}

/** @throws InputError where the folder has no calibration, or one cannot be read, with all that is wrong in what was measured */
export async function keptCalibrations(folder = KEPT): Promise<readonly KeptCalibration[]> {
  const isFolder = existsSync(folder) && statSync(folder).isDirectory();
  const entries = isFolder ? readdirSync(folder, { withFileTypes: true }) : [];
  const commits = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (commits.length === 0)
    throw InputError.of(
      'holds no calibration',
      `give a folder of such as ${KEPT} has, each with ${MEASURED}`,
      {
        file: folder,
      },
    );
  const problems = new ProblemList();
  const measured = commits.map((commit) => readMeasured(join(folder, commit, MEASURED), problems));
  problems.throwIfAny();
  return Promise.all(
    commits.map(async (commit, i) => ({
      commit,
      profiles: (await readProfiles([join(folder, commit)])).map(({ profile }) => profile),
      measured: measured[i]!,
    })),
  );
}

const MEASURED = 'measured.json';

function readMeasured(file: string, problems: ProblemList): readonly Measured[] {
  if (!existsSync(file)) {
    problems.add({ file, what: 'there is no such file', remedy: 'add it, or leave out its folder' });
    return [];
  }
  const {
    value = [],
    problems: found,
    positionOf,
  } = parseDocumentWith(measuredSchema, readFileSync(file, 'utf8'), { file });
  for (const problem of found) problems.add(problem);
  for (const [i, { scenario, tenant }] of value.entries()) {
    const live = LIVE_CASES.find(({ name }) => name === scenario);
    if (live?.loads.some(({ model }) => model === tenant) === true) continue;
    const [field, text] = live === undefined ? ['scenario', scenario] : ['tenant', tenant];
    const known =
      live === undefined ? LIVE_CASES.map(({ name }) => name) : live.loads.map(({ model }) => model);
    const remedy = `write one of ${known.join('; ')}`;
    problems.add({ ...positionOf([i, field!]), what: `no case has "${text}"`, remedy });
  }
  return value;
}
