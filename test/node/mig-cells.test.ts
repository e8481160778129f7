import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readTable } from '../../scripts/support/source-table.js';
import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import { prepareSweep } from '../../src/node/sweep/prepare-sweep.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';
import { IS_SLOW } from '../support/cases.js';

const RESULTS = join(import.meta.dirname, '../../results/mig');

it('the files of MIG slices give every cell of the page', async () => {
  const rows = readTable(join(RESULTS, 'predicted.csv'));
  const pageOf = (asked: string) =>
    new Map(
      rows
        .filter(({ metric }) => metric === asked)
        .map((row) => [
          `${row['model']} ${row['slice']} batch ${row['batchSize']} ${row['processes']}`,
          Number(row['predicted']),
        ]),
    );
  const [latencyMs, perS] = [pageOf('latencyMs'), pageOf('throughputPerS')];
  const files = readdirSync(join(RESULTS, 'sweeps'));
  const sweeps = await Promise.all(files.map((file) => prepareSweep(join(RESULTS, 'sweeps', file))));
  const played = sweeps.flatMap(({ library, points }) =>
    points.map((point) => {
      const key = `${point.scenario.tenants[0]!.model} ${point.values.join(' ')}`;
      return { key, point, library };
    }),
  );
  expect(played.map(({ key }) => key).sort()).toEqual([...latencyMs.keys()].sort());
  const some = played.filter((_, i) => IS_SLOW || i % 20 === 0);
  for (const { key, point, library } of some) {
    const [row] = new PointEvaluator({ engine: engine(), digest, library }).evaluate(point.scenario);
    expect(Number(row!['latency_mean_ms']) / latencyMs.get(key)!, key).toBeCloseTo(1, 2);
    // The page counts one process.
    const ownPerS = Number(row!['inferences_per_s']) / Number(point.values[1]);
    expect(ownPerS / perS.get(key)!, key).toBeCloseTo(1, 1);
  }
});
