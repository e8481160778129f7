import { describe, expect, it } from 'vitest';
import { NO_CHANCE } from '../../../src/plan/bound/chance.js';
import { leastDeviceTime } from '../../../src/plan/bound/device-time.js';
import type { TenantLoad } from '../../../src/plan/bound/least-load.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { linearProfile } from '../support/small-plans.js';

/** An execution takes 5 ms, of whatever batch. */
const FIVE_MS = linearProfile('a', 'gpu', { fixedMs: 5, perItemMs: 0 });

interface Asked {
  readonly atS: readonly number[];
  readonly limitMs: number;
  readonly leftOut?: number;
  /** Inferences in each. */
  readonly size?: number;
}

function load({ atS, limitMs, leftOut = 0, size = 1 }: Asked): TenantLoad {
  return {
    tenant: 0,
    requests: atS.length,
    leftOut,
    limitMs,
    arrivalsUs: Float64Array.from(atS, (s) => s * 1e6),
    executed: atS.length,
    smallest: size,
    inferences: size * atS.length,
    payloadBytes: 0,
    promptTokens: 0,
    decodeTokens: 0,
    mostTokens: 0,
    bytesVary: false,
  };
}

/** Milliseconds of a device that the loads need within a second. */
function leastMs(
  asked: readonly Asked[],
  {
    profile = FIVE_MS,
    networkDelay = { beforeMs: 0, afterMs: 0 },
  }: { profile?: ModelProfile; networkDelay?: { beforeMs: number; afterMs: number } } = {},
): number {
  const options = { maxBatchSize: 8, chance: NO_CHANCE, networkDelayOf: () => networkDelay };
  return 1000 * leastDeviceTime(profile, { tenants: asked.map(load), seconds: 1 }, options).inferS;
}

const seconds = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('the least time of a device', () => {
  it('is an execution for each request that waits for no other, and one for all that come together', () => {
    expect(leastMs([{ atS: seconds(3), limitMs: 10 }])).toBeCloseTo(15, 6);
    expect(leastMs([{ atS: [1, 1, 1], limitMs: 10 }])).toBeCloseTo(5, 6);
    expect(leastMs([{ atS: Array(9).fill(1), limitMs: 10 }])).toBeCloseTo(10, 6);
  });

  it('has as many whole requests in an execution as its batch holds', () => {
    // Two of three inferences, never 8 / 3 of them.
    expect(leastMs([{ atS: [1, 1, 1, 1], limitMs: 10, size: 3 }])).toBeCloseTo(10, 6);
  });

  it('lets those wait that may, but for no longer than the next of them', () => {
    const patient = { atS: [0, 3, 6], limitMs: 1000 };
    expect(leastMs([patient, { atS: [1.5, 4.5], limitMs: 10 }])).toBeCloseTo(25, 6);
    expect(leastMs([patient, { atS: [0.5, 3.5], limitMs: 10 }])).toBeCloseTo(15, 6);
  });

  it('needs none for what may be late: it fills the others up', () => {
    expect(leastMs([{ atS: seconds(4), limitMs: 10, leftOut: 1 }])).toBeCloseTo(15, 6);
    expect(leastMs([{ atS: seconds(4), limitMs: 10, leftOut: 4 }])).toBeCloseTo(2.5, 6);
  });

  it('keeps an execution of two requests where no more than one of them may be late', () => {
    // Ten pairs of which four requests may be late: at best those are two pairs.
    expect(leastMs([{ atS: [...seconds(10), ...seconds(10)], limitMs: 10, leftOut: 4 }])).toBeCloseTo(40, 6);
  });

  it('is that of larger batches where these take less: late requests would fill them', () => {
    const service = FIVE_MS.service.map((point) => ({ ...point, inferMs: point.batchSize < 8 ? 20 : 13 }));
    expect(leastMs([{ atS: seconds(3), limitMs: 50 }], { profile: { ...FIVE_MS, service } })).toBeCloseTo(
      39,
      6,
    );
  });

  it('is without end where even the shortest execution comes too late, with its way', () => {
    const networkDelay = { beforeMs: 3, afterMs: 2 };
    expect(leastMs([{ atS: [1], limitMs: 10 }], { networkDelay })).toBeCloseTo(5, 6);
    expect(leastMs([{ atS: [1], limitMs: 9.9 }], { networkDelay })).toBe(Infinity);
    // Nobody waits for a request that may be late.
    expect(leastMs([{ atS: [1], limitMs: 9.9, leftOut: 1 }], { networkDelay })).toBeLessThan(5.001);
  });
});
