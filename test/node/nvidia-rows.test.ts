import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Row, readTable } from '../../scripts/support/source-table.js';
import { digest } from '../../src/node/sweep/content-library.js';
import { engine } from '../../src/node/sweep/engine.js';
import { prepareSweep } from '../../src/node/sweep/prepare-sweep.js';
import { PointEvaluator } from '../../src/sweep/evaluate.js';
import { IS_SLOW } from '../support/cases.js';

const RESULTS = join(import.meta.dirname, '../../results/nvidia');
const rows = readTable(join(RESULTS, 'predicted.csv'));
const rowKey = (row: Row) => `${row['model']} ${row['device']} ${row['concurrency']}`;
const keys = [...new Set(rows.map(rowKey))];
const page = (key: string, metric: string) =>
  Number(rows.find((row) => rowKey(row) === key && row['metric'] === metric)!['predicted']);

const sweeps = await Promise.all(
  readdirSync(join(RESULTS, 'sweeps'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => prepareSweep(join(RESULTS, 'sweeps', file))),
);
const points = sweeps.flatMap(({ library, points: own }) => own.map((point) => ({ point, library })));
const played = points.map(({ point, library }) => {
  const { servers, tenants } = point.scenario;
  const key = `${tenants[0]!.model} ${servers[0]!.devices[0]!.kind} ${point.values[0]}`;
  return { key, point, library };
});

describe("the files of NVIDIA's tables", () => {
  it('play every row of the page', () => {
    expect(played.map(({ key }) => key).sort()).toEqual([...keys].sort());
  });

  it('give its figures', () => {
    const some = played.filter((_, i) => IS_SLOW || i % 25 === 0);
    for (const { key, point, library } of some) {
      const [row] = new PointEvaluator({ engine: engine(), digest, library }).evaluate(point.scenario);
      // The page counts requests by when they were answered, a run by when they were sent: those in flight at its ends differ.
      const inFlight = page(key, 'meanMs') / ((point.scenario.durationUs - point.scenario.warmUpUs) / 1000);
      const meanMs = Number(row!['latency_mean_ms']);
      expect(Math.abs(meanMs / page(key, 'meanMs') - 1), key).toBeLessThan(inFlight);
      const perS = Number(row!['inferences_per_s']);
      if (/^(tft|wide-and-deep)-/.test(key)) {
        // perf_analyzer's windows lack answers of half a latency: clients over latency is the true one, but for both ends.
        const [tenant] = point.scenario.tenants;
        const inLoop = Number(point.values[0]) * tenant!.batchSize;
        expect(perS / page(key, 'throughputPerS'), key).toBeGreaterThan(0.999);
        expect(Math.abs((perS * meanMs) / 1000 / inLoop - 1), key).toBeLessThan(2 * inFlight);
      } else expect(perS / page(key, 'throughputPerS'), key).toBeCloseTo(1, 4);
    }
  });
});
