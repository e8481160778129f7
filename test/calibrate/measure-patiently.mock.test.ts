import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Experiment } from '../../src/calibrate/experiment.js';
import { liveServer } from '../../src/calibrate/live-server.js';
import { GeneratorBehind, type MeasureContext } from '../../src/calibrate/measure-part.js';
import { measuringPatiently } from '../../src/calibrate/measure-patiently.js';

const POINT_S = 10;
/** What the next tries meet: cores that something else keeps busy; undefined where the generator falls behind. */
const met = vi.hoisted(() => ({ ms: 0, next: [] as (number | undefined)[], now: 0 }));

vi.mock('../../src/calibrate/measure.js', () => ({
  measure: async (experiment: Experiment) => {
    met.ms += 1000 * POINT_S;
    const cores = met.next.shift();
    if (cores === undefined) throw new GeneratorBehind('the load generator fell behind');
    met.now = cores;
    return { experiment, cores };
  },
}));
vi.mock('../../src/live/machine-use.js', () => ({ watchOthers: () => () => met.now }));

beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => met.ms));
afterEach(() => void vi.restoreAllMocks());

const EXPERIMENT: Experiment = { kind: 'alone', id: 'm/alone', model: 'm', busyShare: 0.4 };

/** Measures a point for each list of what its tries would meet: the cores of the try that counts, and what was told. */
async function measured(budgetS: number, points: readonly (readonly (number | undefined)[])[]) {
  const measurePatiently = measuringPatiently(budgetS);
  const told: number[] = [];
  const kept = [];
  for (const tries of points) {
    met.next = [...tries];
    const point = await measurePatiently(
      EXPERIMENT,
      { server: liveServer({ client: { url: 'localhost:8001' } } as never) } as MeasureContext,
      (cores) => {
        told.push(cores);
      },
    );
    kept.push(point && (point as unknown as { cores: number }).cores);
  }
  return { kept, told };
}

describe('a point that something else on the machine disturbed', () => {
  it('is measured again until it is not, or three times, and its quietest try counts', async () => {
    const { kept, told } = await measured(1000, [[0.02], [1, 0.05], [0.9, 0.5, 0.7]]);
    expect(kept).toEqual([0.02, 0.05, 0.5]);
    expect(told).toEqual([1, 0.9, 0.5]);
  });

  it('is as good as any where something is always there', async () => {
    const { kept, told } = await measured(1000, [[0.5], [0.6], [0.9, 0.55]]);
    expect(kept).toEqual([0.5, 0.6, 0.55]);
    expect(told).toEqual([0.9]);
  });

  it('is measured again for a tenth of the time at most', async () => {
    const { kept } = await measured(20 * POINT_S, [[0], [1, 0.8, 0.1], [1], [1]]);
    expect(kept).toEqual([0, 0.1, 1, 1]);
  });
});

it('a point whose generator fell behind three times is none, and a try that did not counts', async () => {
  const behind = undefined;
  expect(
    (
      await measured(1000, [
        [behind, behind, behind],
        [behind, 0],
      ])
    ).kept,
  ).toEqual([undefined, 0]);
});
