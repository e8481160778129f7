import { describe, expect, it } from 'vitest';
import { fitService } from '../../../src/calibrate/fit/service/service.js';
import { fitModelSpread } from '../../../src/calibrate/fit/service/spread.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { clientOf, counted, observed } from './observed.js';

const withSize = (batchSize: number, executions: number, inferUs: number) => {
  const { batches, ...rest } = counted('m', executions, inferUs);
  return { ...rest, batches: [{ ...batches[0]!, batchSize }] };
};

const alone = (batchSize: number, inferUs: number): Observation =>
  observed(
    { kind: 'sequential', id: `m/sequential-${batchSize}`, model: 'm', batchSize },
    { statistics: [withSize(batchSize, 500, inferUs)], clients: [clientOf('m', inferUs)] },
  );

/** Executions by batch size under a dense load. */
function dense(
  rows: readonly (readonly [batchSize: number, executions: number, inferUs: number])[],
): Observation {
  const statistics = counted('m', 1, 1);
  const batches = rows.flatMap(([size, executions, us]) => withSize(size, executions, us).batches);
  return observed(
    { kind: 'poisson', id: 'm/poisson-60', model: 'm', loadShare: 0.6 },
    { statistics: [{ ...statistics, batches }] },
  );
}

/** Full batches of clients that always wait, in requests of `batchSize` inferences. */
function backlog(full: number, executions: number, inferUs: number, batchSize = 1): Observation {
  return observed(
    { kind: 'backlog', id: 'm/backlog', model: 'm', batchSize, concurrency: 24 },
    { statistics: [withSize(full, executions, inferUs)] },
  );
}

const inferMsOf = (observations: readonly Observation[]) => {
  const { service } = fitService(observations, 'm');
  return service.map(({ inferMs }) => inferMs);
};

const ALONE = [alone(1, 2000), alone(4, 4000), alone(8, 6000)];

