import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sharing } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import {
  arrivals,
  config,
  meanLatencyMs,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';
import { rowsWhere } from './log.js';

/** A model on the one GPU of all, with its open loop. */
interface Placed {
  readonly name: string;
  /** Of one inference alone. */
  readonly ms: number;
  /** Share of the GPU that it fills. */
  readonly fill: number;
  readonly instances: number;
  readonly maxBatchSize: number;
  readonly arrivalUs: readonly number[];
}

const REQUESTS = 300;
/** What there is of a GPU that all ask for. */
const MOST_LOAD = 0.7;

const neighbours = fc
  .array(
    fc.record({
      ms: fc.double({ min: 1, max: 10, noNaN: true }),
      fill: fc.double({ min: 0.2, max: 1, noNaN: true }),
      instances: fc.constantFrom(1, 1, 2),
      maxBatchSize: fc.constantFrom(1, 8),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((models) =>
    models.map((model, i): Placed => {
      const name = `m${i}`;
      const load = poisson(`${name} ${model.ms}`, (1000 * MOST_LOAD) / models.length / model.ms, REQUESTS);
      return { ...model, name, arrivalUs: load.mode === 'open' ? [...load.trace.arrivalUs] : [] };
    }),
  );

/** @param times as of a scenario in which everything takes so many times as long */
type Mode = (models: readonly Placed[], times: number) => Sharing;
const mode = fc.constantFrom<Mode>(
  () => ({ mode: 'streams' }),
  () => ({ mode: 'timeSlices', switchOverhead: 0.1, quantumUs: undefined }),
  (_, times) => ({ mode: 'timeSlices', switchOverhead: 0, quantumUs: 1000 * times }),
  (models) => ({ mode: 'mps', shares: new Map(models.map(({ name }) => [name, 1])) }),
);

/** Mean latency of each model. */
function meansMs(models: readonly Placed[], sharing: Mode, times = 1): ReadonlyMap<string, number> {
  const served = models.map(({ name, ms, fill, instances, maxBatchSize }) => {
    const own = profile(name, 0.6 * ms * times, 0.4 * ms * times);
    const service = own.service.map((point) => ({ ...point, deviceMs: fill * point.inferMs }));
    return { config: config(name, maxBatchSize, {}), profile: { ...own, service }, instances };
  });
  const tenants = models.map(({ name, arrivalUs }, model) =>
    tenant(name, name, arrivals(arrivalUs.map((us) => us * times)), { targets: [{ server: 0, model }] }),
  );
  const one = server('s', { models: served, sharing: sharing(models, times) });
  const { log } = simulate(scenario([one], tenants, 1e4));
  return new Map(
    models.map(({ name }, t) => {
      const rows = rowsWhere(log, (row) => log.tenant[row] === t);
      const of = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
      const outcome = Uint8Array.from(rows, (row) => log.outcome[row]!);
      return [name, meanLatencyMs({ plannedUs: of(log.plannedUs), endedUs: of(log.endedUs), outcome })];
    }),
  );
}

/** Who comes a moment earlier may miss a batch: that much a mean may be off a law. */
const BATCHES = 1.05;

function assertLaw(law: (models: readonly Placed[], sharing: Mode) => void): void {
  fc.assert(fc.property(neighbours, mode, law), { numRuns: cases(60) });
}

it('a model taken off a GPU, or a lighter one in its place, makes none of the others slower', () => {
  assertLaw((models, sharing) => {
    const before = meansMs(models, sharing);
    const [first, ...rest] = models;
    for (const fewer of [rest, [{ ...first!, ms: 0.7 * first!.ms }, ...rest]])
      for (const [name, ms] of meansMs(fewer, sharing))
        expect(ms).toBeLessThanOrEqual(BATCHES * before.get(name)!);
  });
});

it('models on a GPU are as fast in whatever order they are written', () => {
  assertLaw((models, sharing) => {
    const before = meansMs(models, sharing);
    // At one instant the order decides whose turn comes first.
    for (const [name, ms] of meansMs([...models].reverse(), sharing))
      expect(Math.abs(ms / before.get(name)! - 1)).toBeLessThan(0.02);
  });
});

it('where everything takes twice as long, and comes half as often, every latency is twice as long', () => {
  assertLaw((models, sharing) => {
    const before = meansMs(models, sharing);
    for (const [name, ms] of meansMs(models, sharing, 2))
      expect(ms / before.get(name)! / 2).toBeCloseTo(1, 2);
  });
});

it('one instance alone on a GPU is as fast however the GPU is shared', () => {
  assertLaw(([model], sharing) => {
    const alone = [{ ...model!, instances: 1 }];
    const exclusive = meansMs(alone, () => ({ mode: 'exclusive' }));
    expect(meansMs(alone, sharing)).toEqual(exclusive);
  });
});
