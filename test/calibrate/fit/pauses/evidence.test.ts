import { expect, it } from 'vitest';
import { bySparsity } from '../../../../src/calibrate/fit/counted-loads.js';
import type { IdleStart } from '../../../../src/calibrate/fit/pauses/idle-starts.js';
import { largerExecutions, timesDense } from '../../../../src/calibrate/fit/pauses/larger-executions.js';
import { type Level, misfitOfLaw } from '../../../../src/calibrate/fit/pauses/levels.js';
import { squaresOfProportion, squaresWithoutLaw } from '../../../../src/calibrate/fit/pauses/proportion.js';
import type { ModelStatistics } from '../../../../src/live/inference-client.js';
import { counted, observed } from '../observed.js';

/** Executions by batch size: how many, and of how many microseconds each. */
function executed(bySize: Readonly<Record<number, readonly [number, number]>>, model = 'm'): ModelStatistics {
  const nothing = { count: 0, ns: 0 };
  const batches = Object.entries(bySize).map(([size, [count, us]]) => ({
    batchSize: Number(size),
    computeInput: nothing,
    computeInfer: { count, ns: count * us * 1000 },
    computeOutput: nothing,
  }));
  return { ...counted(model, 100, 1000), batches };
}
const dense = (...statistics: readonly ModelStatistics[]) =>
  observed({ kind: 'poisson', id: 'm/poisson', model: 'm', loadShare: 0.6 }, { statistics });
const ratio = (load: ModelStatistics, ...points: readonly ReturnType<typeof dense>[]) =>
  timesDense(largerExecutions({ counted: [load], durationS: 10 }, points, 'm'));

it('larger executions are compared size by size, each as often as the load had it', () => {
  // Dense: of two requests 30 of 1000 µs and 10 of 1400, 1100 in the mean; of three 20 of 2000.
  const points = [
    dense(executed({ 1: [500, 700], 2: [30, 1000] })),
    dense(executed({ 2: [10, 1400], 3: [20, 2000] }), executed({ 2: [900, 1] }, 'other')),
  ];
  const load = executed({ 1: [300, 9000], 2: [15, 1320], 3: [5, 2200], 4: [50, 1] });
  expect(ratio(load, ...points)).toBeCloseTo((15 * 1320 + 5 * 2200) / (15 * 1100 + 5 * 2000), 12);
});

it('fewer than ten of a load, or of a size of the dense ones, say nothing', () => {
  const points = [dense(executed({ 2: [10, 1000], 3: [9, 1000] }))];
  expect(ratio(executed({ 2: [10, 1500] }), ...points)).toBeCloseTo(1.5, 12);
  expect(ratio(executed({ 2: [9, 1500] }), ...points)).toBeUndefined();
  expect(ratio(executed({ 2: [9, 1500], 3: [50, 1500] }), ...points)).toBeUndefined();
  expect(ratio(executed({ 2: [50, 1500] }))).toBeUndefined();
});

it('loads below half of the densest rate are sparser ones', () => {
  const loads = [10, 4.9, 5, 1].map((requestsPerS) => ({ requestsPerS }));
  expect(bySparsity(loads)).toEqual({ usual: [loads[0], loads[2]], sparser: [loads[1], loads[3]] });
});

it('a law is off by the medians of usual and of sparser loads, in twentieths, and by what it leaves of the latencies', () => {
  const level = (requestsPerS: number, timesTheLaw: number) =>
    ({ requestsPerS, singleUs: 2000 * Math.exp(timesTheLaw) }) as Level;
  const usual = [level(10, 0.1), level(9, 0.05), level(8, -0.3)];
  const sparser = [level(1, 0.15)];
  const misfit = (levels: readonly Level[], unexplained = 1) =>
    misfitOfLaw(
      unexplained,
      levels,
      levels.map(() => ({ singleMs: 2, larger: 1 })),
    );
  expect(misfit(usual)).toBeCloseTo(1, 9);
  expect(misfit([...usual, ...sparser])).toBeCloseTo(1 + 9, 9);
  expect(misfit(usual, 0.5)).toBeCloseTo(1 + 40 * Math.log(0.5), 9);
});

it('a law is off by how many times as long larger executions took as single ones, whatever speed the machine had', () => {
  const level = (machine: number, larger: number | undefined) =>
    ({ requestsPerS: 10, singleUs: 2000 * machine * 1.2, larger: larger && machine * larger }) as Level;
  const expected = { singleMs: 2 * 1.2, larger: 1.1 };
  const misfit = (...levels: readonly Level[]) =>
    misfitOfLaw(
      1,
      levels,
      levels.map(() => expected),
    );
  expect(misfit(level(1, 1.1))).toBeCloseTo(0, 9);
  expect(misfit(level(1, 1.1 * Math.exp(0.06)))).toBeCloseTo(4, 9);
  expect(misfit(level(1, 1.1 * Math.exp(0.06)), level(1, undefined), level(1, 1.1))).toBeCloseTo(2, 9);
  const slow = Math.exp(0.05);
  // One deviation for the speed of the machine, none for larger executions that it made as much longer.
  expect(misfit(level(slow, 1.1))).toBeCloseTo(1, 9);
});

it('latencies are squared around the closest proportion of what is expected, without the longest of each sample', () => {
  const start = (serverUs: number, idleMs: number) => ({ serverUs, idleMs }) as IdleStart;
  const expectedOf = ({ idleMs }: IdleStart) => idleMs;
  const exact = Array.from({ length: 40 }, (_, i) => start(3 * (i + 1), i + 1));
  expect(
    squaresOfProportion([exact, [], exact.map((each) => start(7 * each.idleMs, each.idleMs))], expectedOf),
  ).toBeCloseTo(0, 9);
  // One in fifty that was held up does not count.
  const heldUp = [...exact, ...exact.slice(0, 9), start(1e6, 1)];
  expect(squaresOfProportion([heldUp], expectedOf)).toBeCloseTo(0, 9);
  // Half of 1 and half of 3 lie a unit from their mean.
  const split = Array.from({ length: 40 }, (_, i) => start(i % 2 === 0 ? 1 : 3, 1));
  expect(squaresWithoutLaw([split])).toBeCloseTo(40, 9);
  expect(squaresWithoutLaw([split, split])).toBeCloseTo(80, 9);
});
