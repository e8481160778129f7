import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { calibrateFromTritonTrace } from '../../../src/calibrate/traffic/from-triton-trace.js';
import type { TritonTraceOptions } from '../../../src/calibrate/traffic/trace-notes.js';
import type { TrafficFit } from '../../../src/calibrate/traffic/traffic-profile.js';
import { parseProfile, serializeProfile } from '../../../src/profile/parse.js';
import type { ModelProfile } from '../../../src/profile/profile.js';
import { serviceTime } from '../../../src/profile/service-time.js';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { cases } from '../../support/cases.js';
import { config, meanLatencyMs, poisson, profile, scenario, server, tenant } from '../../support/scenario.js';
import { tritonTraceOf } from './trace-of.js';

const FACTS = { device: 'Test GPU', source: 'test', date: '2026-01-01' };
const SPREAD = { law: 'lognormal', cv: 0.05 } as const;

const parts = {
  spread: SPREAD,
  response: { fixedUs: 0, perRequestUs: 20, perKilobyteUs: 0 },
  frontEnd: { perRequestUs: 50, perKilobyteUs: 0 },
};

/** Two models that share a device as streams, each slowing the other. */
function twoModels(slowdownOfA: number, slowdownOfB: number, spread: ModelProfile['spread'] = SPREAD) {
  const a = profile('a', 2, 0.25, {
    ...parts,
    spread,
    interference: { pairs: [{ model: 'b', slowdown: slowdownOfA }] },
  });
  const b = profile('b', 4, 0.5, {
    ...parts,
    spread,
    interference: { pairs: [{ model: 'a', slowdown: slowdownOfB }] },
  });
  const models = [
    { config: config('a', 8, {}), profile: a },
    { config: config('b', 8, {}), profile: b },
  ];
  return scenario(
    [server('s', { models, sharing: { mode: 'streams' } })],
    [
      tenant('ta', 'a', poisson('ta', 300, 6000)),
      tenant('tb', 'b', poisson('tb', 80, 1600), { targets: [{ server: 0, model: 1 }] }),
    ],
    20,
  );
}

const traceOf = (run: Scenario) => tritonTraceOf(simulate(run).log, run);

function fitOf(fits: readonly TrafficFit[], model: string): ModelProfile {
  return fits.find((fit) => fit.profile.model === model)!.profile;
}

/** Fitted over true service time at a batch size. */
function ratioAt(fitted: ModelProfile, fixedMs: number, itemMs: number, batchSize: number): number {
  return serviceTime(fitted, batchSize).inferMs / (fixedMs + itemMs * batchSize);
}

describe('a Triton trace of two models on one device', () => {
  const run = twoModels(1.6, 1.3);
  const fits = calibrateFromTritonTrace(traceOf(run), FACTS);
  const [a, b] = [fitOf(fits, 'a'), fitOf(fits, 'b')];

  it('gives the service times that executions would have had alone', () => {
    // Half as wide again as the 95 % intervals: of seven points one may lie outside.
    const allowed = (relativeError: number) => 0.005 + 1.5 * relativeError;
    for (const { batchSize, relativeError } of a.service) {
      expect(Math.abs(ratioAt(a, 2, 0.25, batchSize) - 1)).toBeLessThan(allowed(relativeError));
    }
    for (const { batchSize, relativeError } of b.service) {
      expect(Math.abs(ratioAt(b, 4, 0.5, batchSize) - 1)).toBeLessThan(allowed(relativeError));
    }
    expect(a.service[0]!.relativeError).toBeGreaterThan(0);
    expect(a.service[0]!.relativeError).toBeLessThan(0.01);
  });

  it('gives the slowdown of each beside the other', () => {
    expect(Math.abs(a.interference.pairs[0]!.slowdown - 1.6)).toBeLessThan(0.03);
    expect(Math.abs(b.interference.pairs[0]!.slowdown - 1.3)).toBeLessThan(0.03);
  });

  it('gives spread, response and front end', () => {
    expect(a.spread).toMatchObject({ cv: expect.closeTo(0.05, 2) });
    expect(a.response.perRequestUs).toBeCloseTo(20, 0);
    expect(a.frontEnd.perRequestUs).toBeCloseTo(50, 0);
  });

  it('is a valid profile that says what the traffic could not tell', () => {
    expect(parseProfile(serializeProfile(a))).toMatchObject({ model: 'a', device: 'Test GPU' });
    expect(a.memory.known).toBe(false);
    expect(a.provenance.notes).toContain('Memory and host cores are not known');
  });

  it('predicts the latency under other arrivals within 2 %', () => {
    const withLoad = (own: Scenario, profiles: readonly ModelProfile[]): Scenario => ({
      ...own,
      servers: own.servers.map((each) => ({
        ...each,
        models: each.models.map((model, i) => ({
          ...model,
          instances: model.instances.map((instance) => ({ ...instance, profile: profiles[i]! })),
        })),
      })),
    });
    const other: Scenario = {
      ...run,
      seed: 7,
      tenants: run.tenants.map((each) => ({ ...each, load: poisson(`other ${each.name}`, 150, 3000) })),
    };
    const truth = meanLatencyMs(simulate(other).log);
    const predicted = meanLatencyMs(simulate(withLoad(other, [a, b])).log);
    expect(Math.abs(predicted / truth - 1)).toBeLessThan(0.02);
  });
});