describe('service times of a model', () => {
  it('are those of one client where nothing else was measured', () => {
    expect(inferMsOf(ALONE)).toEqual([2, 4, 6]);
  });

  it('are never nothing, however disturbed the points are: a profile without time could not be written', () => {
    const disturbed = [alone(1, 9000), alone(2, 1000), alone(4, 4000)];
    const { service } = fitService(
      [
        ...disturbed,
        dense([
          [1, 5000, 1000],
          [4, 5000, 4000],
        ]),
      ],
      'm',
    );
    expect(service.map(({ inferMs }) => inferMs > 0)).toEqual([true, true, true]);
  });

  it('hold what each further request costs under dense loads', () => {
    const found = inferMsOf([
      ...ALONE,
      dense([
        [1, 5000, 2000],
        [4, 5000, 4300],
        [8, 5000, 6700],
      ]),
    ]);
    for (const [i, expected] of [2, 4.3, 6.7].entries()) expect(found[i]).toBeCloseTo(expected, 2);
  });

  it('are for full batches what clients that always wait showed, whatever small ones under a dense load make one expect', () => {
    const slower = dense([
      [1, 130, 2000],
      [2, 76, 3200],
      [3, 34, 4000],
    ]);
    expect(inferMsOf([...ALONE, slower])[2]).toBeGreaterThan(7);
    const found = inferMsOf([...ALONE, slower, backlog(8, 200, 6200)]).at(-1)!;
    expect(Math.abs(found / 6.2 - 1)).toBeLessThan(0.03);
  });

  it('count the requests of full batches, which may hold several inferences each', () => {
    const found = inferMsOf([...ALONE, dense([[1, 5000, 2000]]), backlog(8, 5000, 6300, 2)]);
    expect(found[2]! / 6.7).toBeCloseTo(1, 1);
  });

  it('are shorter for large batches where weights stay in caches from one to the next, however sparse clients saw them', () => {
    const found = inferMsOf([
      ...ALONE,
      dense([
        [1, 5000, 2000],
        [4, 5000, 3400],
        [8, 5000, 4800],
      ]),
    ]);
    for (const [i, expected] of [2, 3.4, 4.8].entries()) expect(found[i]! / expected).toBeCloseTo(1, 1.5);
  });

  it('believe a size of which a dense load had few only in part', () => {
    const few = inferMsOf([
      ...ALONE,
      dense([
        [1, 5000, 2000],
        [8, 50, 4800],
      ]),
    ]);
    expect(few[2]!).toBeGreaterThan(4.9);
    expect(few[2]!).toBeLessThan(6);
  });

  it('do not hear of a size of which a dense load had next to none', () => {
    const with19 = dense([
      [1, 5000, 2000],
      [8, 19, 60_000],
    ]);
    expect(inferMsOf([...ALONE, with19])).toEqual(inferMsOf([...ALONE, dense([[1, 5000, 2000]])]));
  });

  it('have a size between two of a single client that takes as long as the larger, and leave that one as it was measured', () => {
    const padded = [alone(1, 8000), alone(4, 8000), alone(8, 14_000)];
    const loads = dense([
      [1, 400, 8000],
      [4, 400, 8000],
      [5, 300, 14_000],
      [7, 300, 14_000],
    ]);
    const { service } = fitService([...padded, loads, backlog(8, 200, 14_000)], 'm');
    const found = service.map(({ batchSize, inferMs }) => [batchSize, Math.round(inferMs)]);
    expect(found).toEqual([1, 4, 5, 7, 8].map((size) => [size, size > 4 ? 14 : 8]));
  });

  it('have no size that is off the line between two by no more than sizes usually are, or of few executions', () => {
    const near = dense([
      [1, 5000, 2000],
      [3, 5000, 3500],
      [6, 49, 20_000],
    ]);
    expect(inferMsOf([...ALONE, near, backlog(8, 200, 6000)])).toHaveLength(ALONE.length);
  });

  it('have a part for each response that leaves after the output phase', () => {
    // What requests and their executions leave over: 40 us for one response, 100 us for the four of a batch.
    const leaving = (observation: Observation, us: number): Observation => ({
      ...observation,
      statistics: observation.statistics.map((each) => ({
        ...each,
        success: {
          count: each.computeInfer.count,
          ns: each.computeInfer.ns + each.computeInfer.count * us * 1000,
        },
      })),
    });
    const { responsePerRequestUs } = fitService(
      [leaving(alone(1, 2000), 40), leaving(alone(4, 4000), 40), leaving(dense([[4, 5000, 4000]]), 100)],
      'm',
    );
    expect(responsePerRequestUs).toBeCloseTo(20, 6);
  });

  it('have the outputs of dense loads, however long those of a client took that sleeps between its requests', () => {
    const withOutput = (observation: Observation, us: number): Observation => ({
      ...observation,
      statistics: observation.statistics.map((each) => ({
        ...each,
        batches: each.batches.map((row) => ({
          ...row,
          computeOutput: { count: row.computeInfer.count, ns: row.computeInfer.count * us * 1000 },
        })),
      })),
    });
    const { service, responsePerRequestUs } = fitService(
      [
        withOutput(alone(1, 2000), 380),
        withOutput(alone(4, 4000), 210),
        withOutput(dense([[1, 5000, 2000]]), 140),
        withOutput(dense([[4, 5000, 4000]]), 200),
      ],
      'm',
    );
    for (const [i, expectedUs] of [140, 200].entries()) {
      const { batchSize, outputMs } = service[i]!;
      expect(Math.abs(1000 * outputMs + batchSize * responsePerRequestUs - expectedUs)).toBeLessThan(5);
    }
  });
});

it('a point whose steps held no execution of their own says nothing of the spread', () => {
  const empty = observed(
    { kind: 'sequential', id: 'm/sequential-1', model: 'm', batchSize: 1 },
    { statistics: [counted('m', 1, 1000)], executionsUs: [], clients: [clientOf('m', 1000)] },
  );
  expect(fitModelSpread([empty], 'm')).toEqual({ law: 'none' });
});
