import { expect, it } from 'vitest';
import { loadsToPlay } from '../../src/calibrate/live-scenario.js';
import { config } from '../support/scenario.js';

const HOST = { name: 'g', kind: 'KIND_CPU', count: 1, gpus: [], passive: false } as const;

function models(count: number, kind: 'KIND_CPU' | 'KIND_GPU') {
  return Array.from({ length: count }, (_, i) => ({
    config: {
      ...config(`m${i}`, 8),
      instanceGroups: [{ ...HOST, kind, gpus: kind === 'KIND_GPU' ? [0] : [] }],
    },
    json: {},
  }));
}

const busyShare = (count: number, kind: 'KIND_CPU' | 'KIND_GPU', cores?: number) =>
  loadsToPlay(models(count, kind), () => 1000, cores).reduce((sum, { ratePerS }) => sum + ratePerS / 1000, 0);

it('a few models are loaded enough for batches', () => {
  expect(busyShare(1, 'KIND_GPU')).toBeCloseTo(0.4, 5);
  expect(busyShare(2, 'KIND_GPU')).toBeCloseTo(0.8, 5);
  expect(busyShare(4, 'KIND_CPU', 2)).toBeCloseTo(1.6, 5);
});

it('many models that share a GPU or the cores of a host are not asked for more than those can do together', () => {
  expect(busyShare(10, 'KIND_GPU')).toBeCloseTo(0.8, 5);
  expect(busyShare(25, 'KIND_CPU', 2)).toBeCloseTo(1.6, 5);
  expect(busyShare(10, 'KIND_CPU')).toBeCloseTo(0.8, 5);
});

it('a fast model is asked for its share of what was measured, however much that is', () => {
  const [load] = loadsToPlay(models(1, 'KIND_CPU'), () => 16_000, 2);
  expect(load!.ratePerS).toBe(6400);
});

it('a model of which nothing is known is asked for something', () => {
  expect(loadsToPlay(models(30, 'KIND_CPU'), () => undefined, 2)[0]!.ratePerS).toBe(1);
});

it('a model that takes seconds is asked for less than it can do', () => {
  expect(loadsToPlay(models(1, 'KIND_GPU'), () => 0.32, 2)[0]!.ratePerS).toBe(0.13);
});