it('longer executions overlap longer, which is not taken for a slowdown', () => {
  const wide = { law: 'lognormal', cv: 0.4 } as const;
  const fits = calibrateFromTritonTrace(traceOf(twoModels(1, 1, wide)), FACTS);
  for (const name of ['a', 'b']) {
    const { slowdown } = fitOf(fits, name).interference.pairs[0]!;
    expect(slowdown).toBeLessThan(1.06);
  }
});

it('models with a device each have no slowdown', () => {
  const fits = calibrateFromTritonTrace(traceOf(twoModels(1, 1)), FACTS, { sharing: 'exclusive' });
  expect(fitOf(fits, 'a').interference.pairs).toEqual([]);
  expect(fitOf(fits, 'a').region.sharing).toEqual(['exclusive']);
});

it('models whose configurations name different GPUs have no slowdown, and of one on several it says what it does not know', () => {
  const onGpus = (gpus: readonly number[]) => ({
    ...config('a', 8, {}),
    instanceGroups: [{ name: '', kind: 'KIND_GPU', count: 1, gpus, passive: false } as const],
  });
  const fitWith = (a: readonly number[], b: readonly number[]) => {
    const configs = new Map([
      ['a', onGpus(a)],
      ['b', onGpus(b)],
    ]);
    return calibrateFromTritonTrace(traceOf(twoModels(1, 1)), { ...FACTS, configs });
  };
  const apart = fitWith([0], [1]);
  expect(fitOf(apart, 'a').interference.pairs).toEqual([]);
  expect(fitOf(apart, 'a').region.sharing).toEqual(['exclusive']);
  const both = fitWith([0, 1], [1]);
  expect(fitOf(both, 'a').interference.pairs).toHaveLength(1);
  expect(
    both.map(({ uncertain }) => uncertain.join(' ').includes('Its instances are on several GPUs')),
  ).toEqual([true, false]);
});

it('a thinned trace of models on one device says that it does not know what they cost each other', () => {
  const run = twoModels(1.6, 1.3);
  const thinned = JSON.stringify(
    (JSON.parse(traceOf(run)) as { id: number }[]).filter(({ id }) => id % 10 === 0),
  );
  const configs = new Map(['a', 'b'].map((name) => [name, config(name, 8)]));
  const notesOf = (options: TritonTraceOptions) =>
    calibrateFromTritonTrace(thinned, { ...FACTS, configs }, { traceRate: 10, ...options }).map(
      ({ uncertain }) => uncertain.join(' '),
    );
  for (const notes of notesOf({}))
    expect(notes).toContain('service times include what the other models cost it');
  for (const notes of notesOf({ sharing: 'exclusive' })) expect(notes).not.toContain('other models');
});

it('instances of one model that run side by side give its slowdown beside itself', () => {
  const own = profile('a', 3, 0, { ...parts, interference: { self: 1.5, pairs: [] } });
  const models = [{ config: config('a', 4, {}), profile: own, instances: 2 }];
  const run = scenario(
    [server('s', { models, sharing: { mode: 'streams' } })],
    [tenant('t', 'a', poisson('self', 350, 5000))],
    15,
  );
  const [fit] = calibrateFromTritonTrace(traceOf(run), FACTS);
  expect(Math.abs(fit!.profile.interference.self! - 1.5)).toBeLessThan(0.04);
  expect(fit!.profile.region.maxInstances).toBe(2);
});

