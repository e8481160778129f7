import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarizeRun } from '../../src/report/build-report.js';
import { type Ensemble, joinedModels } from '../../src/scenario/composition.js';
import { memoryMbOf } from '../../src/scenario/loading.js';
import { NO_QUEUE_POLICY } from '../../src/scenario/model-config.js';
import type { Load, Scenario, ServedModel, Tenant } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate, simulateComponent } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { anyFullScenario } from '../laws/full-scenario.js';
import { checkRun } from '../laws/run-laws.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

interface Sketch {
  readonly memoryMb?: number;
  readonly loadMs?: number;
  readonly unloadMs?: number;
  readonly loadThreads?: number;
  readonly servers?: number;
  readonly s?: number;
  readonly more?: Partial<Tenant>;
}

/** Models of 100 MiB that execute for 10 ms; a tenant for each. */
function setUp(loads: readonly Load[], sketch: Sketch = {}): Scenario {
  const { memoryMb = 200, loadMs = 50, unloadMs = 0, loadThreads = 4, servers = 1, s = 1 } = sketch;
  const models = loads.map((_, m) => ({
    config: config(`m${m}`, 1),
    profile: profile(`m${m}`, 10, 0, { load: { loadMs, unloadMs, firstInferenceMs: 0 } }),
    more: { memoryMb: 100 },
  }));
  const all = Array.from({ length: servers }, (_, i) =>
    server(`s${i}`, { models, more: { modelCache: { memoryMb, loadThreads } } }),
  );
  const tenants = loads.map((load, m) =>
    tenant(`t${m}`, `m${m}`, load, {
      targets: all.map((_, i) => ({ server: i, model: m })),
      ...sketch.more,
    }),
  );
  return scenario(all, tenants, s);
}

const atMs = (...times: number[]) => arrivals(times.map((ms) => ms * 1000));

function run(loads: readonly Load[], sketch: Sketch = {}) {
  const { log, executions } = simulate(setUp(loads, sketch));
  const endedMs = loads.map((_, t) =>
    Array.from(log.endedUs.keys())
      .filter((row) => log.tenant[row] === t)
      .map((row) => log.endedUs[row]! / 1000),
  );
  return { log, endedMs, loading: executions.map(({ loading }) => loading!) };
}

describe('a server that loads models when requests ask for them', () => {
  it('has the first requests of a model wait for its load, and the others not', () => {
    const { endedMs, loading } = run([atMs(0, 20, 100)]);
    expect(endedMs).toEqual([[60, 70, 110]]);
    expect(loading).toEqual([
      { hits: 1, misses: 2, loads: 1, unloads: 0, meanWaitMs: 40, loadedShare: 0.95 },
    ]);
  });

  it('unloads the model that was not asked for the longest time', () => {
    // m0 and m1 are loaded; m0 is asked again, so that m2 takes the place of m1.
    const { loading, endedMs } = run([atMs(0, 120, 300), atMs(10), atMs(200)]);
    expect(loading.map(({ loads, unloads }) => [loads, unloads])).toEqual([
      [1, 0],
      [1, 1],
      [1, 0],
    ]);
    expect(endedMs[0]).toEqual([60, 130, 310]);
    expect(endedMs[2]).toEqual([260]);
  });

  it('lets a model that has to leave serve what it has, and only then loads the next', () => {
    const { endedMs } = run([atMs(0, 0, 0), atMs(55)], { memoryMb: 100 });
    expect(endedMs).toEqual([[60, 70, 80], [140]]);
  });

  it('unloads none in the place of one that is being loaded and was asked for before', () => {
    // m1 was asked for before the last request for m0: m2 waits until m1 is loaded, and takes its place.
    const { loading, endedMs } = run([atMs(0, 60, 90, 110, 150), atMs(70), atMs(95)]);
    expect(endedMs).toEqual([[60, 70, 100, 120, 160], [130], [190]]);
    expect(loading.map(({ unloads }) => unloads)).toEqual([0, 1, 0]);
  });

  it('loads no more at once than it has threads for, and sends requests where one is free', () => {
    const once = atMs(0);
    const { endedMs } = run([once, once, once], { memoryMb: 300, loadThreads: 2 });
    expect(endedMs).toEqual([[60], [60], [110]]);
    const two = run([once, once], {
      memoryMb: 300,
      loadThreads: 1,
      servers: 2,
      more: { routing: 'leastOutstanding' },
    });
    expect(two.endedMs).toEqual([[60], [60]]);
  });

  it('takes the time of the unload as well', () => {
    const { endedMs } = run([atMs(0), atMs(100), atMs(101)], { memoryMb: 100, unloadMs: 20 });
    expect(endedMs).toEqual([[60], [180], [260]]);
  });

  it('loads a model again that is asked for while it leaves', () => {
    const { endedMs, loading } = run([atMs(0, 101), atMs(100)], { memoryMb: 100, unloadMs: 20 });
    expect(endedMs[1]).toEqual([180]);
    expect(endedMs[0]).toEqual([60, 260]);
    expect(loading[0]).toMatchObject({ loads: 2, unloads: 1, hits: 0, misses: 2 });
  });
});

