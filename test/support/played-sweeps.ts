import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import { prepareSweep } from '../../src/node/sweep/prepare-sweep.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';

/** The points of sweep files in a folder and those below it, of each `every`th file; `rowOf` plays one, as `perseus sweep` does. */
export async function sweepPoints(folder: string, every = 1) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  );
  const some = files.sort().filter((_, i) => i % every === 0);
  const sweeps = await Promise.all(some.map((file) => prepareSweep(join(folder, file))));
  return sweeps.flatMap(({ library, points }) =>
    points.map((point) => ({
      ...point,
      /** Columns of its first tenant. */
      rowOf: () => new PointEvaluator({ engine: engine(), digest, library }).evaluate(point.scenario)[0]!,
    })),
  );
}
