import { expect, it } from 'vitest';
import { doubtTables } from '../../src/report/tables/doubt-table.js';
import { hostTable } from '../../src/report/tables/resource-tables.js';

it('the busy share of a host with cores without number is not known', () => {
  const { rows } = hostTable([{ server: 's', cpuCores: Number.POSITIVE_INFINITY, coresBusy: 0.5 }]);
  expect(rows[0]!.map(({ text }) => text)).toEqual(['s', 'unlimited', '0.50', '–']);
});

it('a figure that has no interval is no range from itself to itself', () => {
  const range = { low: 1, high: 2 };
  const [ranges] = doubtTables({
    models: [],
    tenants: [
      {
        tenant: 't',
        throughputPerS: range,
        meanMs: range,
        percentilesMs: [{ percentile: 99, low: 7, high: 7 }],
        noiseMeanMs: range,
        reasons: [],
      },
    ],
  });
  expect(ranges!.rows[0]!.at(-1)!.text).toBe('7.00');
  expect(ranges!.notes[0]).toContain('noise of the run included where the run has an interval');
});
