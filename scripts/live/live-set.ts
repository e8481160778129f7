import { join } from 'node:path';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { type CalibratedServer, calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { forgetChanged } from '../../src/node/calibrate/calibration-folder.js';
import { say } from '../support/run-script.js';
import { type CrossCheckCase, FAR_CASES, OTHER_CASES, SAMPLE_CASES } from './cross-check-cases.js';
import { FAR, OTHER, SAMPLE, type ServedModels } from './models.js';

/** Models, the loads that they are measured under, and where that is kept. */
export interface LiveSet extends ServedModels {
  readonly crossCheckCases: readonly CrossCheckCase[];
  /** Points and runs as they were measured; not part of the repository. */
  readonly kept: string;
  /** What perf_analyzer saw beside what was simulated: a page of results/live, and what its title adds. */
  readonly page: string;
  readonly title: string;
}

export const LIVE_SETS = {
  sample: {
    ...SAMPLE,
    crossCheckCases: SAMPLE_CASES,
    kept: '.tmp/live',
    page: 'perf-analyzer.md',
    title: '',
  },
  other: {
    ...OTHER,
    crossCheckCases: OTHER_CASES,
    kept: '.tmp/live-other',
    page: 'other-models.md',
    title: ': other models',
  },
  far: {
    ...FAR,
    crossCheckCases: FAR_CASES,
    kept: '.tmp/live-far',
    page: 'far-models.md',
    title: ': models far from those of the sample',
  },
} satisfies Record<string, LiveSet>;

/** Where a calibration lies in a folder of what was kept. */
export function calibrationFolder(kept: string): string {
  return join(kept, 'calibration');
}

/** Measures what is not kept yet, and fits; on a server that was just started, so that every model is as its file says. */
export async function calibrateSet(
  { calibrated }: ServedModels,
  kept: string,
  client: InferenceClient,
): Promise<CalibratedServer> {
  const out = calibrationFolder(kept);
  await forgetChanged(out);
  return calibrateServer({
    client,
    models: calibrated.map(({ name }) => name),
    out,
    design: { ...DEFAULT_DESIGN, load: true, allPairsUpTo: calibrated.length },
    onProgress: ({ experiment, number, of }) => say(`${number}/${of} ${experiment.id}`),
  });
}
