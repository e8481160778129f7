import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/plan/placement.js';
import { SlotOracle } from '../../src/plan/search/slot-oracle.js';
import { linearProfile, machinesFor, smallPlan, traceAt } from './small-plans.js';

const DURATION_S = 20;
const OPTION = { maxBatchSize: 8, queueDelayMs: 0, instances: 1 };

/** Requests evenly spaced at these rates, each for so many seconds. */
function arrivals(steps: readonly { readonly ratePerS: number; readonly forS: number }[]): number[] {
  let from = 0;
  return steps.flatMap(({ ratePerS, forS }) => {
    const start = from;
    from += forS;
    return Array.from({ length: ratePerS * forS }, (_, i) => start + i / ratePerS);
  });
}

/** A device takes about 2,900 requests/s of each model in batches of eight. */
function oracleWith(loads: Readonly<Record<string, readonly number[]>>) {
  const models = Object.keys(loads);
  const profiles = models.map((model) => linearProfile(model, 'gpu', { fixedMs: 2, perItemMs: 0.1 }));
  const problem = smallPlan(
    models.map((model) => ({ model, ratePerS: 1, limitMs: 30 })),
    profiles,
    {
      durationS: DURATION_S,
      machines: machinesFor(profiles),
      tenants: models.map((model) => ({
        name: model,
        model,
        load: { trace: { file: model } },
        slo: { percentile: 99, limitMs: 30 },
      })),
    },
    Object.fromEntries(models.map((model) => [model, traceAt(loads[model]!, DURATION_S)])),
  );
  const slot: Slot = {
    kind: 0,
    pieces: models.map((_, demand) => ({ demand, replicas: 1, option: OPTION })),
  };
  return { oracle: new SlotOracle(problem), slot };
}

describe('a quick look at a device', () => {
  it('is taken where its load is highest, at whatever time of the run that is', () => {
    for (const busyAtS of [4, 10, 17]) {
      const steps = [
        { ratePerS: 1000, forS: busyAtS },
        { ratePerS: 5000, forS: 2 },
        { ratePerS: 1000, forS: DURATION_S - busyAtS - 2 },
      ];
      const { oracle, slot } = oracleWith({ a: arrivals(steps) });
      expect(oracle.keeps(slot)).toBe(false);
      expect(oracle.seemsToKeep(slot)).toBe(false);
    }
  });

  it('lets pass what takes its load at every time of the run', () => {
    const { oracle, slot } = oracleWith({
      a: arrivals([
        { ratePerS: 1000, forS: 15 },
        { ratePerS: 2000, forS: 2 },
        { ratePerS: 1000, forS: 3 },
      ]),
    });
    expect(oracle.seemsToKeep(slot)).toBe(true);
  });

  it('is taken of the whole run where a model is not asked in the busiest part', () => {
    const { oracle, slot } = oracleWith({
      busy: arrivals([
        { ratePerS: 800, forS: 12 },
        { ratePerS: 2000, forS: 8 },
      ]),
      early: arrivals([{ ratePerS: 5000, forS: 3 }]),
    });
    expect(oracle.keeps(slot)).toBe(false);
    expect(oracle.seemsToKeep(slot)).toBe(false);
  });
});