/** What becomes of the requests where those of the second tenant may go to the first server only. */
function withSecondOnOneServer(spec: Scenario) {
  const tenants = spec.tenants.map((each, t) =>
    t === 1 ? { ...each, targets: each.targets.slice(0, 1) } : each,
  );
  return simulate({ ...spec, tenants }).log;
}

describe('a router', () => {
  it('sends a request to where its model is loaded, else to where there is room', () => {
    const { log } = run([atMs(0, 200, 400), atMs(100, 300, 500)], { memoryMb: 100, servers: 2 });
    const serverOf = (tenantIndex: number) =>
      Array.from(log.server).filter((_, row) => log.tenant[row] === tenantIndex);
    expect(new Set(serverOf(0)).size).toBe(1);
    expect(serverOf(1)).toEqual(Array(3).fill(1 - serverOf(0)[0]!));
  });

  it('sends none to where its model leaves, while another server has room', () => {
    // m1 may go to s0 only, where it has m0 leave until 150 ms: s1 loads m0 at once.
    const loads = [atMs(...Array<number>(10).fill(0), 70), atMs(60)];
    const log = withSecondOnOneServer(setUp(loads, { memoryMb: 100, servers: 2 }));
    expect(log.endedUs[10]).toBe(210_000);
    expect(log.endedUs[11]).toBe(130_000);
  });

  it('counts no room where others wait for it', () => {
    // m1 waits on s0 until m0 is gone; m2 would have to wait behind it there.
    const spec = setUp([atMs(0), atMs(1), atMs(2)], { memoryMb: 200, servers: 2 });
    const models = spec.servers[0]!.models.map((model, m) => (m === 1 ? { ...model, memoryMb: 150 } : model));
    const servers = spec.servers.map((each) => ({ ...each, models }));
    const log = withSecondOnOneServer({ ...spec, servers });
    expect(log.endedUs[2]).toBe(62_000);
  });
});

/** Any requests for up to five models, of which two or three fit. */
const anySetUp = fc
  .record({
    loads: fc.array(fc.array(fc.nat(900), { maxLength: 25 }), { minLength: 1, maxLength: 5 }),
    memoryMb: fc.constantFrom(100, 250, 399),
    loadMs: fc.constantFrom(0, 7, 40),
    unloadMs: fc.constantFrom(0, 11),
    servers: fc.constantFrom(1, 1, 2),
    more: fc.record({ routing: fc.constantFrom<Tenant['routing']>('roundRobin', 'leastOutstanding') }),
  })
  .map(({ loads, ...sketch }) => ({
    loads: loads.map((times) => atMs(...times.sort((a, b) => a - b))),
    sketch: { ...sketch, s: 20 },
  }));

