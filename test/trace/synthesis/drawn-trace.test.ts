import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import {
  drawnAgain,
  drawnTrace,
  firstArrivals,
  isIdle,
  plannedRequests,
  toBeDrawn,
} from '../../../src/trace/synthesis/drawn-trace.js';
import { generateTrace, tenantRandoms } from '../../../src/trace/synthesis/generate.js';

const process = { kind: 'poisson', ratePerS: 500 } as const;
const drawn = { process, durationS: 20, seed: 7, tenant: 'a', isKept: true };
const atOnce = generateTrace({
  tenant: 'a',
  process,
  durationS: 20,
  ...tenantRandoms(new RandomStreams(7), 'a'),
});

describe('a trace that is drawn when it is asked for', () => {
  it('is the one that is drawn at once', () => {
    expect(drawnTrace(drawn)).toEqual(atOnce);
  });

  it('begins as it goes on, and tells without being drawn about how long it is', () => {
    expect(firstArrivals(drawn, 10)).toEqual(atOnce.arrivalUs.slice(0, 10));
    expect(firstArrivals(drawn, 1e6)).toEqual(atOnce.arrivalUs);
    expect(plannedRequests(drawnTrace(drawn))).toBe(10_000);
    expect([drawnTrace(drawn), atOnce].map(isIdle)).toEqual([false, false]);
    expect(isIdle(drawnTrace({ ...drawn, process: { ...process, ratePerS: 1e-9 } }))).toBe(true);
  });

  it('is kept in memory, or drawn anew', () => {
    const [kept, forgotten] = [drawnTrace(drawn), drawnTrace({ ...drawn, isKept: false })];
    expect(kept.arrivalUs).toBe(kept.arrivalUs);
    expect(forgotten.arrivalUs).not.toBe(forgotten.arrivalUs);
    expect(forgotten.arrivalUs).toEqual(kept.arrivalUs);
  });

  it('comes to another thread without its arrivals, and is drawn again there', () => {
    const sent = structuredClone(toBeDrawn(drawnTrace(drawn)));
    expect('arrivalUs' in sent).toBe(false);
    expect(drawnAgain(sent)).toEqual(atOnce);
    expect(toBeDrawn(atOnce)).toBe(atOnce);
    expect(drawnAgain(atOnce)).toBe(atOnce);
  });

  it('is not said to be drawn where its arrivals were changed', () => {
    const trace = drawnTrace(drawn);
    expect({ ...trace, arrivalUs: trace.arrivalUs.map((us) => us + 1) }.drawn).toBeUndefined();
  });
});
