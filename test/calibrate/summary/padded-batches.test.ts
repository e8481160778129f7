import { describe, expect, it } from 'vitest';
import { paddedBatches } from '../../../src/calibrate/summary/padded-batches.js';
import { tablePoint } from '../../../src/calibrate/summary/table-rows.js';
import { serviceTime } from '../../../src/profile/service-time.js';

const point = (batchSize: number, inferMs: number) =>
  tablePoint(batchSize, { inputMs: 0.1 * batchSize, inferMs, outputMs: 0 });

describe('padded batches', () => {
  it('infer as long as the next power of two, and copy their own inputs', () => {
    const service = paddedBatches([point(1, 2), point(2, 3), point(8, 9), point(16, 17)]);
    const inferMs = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16].map((size) => serviceTime({ service }, size).inferMs);
    expect(inferMs).toEqual([2, 3, 5, 5, 9, 9, 9, 17, 17, 17]);
    expect(serviceTime({ service }, 12).inputMs).toBeCloseTo(1.2);
  });

  it('keep every time that was measured', () => {
    const table = [point(1, 2), point(48, 30), point(64, 31), point(100, 60)];
    const padded = paddedBatches(table);
    expect(padded).toEqual(expect.arrayContaining(table));
    expect(serviceTime({ service: padded }, 33).inferMs).toBe(31);
    expect(padded.at(-1)).toEqual(table.at(-1));
  });
});
