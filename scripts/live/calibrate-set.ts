import { join } from 'node:path';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { type CalibratedServer, calibrateServer } from '../../src/node/calibrate/calibrate-server.js';
import { forgetChanged } from '../../src/node/calibrate/calibration-folder.js';
import type { LiveSet } from './live-set.js';

/** Where the calibration of a set is kept. */
export function calibrationFolder({ kept }: Pick<LiveSet, 'kept'>): string {
  return join(kept, 'calibration');
}

/** Measures what is not kept yet, and fits; on a server that was just started, so that every model is as its file says. */
export async function calibrateSet(
  { calibrated, kept }: Pick<LiveSet, 'calibrated' | 'kept'>,
  client: InferenceClient,
): Promise<CalibratedServer> {
  await forgetChanged(calibrationFolder({ kept }));
  return calibrateServer({
    client,
    models: calibrated.map(({ name }) => name),
    out: calibrationFolder({ kept }),
    design: { ...DEFAULT_DESIGN, load: true, allPairsUpTo: calibrated.length },
    onProgress: ({ experiment, number, of }) =>
      void process.stderr.write(`${number}/${of} ${experiment.id}\n`),
  });
}
