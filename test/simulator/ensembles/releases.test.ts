import { describe, expect, it } from 'vitest';
import type { Ensemble } from '../../../src/scenario/composition.js';
import type { DynamicBatching } from '../../../src/scenario/model-config.js';
import type { Scenario } from '../../../src/scenario/scenario.js';
import { simulate } from '../../../src/simulator/simulate.js';
import { callsOf } from '../../../src/trace/calls.js';
import { problemsOf, scenarioText } from '../../scenario/fixtures.js';
import { arrivals, config, profile, scenario, server, tenant } from '../../support/scenario.js';

interface Sketch {
  readonly version: string;
  /** When requests come, milliseconds. */
  readonly atMs?: readonly number[];
  readonly stepUs?: number;
  readonly limit?: number;
  /** Batching of the first step; absent: it takes requests as they come. */
  readonly batching?: Partial<DynamicBatching>;
  readonly batch?: number;
  readonly lastMs?: number;
  readonly lastInstances?: number;
  /** When a request for a model besides the ensemble comes, milliseconds. */
  readonly besidesMs?: number;
  readonly durationS?: number;
  /** Threads that take requests in. */
  readonly threads?: number;
}

/** An ensemble of two: a takes 1 ms, b takes `lastMs`. */
function chain(sketch: Sketch): Scenario {
  const { version, atMs = [0, 0, 0], stepUs = 0, limit, batching, batch = 1, durationS = 1 } = sketch;
  const ensemble: Ensemble = {
    steps: [
      { model: 0, needs: [0], gives: [1] },
      { model: 1, needs: [1], gives: [2] },
    ],
    inputs: 1,
    tensors: 3,
    outputs: new Map([['OUT', 2]]),
    ...(limit !== undefined && { maxInFlight: limit }),
  };
  const last = { config: config('b', 1), profile: profile('b', sketch.lastMs ?? 5, 0), device: 1 };
  const place = server('s', {
    devices: 3,
    models: [
      { config: config('a', batch, batching), profile: profile('a', 1, 0), device: 0 },
      { ...last, instances: sketch.lastInstances ?? 4 },
      { config: config('e', 1), profile: profile('e', 0, 0), instances: 0, more: { ensemble } },
      { config: config('besides', 1), profile: profile('besides', 1, 0), device: 2 },
    ],
  });
  const options = {
    ...place.options,
    ensembleStepUs: stepUs,
    tritonVersion: version,
    frontEndThreads: sketch.threads ?? 2,
  };
  const load = arrivals(atMs.map((ms) => ms * 1000));
  const tenants = [tenant('t', 'e', load, { targets: [{ server: 0, model: 2 }] })];
  if (sketch.besidesMs !== undefined)
    tenants.push(
      tenant('u', 'besides', arrivals([sketch.besidesMs * 1000]), { targets: [{ server: 0, model: 3 }] }),
    );
  return scenario([{ ...place, options }], tenants, durationS);
}

/** When calls of a step begin, or come into its queue, milliseconds, in the order of requests. */
function stepsMs(of: Scenario, step: 'a' | 'b', what: 'startedUs' | 'queuedUs' = 'startedUs'): number[] {
  const { log } = simulate(of);
  return [...log.outcome.keys()].flatMap((request) =>
    callsOf(log, request)
      .filter((call) => log.calls.models[log.calls.model[call]!]!.name === step)
      .map((call) => Math.round(log.calls[what][call]!) / 1000),
  );
}

// The table of triton-breadth.md, 1: "Which thread" and "max_inflight_requests".
describe('what a step has given is handed on', () => {
  const two = { stepUs: 100, atMs: [0, 0], batching: {} };

  it('by the instance that made it up to 25.05: it is free for the next batch after that', () => {
    expect(stepsMs(chain({ ...two, version: '24.10' }), 'a')).toEqual([0.1, 1.2]);
    expect(stepsMs(chain({ ...two, version: '25.05' }), 'a')).toEqual([0.1, 1.2]);
  });

  it('by a thread of a pool from 25.06 on: the instance is free at once', () => {
    const of = chain({ ...two, version: '25.06' });
    expect(stepsMs(of, 'a')).toEqual([0.1, 1.1]);
    expect(stepsMs(of, 'b')).toEqual([1.2, 2.2]);
  });

  it.each([
    ['takes requests one by one on one instance', undefined],
    ['preserves their order', { preserveOrdering: true }],
  ])('by the instance in any release where its model %s', (_, batching) => {
    const { batching: __, ...rest } = two;
    const of = chain({ ...rest, version: '26.06', ...(batching && { batching }) });
    expect(stepsMs(of, 'a')).toEqual([0.1, 1.2]);
  });

  it('by 8 threads, for which 8 answers wait; the instance hands on itself what is beyond that', () => {
    const atMs = Array.from({ length: 20 }, () => 0);
    const pool = { version: '25.06', stepUs: 100, atMs, batching: {}, batch: 20, lastInstances: 32 };
    const of = chain({ ...pool, threads: 20 });
    const sorted = stepsMs(of, 'b', 'queuedUs').sort((x, y) => x - y);
    const handedOn = (ms: number) => sorted.filter((queuedMs) => queuedMs === ms).length;
    // The batch ends at 1.1 ms. Of the last four answers the instance hands one on, until threads are free at 1.2 ms.
    expect([1.2, 1.3, 1.4].map(handedOn)).toEqual([9, 8, 3]);
  });

  it.each(['24.10', '26.06'])(
    'by the thread that takes the request in, which takes no other meanwhile (%s)',
    (version) => {
      const queuedMs = (threads: number) => stepsMs(chain({ ...two, version, threads }), 'a', 'queuedUs');
      expect(queuedMs(2)).toEqual([0.1, 0.1]);
      expect(queuedMs(1)).toEqual([0.1, 0.2]);
      // Not even one for a model that no ensemble calls.
      const { endedUs, tenant: of } = simulate(chain({ ...two, version, threads: 1, besidesMs: 0.05 })).log;
      expect(endedUs[of.indexOf(1)]).toBe(1200);
    },
  );

  it('also to the first steps of an ensemble in it, before the thread goes on to the next step', () => {
    const of = chain({ version: '24.10', stepUs: 100, atMs: [0] });
    const [place] = of.servers;
    const inner: Ensemble = {
      steps: [{ model: 0, needs: [0], gives: [1] }],
      inputs: 1,
      tensors: 2,
      outputs: new Map([['OUT', 1]]),
    };
    const outer: Ensemble = {
      steps: [
        { model: 4, needs: [0], gives: [1] },
        { model: 1, needs: [0], gives: [2] },
      ],
      inputs: 1,
      tensors: 3,
      outputs: new Map([
        ['OUT', 1],
        ['SIDE', 2],
      ]),
    };
    const [a, b, e, besides] = place!.models;
    const models = [a!, b!, { ...e!, ensemble: outer }, besides!, { ...e!, ensemble: inner }];
    const nested = { ...of, servers: [{ ...place!, models }] };
    // 0.1 ms to the ensemble in it, 0.1 ms from there to a, and then 0.1 ms to b.
    expect(stepsMs(nested, 'a', 'queuedUs')).toEqual([0.2]);
    expect(stepsMs(nested, 'b', 'queuedUs')).toEqual([0.3]);
  });
});