describe('a trace of one model', () => {
  const cold = profile('a', 2, 0.5, { ...parts, load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 80 } });
  const sketch = (more: object) =>
    scenario(
      [server('s', { models: [{ config: config('a', 8, {}), profile: cold, more }] })],
      [tenant('t', 'a', poisson('one', 250, 2500))],
      11,
    );

  it('keeps a slow first inference apart from the service time', () => {
    const [fit] = calibrateFromTritonTrace(traceOf(sketch({ coldStart: true })), FACTS);
    expect(fit!.profile.load.firstInferenceMs).toBeCloseTo(80, -1);
    expect(ratioAt(fit!.profile, 2, 0.5, 1)).toBeCloseTo(1, 1.7);
  });

  it('does without the end of every request, and of some', () => {
    const text = traceOf(sketch({}));
    const [whole] = calibrateFromTritonTrace(text, FACTS);
    const [none] = calibrateFromTritonTrace(text.replaceAll('REQUEST_END', 'OTHER'), FACTS);
    expect(none!.profile.service).toEqual(whole!.profile.service);
    expect(none!.profile.response).toMatchObject({ fixedUs: 0, perRequestUs: 0 });
    expect(none!.uncertain.join(' ')).toContain('responses count as taking no time');
    expect(parseProfile(serializeProfile(none!.profile)).region.maxInstances).toBe(1);
    const [some] = calibrateFromTritonTrace(text.replace('REQUEST_END', 'OTHER'), FACTS);
    expect(some!.profile.response.perRequestUs).toBeCloseTo(20, 0);
    expect(some!.uncertain).toEqual(whole!.uncertain);
  });

  it('counts the inferences of a request where it is told them', () => {
    const [fit] = calibrateFromTritonTrace(traceOf(sketch({})), FACTS, { requestBatch: 4 });
    expect(fit!.profile.service.map(({ batchSize }) => batchSize).slice(0, 2)).toEqual([4, 8]);
  });

  it('is refused where requests of so many inferences would be batches that the model does not take', () => {
    const text = traceOf(sketch({}));
    const most = (maxBatchSize: number) => ({
      ...FACTS,
      configs: new Map([['a', config('a', maxBatchSize, {})]]),
    });
    const [fit] = calibrateFromTritonTrace(text, FACTS);
    const largest = fit!.profile.service.at(-1)!.batchSize;
    expect(() => calibrateFromTritonTrace(text, most(8), { requestBatch: 4 })).toThrow(
      /a executed \d requests at once: of 4 inferences each that is more than its max_batch_size of 8/,
    );
    expect(() => calibrateFromTritonTrace(text, most(largest - 1))).toThrow(/give the config\.pbtxt/);
    for (const size of [0, 8]) expect(calibrateFromTritonTrace(text, most(size))).toHaveLength(1);
  });

  const thinned = JSON.stringify(
    (JSON.parse(traceOf(sketch({}))) as { id: number }[]).filter(({ id }) => id % 10 === 0),
  );

  it('is refused when only some requests were traced and the model batches', () => {
    expect(() => calibrateFromTritonTrace(thinned, FACTS, { traceRate: 10 })).toThrow(
      /cannot be put together/,
    );
    const configs = new Map([['a', config('a', 8)]]);
    const [fit] = calibrateFromTritonTrace(thinned, { ...FACTS, configs }, { traceRate: 10 });
    expect(fit!.profile.service[0]!.batchSize).toBe(1);
  });

  it('was as busy as all of its requests made it, however many of them were traced', () => {
    const single = scenario(
      [server('s', { models: [{ config: config('a', 8), profile: cold }] })],
      [tenant('t', 'a', poisson('single', 200, 2200))],
      11,
    );
    const configs = new Map([['a', config('a', 8)]]);
    const busyOf = (traceRate: number) => {
      const events = JSON.parse(traceOf(single)) as { id: number }[];
      const text = JSON.stringify(events.filter(({ id }) => id % traceRate === 0));
      return calibrateFromTritonTrace(text, { ...FACTS, configs }, { traceRate })[0]!.profile.region
        .maxUtilization;
    };
    // 200 requests of 2.5 ms in a second.
    expect(Math.abs(busyOf(1) / 0.5 - 1)).toBeLessThan(0.05);
    expect(Math.abs(busyOf(10) / busyOf(1) - 1)).toBeLessThan(0.05);
  });

  it('notices that requests waited while no traced execution ran', () => {
    const sentence = /waiting lies where no traced execution ran/;
    const notesOf = (text: string) => calibrateFromTritonTrace(text, FACTS)[0]!.uncertain.join(' ');
    expect(notesOf(thinned)).toMatch(sentence);
    expect(notesOf(traceOf(sketch({})))).not.toMatch(sentence);
  });
});

it('a trace without executions is refused with a remedy', () => {
  const text = JSON.stringify([{ id: 1, model_name: 'a' }]);
  expect(() => calibrateFromTritonTrace(text, FACTS, { file: 'x.json' })).toThrow(
    /level=TIMESTAMPS and rate=1/,
  );
});

it('any trace gives valid profiles or an InputError', () => {
  const ns = fc.oneof(fc.nat(2000), fc.double({ min: 0, max: 1e20, noNaN: true }));
  const event = fc.record({
    id: fc.nat(6),
    model_name: fc.constantFrom('a', 'b', '__proto__'),
    timestamps: fc.array(
      fc.record({
        name: fc.constantFrom(
          'REQUEST_START',
          'QUEUE_START',
          'COMPUTE_START',
          'COMPUTE_INPUT_END',
          'COMPUTE_OUTPUT_START',
          'COMPUTE_END',
          'REQUEST_END',
        ),
        ns,
      }),
      { maxLength: 8 },
    ),
  });
  const ordered = fc.array(ns, { minLength: 4, maxLength: 4 }).map((times) => {
    const [start, input, output, end] = [...times].sort((x, y) => x - y);
    const names = ['COMPUTE_START', 'COMPUTE_INPUT_END', 'COMPUTE_OUTPUT_START', 'COMPUTE_END'];
    const stamps = [start, input, output, end].map((time, i) => ({ name: names[i]!, ns: time! }));
    return { id: Math.floor(start! % 100), model_name: 'a', timestamps: stamps };
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(event, ordered), { maxLength: 12 }), (events) => {
      try {
        for (const { profile: fitted } of calibrateFromTritonTrace(JSON.stringify(events), FACTS)) {
          serializeProfile(fitted);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: cases(300) },
  );
});