describe('whatever is asked for', () => {
  it('every request is answered once, in order of time, and is counted as one that found its model or not', () => {
    const property = fc.property(anySetUp, ({ loads, sketch }) => {
      const { log, loading } = run(loads, sketch);
      const planned = loads.reduce(
        (sum, load) => sum + (load.mode === 'open' ? load.trace.arrivalUs.length : 0),
        0,
      );
      expect(log.outcome.length).toBe(planned);
      for (const [row, outcome] of log.outcome.entries()) {
        expect(outcome).toBe(Outcome.completed);
        expect(log.calls.queuedUs[row]).toBe(log.plannedUs[row]);
        expect(log.calls.startedUs[row]!).toBeGreaterThanOrEqual(log.calls.queuedUs[row]!);
        expect(log.endedUs[row]!).toBe(log.calls.startedUs[row]! + 10_000);
      }
      const counted = loading.filter((each) => each !== undefined);
      expect(counted.reduce((sum, { hits, misses }) => sum + hits + misses, 0)).toBe(planned);
      for (const { loads: count, unloads, misses } of counted) {
        expect(count).toBeLessThanOrEqual(misses);
        expect([0, 1]).toContain(count - unloads);
      }
    });
    fc.assert(property, { numRuns: cases(200) });
  });

  it('no more executes at once, of different models on a server, than fit into its memory', () => {
    const property = fc.property(anySetUp, ({ loads, sketch }) => {
      const spec = setUp(loads, sketch);
      for (const component of partition(spec)) {
        const { requests, executions } = simulateComponent(spec, component);
        const running = Array.from({ length: requests.length }, (_, row) => ({
          place: component.served[executions.model[requests.execution[row]!]!]!,
          fromNs: requests.startedNs[row]!,
          toNs: requests.endedNs[row]!,
        }));
        for (const { place, fromNs } of running) {
          const beside = running.filter(
            (other) => other.place.server === place.server && other.fromNs <= fromNs && fromNs < other.toNs,
          );
          const models = new Set(beside.map((other) => other.place.model));
          expect(100 * models.size).toBeLessThanOrEqual(sketch.memoryMb);
        }
      }
    });
    fc.assert(property, { numRuns: cases(200) });
  });
});

/** Ensembles of m0 and m1, one after the other or at once, and m2; each of the three needs 100 MiB. */
function joined(memoryMb: number, loads: { readonly [model: string]: Load }) {
  const ensemble = (steps: Ensemble['steps'], outputs: number[]): Ensemble => ({
    ...{ steps, inputs: 1, tensors: 3, outputs: new Map(outputs.map((tensor) => [`OUT${tensor}`, tensor])) },
  });
  const chain = ensemble(
    [0, 1].map((model) => ({ model, needs: [model], gives: [model + 1] })),
    [2],
  );
  const fork = ensemble(
    [1, 0].map((model) => ({ model, needs: [0], gives: [model + 1] })),
    [1, 2],
  );
  const policy = { ...NO_QUEUE_POLICY, maxQueueSize: 1 };
  const made = (name: string, loadMs: number, executionMs: number, more: Partial<ServedModel> = {}) => ({
    config: config(name, 1, { defaultQueuePolicy: policy }),
    profile: profile(name, executionMs, 0, { load: { loadMs, unloadMs: 0, firstInferenceMs: 0 } }),
    more: { memoryMb: 100, ...more },
  });
  const models = [
    ...[made('m0', 50, 10), made('m1', 30, 40), made('m2', 20, 10)],
    { ...made('pair', 0, 0, { ensemble: chain, memoryMb: 0 }), instances: 0 },
    { ...made('fork', 0, 0, { ensemble: fork, memoryMb: 0 }), instances: 0 },
  ];
  const names = models.map((model) => model.config.name);
  const tenants = Object.entries(loads).map(([name, load]) =>
    tenant(name, name, load, { targets: [{ server: 0, model: names.indexOf(name) }] }),
  );
  const spec = scenario(
    [server('s', { models, more: { modelCache: { memoryMb, loadThreads: 4 } } })],
    tenants,
    1,
  );
  const result = simulate(spec);
  const { log, executions } = result;
  const endedMs = (name: string) =>
    Array.from(log.endedUs.keys())
      .filter((row) => log.tenants[log.tenant[row]!] === name)
      .map((row) => log.endedUs[row]! / 1000);
  return {
    endedMs,
    loading: executions.map(({ loading }) => loading!),
    summary: summarizeRun({ scenario: spec, result }),
  };
}

