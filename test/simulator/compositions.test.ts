import { describe, expect, it } from 'vitest';
import type { CallStep, Ensemble } from '../../src/scenario/composition.js';
import type { Scenario, ServedModel } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { callEndedUs, callsOf } from '../../src/trace/calls.js';
import { Outcome, type RequestLog } from '../../src/trace/request-log.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** A model that takes `ms` an execution, on a device of its own. */
const model = (name: string, ms: number, device: number, more: Partial<ServedModel> = {}, batch = 1) => ({
  config: config(name, batch, batch > 1 ? {} : undefined),
  profile: profile(name, ms, 0),
  device,
  more,
});

/** Steps of an ensemble over the tensors 0 (its input), 1, 2, … */
function ensembleOf(
  steps: [model: number, needs: number[], gives: number[]][],
  outputs: Record<string, number>,
): Ensemble {
  return {
    steps: steps.map(([called, needs, gives]) => ({ model: called, needs, gives })),
    inputs: 1,
    tensors: 9,
    outputs: new Map(Object.entries(outputs)),
  };
}

const front = (name: string, ensemble: Ensemble) => ({
  config: config(name, 1),
  profile: profile(name, 0, 0),
  instances: 0,
  more: { ensemble },
});

function run(scene: Scenario): RequestLog {
  return simulate(scene).log;
}

const latencyMs = (log: RequestLog) => Array.from(log.endedUs, (us, i) => (us - log.plannedUs[i]!) / 1000);
const callNames = (log: RequestLog, request: number) =>
  callsOf(log, request).map((call) => log.calls.models[log.calls.model[call]!]!.name);

function chain(more: { queue?: number; stepUs?: number; lastMs?: number; version?: string } = {}): Scenario {
  const limited = more.queue === undefined ? undefined : { maxQueueSize: more.queue };
  const second = model('b', more.lastMs ?? 2, 1);
  const place = server('s', {
    devices: 2,
    models: [
      model('a', 1, 0),
      {
        ...second,
        ...(limited && {
          config: config('b', 1, {
            defaultQueuePolicy: {
              timeoutAction: 'REJECT',
              defaultTimeoutUs: 0,
              allowTimeoutOverride: false,
              maxQueueSize: limited.maxQueueSize,
            },
          }),
        }),
      },
      front(
        'e',
        ensembleOf(
          [
            [0, [0], [1]],
            [1, [1], [2]],
          ],
          { OUT: 2 },
        ),
      ),
    ],
  });
  const options = {
    ...place.options,
    ...(more.stepUs !== undefined && { ensembleStepUs: more.stepUs }),
    ...(more.version !== undefined && { tritonVersion: more.version }),
  };
  return scenario(
    [{ ...place, options }],
    [tenant('t', 'e', arrivals([0, 10_000, 10_100]), { targets: [{ server: 0, model: 2 }] })],
    0.1,
  );
}

