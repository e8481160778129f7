import { describe, expect, it } from 'vitest';
import { clientLoad, desiredFor, offeredPerS } from '../../scripts/seed/client.js';

const client = { maxInFlight: 96, dispatchMs: 0.12, evidence: 'test' };

describe("the seed's client", () => {
  it('offers less than it is asked for, by the time to hand a request over', () => {
    expect(offeredPerS(100, client)).toBeCloseTo(1000 / 10.12, 9);
    expect(offeredPerS(desiredFor(150, client), client)).toBeCloseTo(150, 9);
  });

  it('sends each pass at its own gap, and begins the next when the last is drained', () => {
    const passes = [
      { desiredPerS: 100, requests: 3 },
      { desiredPerS: 200, requests: 2 },
    ];
    const load = clientLoad(passes, [50], 1000, client);
    if (load.mode !== 'capped') throw new Error('the client has a cap');
    expect([...load.trace.arrivalUs]).toEqual([1_000_000, 1_010_120, 1_020_240, 1_070_240, 1_075_360]);
    expect(load).toMatchObject({ maxInFlight: 96, latencyFrom: 'sent', pacing: 'gap' });
  });
});