describe('an ensemble on such a server', () => {
  it('is loaded with its models, as soon as the slowest of them is', () => {
    const { endedMs, loading, summary } = joined(300, { pair: atMs(0, 150), m1: atMs(250) });
    expect(endedMs('pair')).toEqual([100, 200]);
    // One of two requests waited for 50 ms.
    expect(summary.tenants[0]!.splitMs).toMatchObject({ queue: 25, infer: 50, response: 0 });
    expect(endedMs('m1')).toEqual([290]);
    const counts = loading.map(({ hits, misses, loads }) => [hits, misses, loads]);
    expect(counts.slice(0, 4)).toEqual([
      [0, 0, 1],
      [1, 0, 1],
      [0, 0, 0],
      [1, 1, 1],
    ]);
  });

  it('leaves with all of its models, once they have answered what they had', () => {
    // m2 is asked for while the request to `pair` is executed: by m0 up to 60 ms, by m1 up to 100 ms.
    const { endedMs, loading } = joined(200, { pair: atMs(0), m2: atMs(55), m1: atMs(200) });
    expect(endedMs('pair')).toEqual([100]);
    expect(endedMs('m2')).toEqual([130]);
    expect(endedMs('m1')).toEqual([290]);
    expect(loading.map(({ loads, unloads }) => [loads, unloads]).slice(0, 3)).toEqual([
      [2, 1],
      [2, 1],
      [1, 1],
    ]);
  });

  it('waits for calls of a request that has failed before it leaves', () => {
    // At 52 ms m1 begins and m0 refuses: the client hears of it at once, while m1 executes up to 92 ms.
    const { endedMs } = joined(200, { m0: atMs(0, 51), fork: atMs(52), m2: atMs(55) });
    expect(endedMs('m0')).toEqual([60, 70]);
    expect(endedMs('fork')).toEqual([52]);
    expect(endedMs('m2')).toEqual([122]);
  });

  it('keeps all laws of runs beside sequences, streams and engines, and no more executes than fits', () => {
    const property = fc.property(anyFullScenario(), fc.constantFrom(1, 1.5), (full, room) => {
      const servers = full.servers.map((each) => {
        const { rateLimit: _, ...options } = each.options;
        const units = joinedModels(each.models).map((joined) => memoryOf(each.models, joined));
        return { ...each, options, modelCache: { memoryMb: room * Math.max(...units), loadThreads: 2 } };
      });
      const spec = { ...full, servers };
      checkRun(spec, simulate(spec));
      for (const component of partition(spec)) expectToFit(spec, component);
    });
    fc.assert(property, { numRuns: cases(60) });
  });
});

function memoryOf(models: readonly ServedModel[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + memoryMbOf(models[place]!), 0);
}

/** Demands that the models which execute at any time have, with all that are loaded with them, no more memory than there is. */
function expectToFit(spec: Scenario, component: ReturnType<typeof partition>[number]): void {
  const { executions } = simulateComponent(spec, component);
  const running = Array.from({ length: executions.length }, (_, i) => ({
    place: component.served[executions.model[i]!]!,
    fromNs: executions.inferStartNs[i]!,
    toNs: executions.inferEndNs[i]!,
  }));
  for (const [s, { models, modelCache }] of spec.servers.entries()) {
    const units = joinedModels(models);
    const on = running.filter(({ place }) => place.server === s);
    for (const { fromNs } of on) {
      const beside = on.filter((other) => other.fromNs <= fromNs && fromNs < other.toNs);
      const loaded = new Set(beside.flatMap(({ place }) => units[place.model]!));
      expect(memoryOf(models, [...loaded])).toBeLessThanOrEqual(modelCache!.memoryMb);
    }
  }
}

it('models on a server that loads them are one component, as they wait for each other', () => {
  const spec = setUp([atMs(0), atMs(1)]);
  expect(partition(spec).length).toBe(1);
});
