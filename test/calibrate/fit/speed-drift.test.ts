import { mean } from 'simple-statistics';
import { expect, it } from 'vitest';
import { normal } from '../../../src/base/distributions.js';
import { Random } from '../../../src/base/random.js';
import { fitSpeedDrift } from '../../../src/calibrate/fit/service/speed-drift.js';
import { fitModelSpread } from '../../../src/calibrate/fit/service/spread.js';
import type { Observation } from '../../../src/calibrate/observation.js';
import { describeSpread } from '../../../src/profile/describe.js';
import { observed } from './observed.js';

const STEP_MS = 5;

interface Known {
  readonly model?: string;
  readonly batchSize?: number;
  readonly speedDrift?: number;
  readonly single?: number;
  readonly timeConstantMs?: number;
  readonly count?: number;
  readonly heldUp?: boolean;
}

/** Executions one after the other, each with a deviation of its own and that of the machine by then. */
function sequential({
  model = 'm',
  batchSize = 1,
  speedDrift = 0.06,
  single = 0.08,
  timeConstantMs = 200,
  count = 4000,
  heldUp = false,
}: Known): Observation {
  const random = new Random(batchSize, 5, 9);
  const kept = Math.exp(-STEP_MS / timeConstantMs);
  let height = normal(random);
  const executionsUs = Array.from({ length: count }, (_, i) => {
    height = kept * height + Math.sqrt(1 - kept ** 2) * normal(random);
    const us = 4000 * batchSize * Math.exp(speedDrift * height + single * normal(random));
    return heldUp && i % 100 < 2 ? 20 * us : us;
  });
  return observed(
    { kind: 'sequential', id: `${model}/sequential-${batchSize}`, model, batchSize },
    { executionsUs, durationS: (count * STEP_MS) / 1000 },
  );
}

const of = (...known: readonly Known[]) =>
  fitSpeedDrift(known.map(sequential), [...new Set(known.map(({ model = 'm' }) => model))]);

it('what executions some time apart have in common is the speed drift of the machine', () => {
  const { cv, timeConstantMs } = of({}, { batchSize: 2 }, { batchSize: 4 }).get('m')!;
  expect(timeConstantMs).toBe(200);
  expect(cv).toBeGreaterThan(0.045);
  expect(cv).toBeLessThan(0.07);
});

it('executions that vary one by one show none', () => {
  expect(of({ speedDrift: 0 }, { speedDrift: 0, batchSize: 2 })).toEqual(new Map());
});

it('executions that something held up, two right after each other, show none', () => {
  expect(of({ speedDrift: 0, heldUp: true }, { speedDrift: 0, batchSize: 2, heldUp: true })).toEqual(
    new Map(),
  );
});

it('few executions, or none, show none', () => {
  expect(of({ count: 99 })).toEqual(new Map());
  expect(fitSpeedDrift([], ['m'])).toEqual(new Map());
});

it('models have one time constant, and feel the speed drift more and less', () => {
  const found = of(
    { model: 'a', speedDrift: 0.1 },
    { model: 'a', speedDrift: 0.1, batchSize: 2 },
    { model: 'b', speedDrift: 0.04 },
    { model: 'b', speedDrift: 0.04, batchSize: 2 },
  );
  expect(found.get('a')!.timeConstantMs).toBe(found.get('b')!.timeConstantMs);
  expect(found.get('a')!.cv).toBeGreaterThan(1.8 * found.get('b')!.cv);
});

it('the spread of executions is what is left without the speed drift', () => {
  const points = [sequential({ speedDrift: 0.15 })];
  const cvOf = (speedDrift?: { cv: number; timeConstantMs: number }) =>
    describeSpread(fitModelSpread(points, 'm', speedDrift)).cv;
  expect(cvOf()).toBeGreaterThan(0.12);
  const without = cvOf({ cv: 0.15, timeConstantMs: 200 });
  expect(without).toBeGreaterThan(0.075);
  expect(without).toBeLessThan(0.1);
});

it('a spread around few executions is as wide as around many', () => {
  const cvs = [40, 400].map((timeConstantMs) =>
    mean(
      [1, 2, 4].map(
        (batchSize) =>
          describeSpread(
            fitModelSpread([sequential({ speedDrift: 0, batchSize })], 'm', { cv: 0.05, timeConstantMs }),
          ).cv,
      ),
    ),
  );
  expect(cvs[0]).toBeCloseTo(cvs[1]!, 2.5);
});