describe('an ensemble', () => {
  it('takes a request through its steps, one after the other', () => {
    const log = run(chain());
    // The third request waits 0.9 ms for a, and then 1 ms for b.
    expect(latencyMs(log)).toEqual([3, 3, expect.closeTo(4.9, 9)]);
    expect(callNames(log, 0)).toEqual(['e', 'a', 'b']);
    expect(Array.from(log.calls.tree!.parent.subarray(0, 3))).toEqual([-1, 0, 0]);
  });

  it('takes the time of each hand-over from the thread that makes it', () => {
    const log = run(chain({ stepUs: 100 }));
    // 0.1 ms to a on the front end, 0.1 ms to b on a's instance: a is free for the third request at 11.2 ms.
    expect(latencyMs(log)[0]).toBeCloseTo(3.2, 9);
    const third = callsOf(log, 2)[1]!;
    expect(log.calls.startedUs[third]).toBeCloseTo(11_200, 6);
  });

  it('runs parallel steps beside each other, and joins them', () => {
    const place = server('s', {
      devices: 4,
      models: [
        model('a', 1, 0),
        model('b', 2, 1),
        model('c', 5, 2),
        model('d', 1, 3),
        front(
          'e',
          ensembleOf(
            [
              [0, [0], [1]],
              [1, [1], [2, 5]],
              [2, [1], [3]],
              [3, [2, 3], [4]],
            ],
            { OUT: 4, SIDE: 5 },
          ),
        ),
      ],
    });
    const target = { targets: [{ server: 0, model: 4 }] };
    const all = run(scenario([place], [tenant('t', 'e', arrivals([0]), target)], 0.1));
    expect(latencyMs(all)).toEqual([7]);
    expect(callNames(all, 0)).toEqual(['e', 'a', 'b', 'c', 'd']);
    const pruned = run(
      scenario([place], [tenant('t', 'e', arrivals([0]), { ...target, outputs: ['SIDE'] })], 0.1),
    );
    expect(latencyMs(pruned)).toEqual([3]);
    expect(callNames(pruned, 0)).toEqual(['e', 'a', 'b']);
    // An ensemble around it that takes this output alone asks for no other.
    const step = { model: 4, needs: [0], gives: [1], outputs: ['SIDE'] };
    const around = { steps: [step], inputs: 1, tensors: 2, outputs: new Map([['SIDE', 1]]) };
    const nested = { ...place, models: [...place.models, { ...place.models[4]!, ensemble: around }] };
    const ofOuter = { targets: [{ server: 0, model: 5 }] };
    const log = run(scenario([nested], [tenant('t', 'e', arrivals([0]), ofOuter)], 0.1));
    expect(latencyMs(log)).toEqual([3]);
    expect(callNames(log, 0)).toEqual(['e', 'e', 'a', 'b']);
  });

  it('fails with the error of a step', () => {
    const burst = { ...chain({ queue: 1 }) };
    const tenants = [tenant('t', 'e', arrivals([0, 1, 2, 3, 4]), { targets: [{ server: 0, model: 2 }] })];
    const log = run({ ...burst, tenants });
    // b takes the first for 2 ms; the second waits, and at 3 ms another of those that a has ended finds the queue full.
    const outcomes = Array.from(log.outcome);
    expect(outcomes.filter((outcome) => outcome === Outcome.rejected).length).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome === Outcome.completed).length).toBeGreaterThan(1);
    expect(outcomes).not.toContain(Outcome.unfinished);
  });

  it.each([
    { stepUs: 0, version: '24.10' },
    { stepUs: 10, version: '24.10' },
    { stepUs: 10, version: '26.02' },
  ])(
    'calls none of the steps that begin together after one that is refused, and says so at once ($stepUs µs, $version)',
    ({ stepUs, version }) => {
      const [place] = chain({ queue: 1, stepUs, lastMs: 3, version }).servers;
      const [a, b, e] = place!.models;
      const ensemble = ensembleOf(
        [
          [0, [0], [1]],
          [1, [1], [2]],
          [3, [1], [3]],
        ],
        { OUT: 2, SIDE: 3 },
      );
      const models = [a!, b!, { ...e!, ensemble }, { ...a!, config: config('c', 1) }];
      // b takes the first for 3 ms, the second waits, and the third finds its queue full.
      const target = { targets: [{ server: 0, model: 2 }] };
      const log = run(
        scenario([{ ...place!, models }], [tenant('t', 'e', arrivals([0, 100, 200]), target)], 0.1),
      );
      const outcomes = [Outcome.completed, Outcome.completed, Outcome.rejected];
      expect(Array.from(log.outcome)).toEqual(outcomes);
      expect(callNames(log, 1)).toEqual(['e', 'a', 'b', 'c']);
      expect(callNames(log, 2)).toEqual(['e', 'a', 'b']);
      const refused = callsOf(log, 2).at(-1)!;
      expect(log.endedUs[2]).toBe(callEndedUs(log.calls, refused));
    },
  );

  it('has a model without a batch dimension take a request of several inferences as one', () => {
    const place = server('s', {
      devices: 2,
      models: [
        { ...model('a', 1, 0, {}, 4), profile: profile('a', 1, 1) },
        { config: config('b', 0), profile: profile('b', 2, 1), device: 1 },
        {
          ...front(
            'e',
            ensembleOf(
              [
                [0, [0], [1]],
                [1, [1], [2]],
              ],
              { OUT: 2 },
            ),
          ),
          config: config('e', 4),
        },
      ],
    });
    const asked = tenant('t', 'e', arrivals([0]), { batchSize: 4, targets: [{ server: 0, model: 2 }] });
    expect(latencyMs(run(scenario([place], [asked], 0.1)))).toEqual([1 + 4 + 2 + 1]);
  });

  it('may be a step of another one', () => {
    const inner = chain();
    const [place] = inner.servers;
    const outer = {
      ...place!.models[2]!,
      config: config('outer', 1),
      ensemble: ensembleOf(
        [
          [2, [0], [1]],
          [0, [1], [2]],
        ],
        { OUT: 2 },
      ),
    };
    const servers = [{ ...place!, models: [...place!.models, outer] }];
    const log = run(
      scenario(servers, [tenant('t', 'outer', arrivals([0]), { targets: [{ server: 0, model: 3 }] })], 0.1),
    );
    expect(latencyMs(log)).toEqual([4]);
    expect(callNames(log, 0)).toEqual(['outer', 'e', 'a', 'b', 'a']);
  });
});

