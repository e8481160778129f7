import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceTable, serviceTime } from '../../src/profile/service-time.js';
import { point, sampleProfile } from './samples.js';

const profile = sampleProfile();

function totalMs(batchSize: number, of = profile): number {
  const { inputMs, inferMs, outputMs } = serviceTime(of, batchSize);
  return inputMs + inferMs + outputMs;
}

describe('the service time of a batch', () => {
  it('is what was measured at a measured size', () => {
    for (const { batchSize, inputMs, inferMs, outputMs } of profile.service) {
      expect(serviceTime(profile, batchSize)).toEqual({ inputMs, inferMs, outputMs });
    }
  });

  it('lies on the line between two measured sizes', () => {
    expect(serviceTime(profile, 6)).toEqual({ inputMs: 0.6000000000000001, inferMs: 8, outputMs: 0.2 });
  });

  it('goes on as between the last two sizes, and as between the first two', () => {
    expect(serviceTime(profile, 12).inferMs).toBeCloseTo(14, 12);
    expect(serviceTime(profile, 1).inferMs).toBeCloseTo(3, 12);
    expect(serviceTime(profile, 1).outputMs).toBeCloseTo(0.1, 12);
  });

  it('does not fall beyond the last size, though the last step was measured to fall', () => {
    const falling = sampleProfile({ service: [point(1, 0, 2, 0), point(2, 0, 4, 0), point(4, 0, 3, 0)] });
    expect(totalMs(100, falling)).toBe(3);
  });

  it('does not fall below proportion to the batch under the first size', () => {
    const steep = sampleProfile({ service: [point(8, 0, 1, 0), point(9, 0, 5, 0)] });
    expect(totalMs(2, steep)).toBe(0.25);
  });

  it('is held below a single size and grows in proportion above it', () => {
    const single = sampleProfile({ service: [point(4, 0, 8, 0)] });
    expect([1, 4, 8].map((size) => totalMs(size, single))).toEqual([8, 8, 16]);
  });

  it('is none of a batch without inferences', () => {
    for (const size of [-1, 0, Number.NaN]) expect(() => serviceTime(profile, size)).toThrow(RangeError);
  });

  it('is finite, positive and in the table rounded to nanoseconds, whatever was measured', () => {
    const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
    const points = fc
      .uniqueArray(
        fc.record({ batchSize: fc.integer({ min: 1, max: 300 }), inputMs: ms, inferMs: ms, outputMs: ms }),
        {
          minLength: 1,
          maxLength: 8,
          selector: ({ batchSize }) => batchSize,
        },
      )
      .map((list) => list.sort((a, b) => a.batchSize - b.batchSize));
    fc.assert(
      fc.property(points, fc.integer({ min: 0, max: 400 }), (list, max) => {
        const measured = sampleProfile({
          service: list.map((p) => ({ ...p, executions: 0, relativeError: 0 })),
        });
        const table = serviceTable(measured, max);
        expect([table.inputNs.length, table.inferNs[0], table.outputNs[0]]).toEqual([max + 1, 0, 0]);
        for (let size = 1; size <= max; size++) {
          const time = serviceTime(measured, size);
          expect(time.inferMs).toBeGreaterThanOrEqual(0);
          expect(table.inputNs[size]).toBe(Math.round(time.inputMs * 1e6));
          expect(table.inferNs[size]).toBe(Math.round(time.inferMs * 1e6));
          expect(table.outputNs[size]).toBe(Math.round(time.outputMs * 1e6));
        }
      }),
      { numRuns: 60 },
    );
  });
});
