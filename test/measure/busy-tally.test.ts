import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BusyTally } from '../../src/measure/busy-tally.js';
import { ascending } from '../../src/measure/interval-list.js';
import { deviceBusy } from '../../src/simulator/outcome/device-use.js';

const DURATION_NS = 1e9;

describe('the time in which a device is busy', () => {
  it('is that of all its intervals, of which only the last ones are kept', () => {
    const gap = fc.record({ afterNs: fc.nat(100), lengthNs: fc.oneof(fc.nat(300), fc.constant(5e6)) });
    fc.assert(
      fc.property(
        fc.array(gap, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 2, max: 4 }),
        (gaps, slots) => {
          const tally = new BusyTally(DURATION_NS);
          const [starts, ends]: [number[], number[]] = [[], []];
          const running: { number: number; endNs: number }[] = [];
          let nowNs = 0;
          for (let i = 0; i < 40_000; i++) {
            const { afterNs, lengthNs } = gaps[i % gaps.length]!;
            nowNs += afterNs;
            for (const [slot, { number, endNs }] of running.entries()) {
              if (endNs > nowNs) continue;
              tally.end(number, endNs);
              running.splice(slot, 1);
              break;
            }
            if (running.length === slots) continue;
            running.push({ number: tally.begin(nowNs, nowNs), endNs: nowNs + lengthNs });
            starts.push(nowNs);
            ends.push(nowNs + lengthNs);
          }
          for (const { number, endNs } of running) tally.end(number, endNs);
          const { busyShare, timeline } = deviceBusy(
            Float64Array.from(starts),
            ascending(Float64Array.from(ends)),
            DURATION_NS,
          );
          const found = tally.busy();
          expect(found.busyShare).toBeCloseTo(busyShare, 9);
          for (const [bin, share] of timeline.entries()) expect(found.timeline[bin]).toBeCloseTo(share, 9);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('goes on to the end of the run where an interval does not end', () => {
    const tally = new BusyTally(DURATION_NS);
    tally.begin(DURATION_NS / 4, 0);
    expect(tally.busy().busyShare).toBeCloseTo(0.75, 9);
  });
});