describe('max_inflight_requests', () => {
  it('is of each request from 25.11 on, and binds none whose steps are called once', () => {
    expect(stepsMs(chain({ version: '25.11', limit: 1 }), 'b')).toEqual([1, 2, 3]);
  });

  it('is of all requests of an ensemble from 26.04 on', () => {
    expect(stepsMs(chain({ version: '26.04', limit: 1 }), 'b')).toEqual([1, 6, 11]);
    expect(stepsMs(chain({ version: '26.04', limit: 2 }), 'b')).toEqual([1, 2, 6]);
  });

  it('is of requests for different outputs together', () => {
    const of = chain({ version: '26.04', limit: 1, atMs: [0] });
    const other = { ...of.tenants[0]!, name: 'other', outputs: ['OUT'] };
    expect(stepsMs({ ...of, tenants: [...of.tenants, other] }, 'b')).toEqual([1, 6]);
  });

  it('lets the thread that ends a call hand on before the one that waits for its place', () => {
    const of = chain({ version: '26.04', limit: 1, atMs: [0, 0], lastInstances: 1 });
    const ensemble: Ensemble = {
      steps: [
        { model: 0, needs: [0], gives: [1] },
        { model: 1, needs: [1], gives: [2] },
        { model: 1, needs: [2], gives: [3] },
      ],
      inputs: 1,
      tensors: 4,
      outputs: new Map([['OUT', 3]]),
      maxInFlight: 1,
    };
    const [place] = of.servers;
    const models = place!.models.map((model, i) => (i === 2 ? { ...model, ensemble } : model));
    // b is called twice by each request; the second call of the first is made at 6 ms, before the first call of the second.
    expect(stepsMs({ ...of, servers: [{ ...place!, models }] }, 'b')).toEqual([1, 6, 11, 16]);
  });

  it('holds up the instance that hands on: it takes no other batch', () => {
    expect(stepsMs(chain({ version: '26.04', limit: 1 }), 'a')).toEqual([0, 1, 6]);
  });

  it('holds up a thread of the pool where that hands on', () => {
    expect(stepsMs(chain({ version: '26.04', limit: 1, batching: {} }), 'a')).toEqual([0, 1, 2]);
  });

  it('holds up the threads that take requests in, also those of other models', () => {
    const log = (limit: number) => simulate(chain({ version: '26.04', limit, besidesMs: 0.5 })).log;
    const ended = ({ endedUs, tenant: of }: ReturnType<typeof log>) => endedUs[of.indexOf(1)];
    // Two requests wait for the first to leave a, at 1 ms, each on one of two threads.
    expect(ended(log(1))).toBe(2000);
    expect(ended(log(2))).toBe(1500);
  });

  it('is left out of account by a thread that has waited for 300 s', () => {
    const of = chain({ version: '26.04', limit: 1, atMs: [0, 0], lastMs: 400e3, durationS: 1000 });
    expect(stepsMs(of, 'b')).toEqual([1, 300_002]);
  });

  it('is no field of earlier releases', () => {
    const ensemble =
      '{name: e, config: {platform: ensemble, input: [{name: IN, data_type: TYPE_FP32, dims: [1]}], output: [{name: OUT, data_type: TYPE_FP32, dims: [1]}], ensemble_scheduling: {max_inflight_requests: 4, step: [{model_name: resnet, input_map: {x: IN}, output_map: {y: OUT}}]}}}';
    const text = scenarioText({ models: `[{name: resnet, config: {}}, ${ensemble}]` });
    expect(problemsOf(text)).toEqual([
      expect.stringContaining(
        'ensemble_scheduling.max_inflight_requests: Triton 24.10 has no such field; write triton: {version: "25.11"} or later, or leave it out',
      ),
    ]);
  });
});
