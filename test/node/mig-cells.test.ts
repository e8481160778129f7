import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readTable } from '../../scripts/support/source-table.js';
import { IS_SLOW } from '../support/cases.js';
import { sweepPoints } from '../support/played-sweeps.js';

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
  const played = (await sweepPoints(join(RESULTS, 'sweeps'), IS_SLOW ? 1 : 4)).map((point) => {
    const { model } = point.scenario.tenants[0]!;
    return { ...point, model, key: `${model} ${point.values.join(' ')}` };
  });
  const isPlayed = (key: string) => played.some(({ model }) => key.startsWith(`${model} `));
  expect(played.map(({ key }) => key).sort()).toEqual([...latencyMs.keys()].filter(isPlayed).sort());
  const some = played.filter((_, i) => IS_SLOW || i % 12 === 0);
  for (const { key, values, rowOf } of some) {
    const row = rowOf();
    expect(Number(row['latency_mean_ms']) / latencyMs.get(key)!, key).toBeCloseTo(1, 2);
    // The page counts one process.
    const ownPerS = Number(row['inferences_per_s']) / Number(values[1]);
    expect(ownPerS / perS.get(key)!, key).toBeCloseTo(1, 1);
  }
});
