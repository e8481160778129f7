import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Row, readTable } from '../../scripts/support/source-table.js';
import { IS_SLOW } from '../support/cases.js';
import { sweepPoints } from '../support/played-sweeps.js';

const RESULTS = join(import.meta.dirname, '../../results/nvidia');
const rows = readTable(join(RESULTS, 'predicted.csv'));
const rowKey = (row: Row) => `${row['model']} ${row['device']} ${row['concurrency']}`;
const keys = [...new Set(rows.map(rowKey))];
const page = (key: string, metric: string) =>
  Number(rows.find((row) => rowKey(row) === key && row['metric'] === metric)!['predicted']);

const played = (await sweepPoints(join(RESULTS, 'sweeps'), IS_SLOW ? 1 : 4)).map((point) => {
  const { servers, tenants } = point.scenario;
  const table = `${tenants[0]!.model} ${servers[0]!.devices[0]!.kind}`;
  return { ...point, table, key: `${table} ${point.values[0]}` };
});
const isPlayed = (key: string) => played.some(({ table }) => key.startsWith(`${table} `));

describe("the files of NVIDIA's tables", () => {
  it('play every row of the page', () => {
    expect(played.map(({ key }) => key).sort()).toEqual(keys.filter(isPlayed).sort());
  });

  it('give its figures', () => {
    const some = played.filter((_, i) => IS_SLOW || i % 12 === 0);
    for (const { key, scenario, values, rowOf } of some) {
      const row = rowOf();
      // The page counts requests by when they were answered, a run by when they were sent: those in flight at its ends differ.
      const inFlight = page(key, 'meanMs') / ((scenario.durationUs - scenario.warmUpUs) / 1000);
      const meanMs = Number(row['latency_mean_ms']);
      expect(Math.abs(meanMs / page(key, 'meanMs') - 1), key).toBeLessThan(inFlight);
      const perS = Number(row['inferences_per_s']);
      if (/^(tft|wide-and-deep)-/.test(key)) {
        // perf_analyzer's windows lack answers of half a latency: clients over latency is the true one, but for both ends.
        const [tenant] = scenario.tenants;
        const inLoop = Number(values[0]) * tenant!.batchSize;
        expect(perS / page(key, 'throughputPerS'), key).toBeGreaterThan(0.999);
        expect(Math.abs((perS * meanMs) / 1000 / inLoop - 1), key).toBeLessThan(2 * inFlight);
      } else expect(perS / page(key, 'throughputPerS'), key).toBeCloseTo(1, 4);
    }
  });
});