describe('a model that calls others', () => {
  const caller = (calls: CallStep[], batch = 1, requests = [0], most = 1): RequestLog => {
    const place = server('s', {
      devices: 3,
      models: [
        model('a', 1, 0, {}, 4),
        { ...model('b', 2, 1), instances: most },
        model('p', 0.5, 2, { calls }, batch),
      ],
    });
    return run(
      scenario([place], [tenant('t', 'p', arrivals(requests), { targets: [{ server: 0, model: 2 }] })], 1),
    );
  };
  const call = (called: number, more: object = {}) =>
    ({ model: called, per: 'request', probability: 1, inferences: undefined, ...more }) as const;

  it('is busy while it computes and while it waits', () => {
    const steps: CallStep[] = [
      { calls: [call(0)], atOnce: false },
      { ownUs: 250 },
      { calls: [call(1)], atOnce: false },
    ];
    const log = caller(steps, 1, [0, 0]);
    expect(latencyMs(log)).toEqual([3.75, 7.5]);
    const first = callsOf(log, 0)[0]!;
    expect(log.calls.inferUs[first]).toBeCloseTo(3750, 3);
  });

  it('waits for the longest of the calls that it makes at once', () => {
    expect(latencyMs(caller([{ calls: [call(0), call(1)], atOnce: true }]))).toEqual([2.5]);
  });

  it('calls for each request of a batch, or for all of them once', () => {
    const each = caller([{ calls: [call(0)], atOnce: false }], 4, [0, 0, 0]);
    expect(Math.max(...latencyMs(each))).toBeCloseTo(3.5, 9);
    const once = caller([{ calls: [call(0, { per: 'batch' })], atOnce: false }], 4, [0, 0, 0]);
    expect(Math.max(...latencyMs(once))).toBeCloseTo(1.5, 9);
  });

  it('has 32 calls under way at most', () => {
    const many = Array.from({ length: 40 }, () => call(1));
    expect(latencyMs(caller([{ calls: many, atOnce: true }], 1, [0], 40))).toEqual([4.5]);
  });

  it('makes all calls that are made at once, also after an error', () => {
    const [place] = chain({ queue: 1 }).servers;
    const calls: CallStep[] = [{ calls: Array.from({ length: 40 }, () => call(1)), atOnce: true }];
    const [caller] = server('s', { models: [model('p', 0, 0, { calls })] }).models;
    const servers = [{ ...place!, models: [...place!.models.slice(0, 2), caller!] }];
    const log = run(
      scenario(servers, [tenant('t', 'p', arrivals([0]), { targets: [{ server: 0, model: 2 }] })], 1),
    );
    // One of the first 32 executes and one waits: the other 30 are refused, and those that follow them.
    expect(Array.from(log.outcome)).toEqual([Outcome.rejected]);
    expect(callsOf(log, 0).length).toBe(41);
  });

  it('makes a call as often as it is likely to', () => {
    const log = caller(
      [{ calls: [call(0, { probability: 0.25 })], atOnce: false }],
      1,
      Array.from({ length: 200 }, (_, i) => i * 4000),
    );
    const called = latencyMs(log).filter((ms) => ms > 1).length;
    expect(called).toBeGreaterThan(30);
    expect(called).toBeLessThan(70);
  });
});
