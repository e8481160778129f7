import { expect, it } from 'vitest';
import { designExperiments } from '../../src/calibrate/design.js';
import { DEFAULT_DESIGN } from '../../src/calibrate/experiment.js';
import type { Observation } from '../../src/calibrate/observation.js';
import { type DynamicBatching, type ModelConfig, NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import { config } from '../support/scenario.js';
import { clientOf, counted, observed } from './fit/observed.js';

const NAMES = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
const ALONE_US = 2000;

function alone(model: string): Observation {
  return observed(
    { kind: 'sequential', id: `${model}/sequential-1`, model, batchSize: 1 },
    { statistics: [counted(model, 400, ALONE_US)] },
  );
}

/** The names of the pairs that are measured until the design wants no more. */
function pairsMeasured(besideUs: (model: string, other: string) => number): string[] {
  const configs = NAMES.map((name) => config(name, 1));
  const observations = NAMES.map(alone);
  const measured: string[] = [];
  for (;;) {
    const next = designExperiments(configs, DEFAULT_DESIGN, observations).find(
      ({ kind, id }) => kind === 'pair' && !measured.includes(id),
    );
    if (next?.kind !== 'pair') return measured;
    const { model, other } = next;
    const statistics = [
      counted(model, 400, besideUs(model, other)),
      counted(other, 400, besideUs(other, model)),
    ];
    measured.push(next.id);
    observations.push(observed(next, { durationS: 1, statistics }));
  }
}

it('many models meet in a ring and beside one reference, also where another one turns out to slow it more', () => {
  const isNeighbour = (a: string, b: string) =>
    [1, NAMES.length - 1].includes(Math.abs(NAMES.indexOf(a) - NAMES.indexOf(b)));
  const pairs = pairsMeasured((model, other) => {
    if (model === 'm1' && other === 'm0') return 1.5 * ALONE_US;
    return other === 'm3' && !isNeighbour(model, other) ? 2 * ALONE_US : 1.1 * ALONE_US;
  });
  const ring = NAMES.map((name, i) => `${name}/beside-${NAMES[(i + 1) % NAMES.length]}`);
  expect(pairs.slice(0, 8).sort()).toEqual(ring.sort());
  expect(pairs.slice(8).sort()).toEqual(['m2', 'm3', 'm4', 'm5', 'm6'].map((name) => `m0/beside-${name}`));
});

/** The requests that together fill a batch, and how many clients send them. */
function backlogOf(maxBatchSize: number, batching?: Partial<DynamicBatching>) {
  const points = designExperiments([config('m', maxBatchSize, batching)], DEFAULT_DESIGN);
  return points.flatMap((point) => (point.kind === 'backlog' ? [[point.batchSize, point.concurrency]] : []));
}

it('where batches are put together, so many requests wait at all times that each is full', () => {
  expect(backlogOf(8, {})).toEqual([[1, 3 * 8]]);
  expect(backlogOf(3, {})).toEqual([[1, 3 * 3]]);
  expect(backlogOf(64, {})).toEqual([[8, 3 * 8]]);
  expect(backlogOf(1, {})).toEqual([]);
  expect(backlogOf(8)).toEqual([]);
});

it('nothing is sent that a queue would refuse', () => {
  const limited = (policy: Partial<typeof NO_QUEUE_POLICY>) =>
    backlogOf(8, { defaultQueuePolicy: { ...NO_QUEUE_POLICY, ...policy } });
  expect(limited({ maxQueueSize: 23 })).toEqual([]);
  expect(limited({ maxQueueSize: 24 })).toHaveLength(1);
  expect(limited({ defaultTimeoutUs: 1000 })).toEqual([]);
});

it('a second instance is loaded where each device has one, to measure what the two cost each other', () => {
  const placed = (count: number, gpus: readonly number[]) => ({
    ...config('m', 1),
    instanceGroups: [{ name: 'm_0', kind: 'KIND_GPU' as const, count, gpus, passive: false }],
  });
  const selves = (of: ModelConfig, load: boolean) =>
    designExperiments([of], { ...DEFAULT_DESIGN, load }).flatMap((each) =>
      each.kind === 'self' ? [each.reloads] : [],
    );
  expect(selves(placed(1, [0, 1]), false)).toEqual([]);
  expect(selves(placed(1, [0, 1]), true)).toEqual([true]);
  expect(selves(placed(2, [0]), true)).toEqual([false]);
});

it('what instances cost each other is measured before loads at a share of the capacity, which hold it', () => {
  const two = {
    ...config('two', 8, {}),
    instanceGroups: [{ name: '', kind: 'KIND_CPU' as const, count: 2, gpus: [], passive: false }],
  };
  const kinds = designExperiments([two, config('other', 8, {})], DEFAULT_DESIGN).map(({ kind }) => kind);
  expect(kinds).toContain('self');
  expect(kinds.indexOf('self')).toBeLessThan(kinds.indexOf('poisson'));
});

it('sizes between powers of two are measured where a load shows that they take as long as the next power', () => {
  const sizesAfter = (fiveUs: number) => {
    const ofSize = (batchSize: number, us: number) => {
      const statistics = counted('m', 400, us);
      return { ...statistics, batches: statistics.batches.map((each) => ({ ...each, batchSize })) };
    };
    const single = (batchSize: number, us: number) =>
      observed(
        { kind: 'sequential', id: `m/sequential-${batchSize}`, model: 'm', batchSize },
        { statistics: [ofSize(batchSize, us)], clients: [clientOf('m', us)] },
      );
    const load = observed(
      { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
      { statistics: [ofSize(1, 8000), ofSize(5, fiveUs), ofSize(8, 14_000)] },
    );
    const observations = [single(1, 8000), single(2, 8000), single(4, 8000), single(8, 14_000), load];
    const points = designExperiments([config('m', 8, {})], DEFAULT_DESIGN, observations);
    return points.flatMap((each) => (each.kind === 'sequential' ? [each.batchSize] : [])).sort();
  };
  expect(sizesAfter(9600)).toEqual([1, 2, 4, 8]);
  expect(sizesAfter(14_000)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
