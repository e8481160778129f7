import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Load, Scenario, Tenant } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate, simulateComponent } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

interface Sketch {
  readonly memoryMb?: number;
  readonly loadMs?: number;
  readonly unloadMs?: number;
  readonly servers?: number;
  readonly s?: number;
  readonly more?: Partial<Tenant>;
}

/** Models of 100 MiB that execute for 10 ms; a tenant for each. */
function setUp(loads: readonly Load[], sketch: Sketch = {}): Scenario {
  const { memoryMb = 200, loadMs = 50, unloadMs = 0, servers = 1, s = 1 } = sketch;
  const models = loads.map((_, m) => ({
    config: config(`m${m}`, 1),
    profile: profile(`m${m}`, 10, 0, { load: { loadMs, unloadMs, firstInferenceMs: 0 } }),
    more: { memoryMb: 100 },
  }));
  const all = Array.from({ length: servers }, (_, i) =>
    server(`s${i}`, { models, more: { modelCache: { memoryMb } } }),
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

it('models on a server that loads them are one component, as they wait for each other', () => {
  const spec = setUp([atMs(0), atMs(1)]);
  expect(partition(spec).length).toBe(1);
});
