import { describe, expect, it } from 'vitest';
import { fitHostCores } from '../../../src/calibrate/fit/threads/host-cores.js';
import { otherWork } from '../../../src/calibrate/fit/threads/other-work.js';
import type { Observation, PointCpuUse } from '../../../src/calibrate/observation.js';
import { config, profile } from '../../support/scenario.js';
import { SERVING, simulatedObservation } from './simulated-observations.js';

const SLEEPING = { config: config('m', 8), profile: profile('m', 5, 0, { device: 'CPU', serving: SERVING }) };

/** A saturated model that only waits, measured in a minute of the day. */
function saturatedAt(minute: number, cpu: (durationS: number) => PointCpuUse): Observation {
  const experiment = {
    kind: 'saturated',
    id: 'm/saturated-1',
    model: 'm',
    batchSize: 1,
    concurrency: 3,
  } as const;
  const point = simulatedObservation({ models: [SLEEPING], serving: SERVING }, experiment, 2);
  const measuredAt = new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
  return { ...point, measuredAt, cpu: cpu(point.durationS) };
}

/** Twenty points, in the first ten of which something else keeps one core busy: then its look says so. */
const points = Array.from({ length: 20 }, (_, minute) =>
  saturatedAt(minute, (durationS) => ({
    machineS: durationS * (minute < 10 ? 1.2 : 0.2),
    clientS: durationS * 0.1,
    otherS: durationS * (minute < 10 ? 1 : 0.05),
  })),
);

describe('what something else takes of the machine', () => {
  const cores = points.map(otherWork(points));

  it('is told for the points in which it did, and nothing for the others', () => {
    expect(cores.slice(0, 9)).toEqual(Array(9).fill(1));
    expect(cores.slice(11)).toEqual(Array(9).fill(0));
  });

  it('is told for as long as it was counted, which is longer than the point', () => {
    const longer = points
      .slice(0, 10)
      .map((point) => ({ ...point, cpu: { ...point.cpu!, serverS: 0, countedS: 2 * point.durationS } }));
    expect(longer.map(otherWork(longer))).toEqual(Array(10).fill(0.5));
  });

  it('is not told by a single look', () => {
    const odd = points.slice(10).map((point, i) => (i === 4 ? points[0]! : point));
    const times = odd.map((point, i) => ({ ...point, measuredAt: points[10 + i]!.measuredAt }));
    expect(times.map(otherWork(times))).toEqual(Array(10).fill(0));
  });

  it('is no part of what a model keeps busy that was measured then', () => {
    const during = points.slice(0, 3);
    expect(fitHostCores(during, 'm')).toBe(0);
    const unseen = during.map(({ cpu, ...point }) => ({
      ...point,
      cpu: { ...cpu!, otherS: 0 },
    }));
    expect(fitHostCores(unseen, 'm')).toBe(1);
  });
});
