import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOfScenario } from '../../src/cost/scenario-cost.js';
import { summarize } from '../../src/metrics/summarize.js';
import type { Change } from '../../src/scenario/changes.js';
import type { Load, Scenario, Server, Sharing, Tenant } from '../../src/scenario/scenario.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Outcome } from '../../src/trace/request-log.js';
import { cases } from '../support/cases.js';
import {
  arrivals,
  config,
  ONE_CLIENT,
  poisson,
  profile,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

const PROFILE = profile('m', 10, 0);
const UNBATCHED = config('m', 1);
const BATCHED = config('m', 1, {});

interface Sketch {
  readonly instances?: number;
  readonly model?: typeof UNBATCHED;
  readonly more?: Partial<Server>;
}

/** Executions of 10 ms, one request each. */
function host(name: string, { instances = 1, model = UNBATCHED, more = {} }: Sketch = {}): Server {
  return server(name, { models: [{ config: model, profile: PROFILE, instances }], more });
}

const atMs = (...times: number[]) => arrivals(times.map((ms) => ms * 1000));
const M = { server: 0, model: 0 };
const add = (ms: number, count = 1, device = 0): Change => ({
  atUs: ms * 1000,
  do: 'addInstances',
  ...M,
  instances: Array(count).fill({ device, profile: PROFILE }),
});
const remove = (ms: number, count = 1): Change => ({ atUs: ms * 1000, do: 'removeInstances', ...M, count });
const addServer = (ms: number, index: number): Change => ({
  atUs: ms * 1000,
  do: 'addServer',
  server: index,
});
const removeServer = (ms: number, index: number, refusesOnTheWay = false): Change => ({
  atUs: ms * 1000,
  do: 'removeServer',
  server: index,
  refusesOnTheWay,
});
const addDevice = (ms: number, device: number): Change => ({
  atUs: ms * 1000,
  do: 'addDevice',
  server: 0,
  device,
});
const removeDevice = (ms: number, device: number): Change =>
  ({ ...addDevice(ms, device), do: 'removeDevice' }) as Change;

function run(
  servers: readonly Server[],
  load: Load,
  changes: readonly Change[],
  more: Partial<Tenant> = {},
  s = 0.2,
) {
  const targets = servers.map((_, index) => ({ server: index, model: 0 }));
  return runOf(scenario(servers, [tenant('t', 'm', load, { targets, ...more })], s, { changes }));
}

function runOf(spec: Scenario) {
  const result = simulate(spec);
  const summary = summarize({
    scenarioName: spec.name,
    seed: spec.seed,
    log: result.log,
    tenants: spec.tenants,
    warmUpUs: spec.warmUpUs,
    devices: result.devices,
    hosts: result.hosts,
    executions: result.executions,
  });
  return {
    ...result,
    summary,
    cost: costOfScenario(spec, summary),
    startedMs: startedMs(result.log.calls.startedUs),
  };
}

function startedMs(startedUs: Float64Array): number[] {
  return Array.from(startedUs, (us) => us / 1000);
}

describe.each([
  ['without a batcher', UNBATCHED],
  ['with a batcher', BATCHED],
  ['with a queue policy', config('m', 1, { defaultPriorityLevel: 1, priorityLevels: 2 })],
])('an instance, %s', (_, model) => {
  it('that is added takes work from then on', () => {
    const { startedMs, log } = run([host('s', { model })], atMs(0, 0, 0, 0), [add(15)]);
    expect(startedMs).toEqual([0, 10, 15, 20]);
    expect(Array.from(log.outcome)).toEqual(Array(4).fill(Outcome.completed));
  });

  it('that is removed ends its execution and takes no more', () => {
    const { startedMs } = run([host('s', { model, instances: 2 })], atMs(0, 0, 0, 0), [remove(5)]);
    expect(startedMs).toEqual([0, 0, 10, 20]);
  });

  it('that is removed while it is idle takes nothing', () => {
    const { startedMs } = run([host('s', { model, instances: 2 })], atMs(7, 7, 7), [remove(5)]);
    expect(startedMs).toEqual([7, 17, 27]);
  });

  it('is waited for where none is left', () => {
    const { startedMs } = run([host('s', { model })], atMs(1, 2, 3), [remove(0), add(30, 2), remove(35)]);
    expect(startedMs).toEqual([30, 30, 40]);
  });

  it('comes and goes often without a request being lost, or being overtaken', () => {
    const changes = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? add(2 + i, 3) : remove(2 + i, 3)));
    const { log } = run(
      [host('s', { model })],
      atMs(...Array.from({ length: 60 }, (_, i) => i / 2)),
      changes,
      {},
      2,
    );
    expect(Array.from(log.outcome)).toEqual(Array(60).fill(Outcome.completed));
    expect(Array.from(log.calls.startedUs)).toEqual([...log.calls.startedUs].sort((a, b) => a - b));
  });
});

it('never more executions run at once than there are instances, of whatever comes and goes', () => {
  const steps = fc.array(
    fc.record({ gapMs: fc.integer({ min: 1, max: 30 }), by: fc.constantFrom(1, 2, 3, -1, -2) }),
    { maxLength: 12 },
  );
  const property = fc.property(steps, fc.constantFrom(UNBATCHED, BATCHED), fc.nat(20), (all, model, seed) => {
    const changes: Change[] = [];
    const counts: { readonly fromUs: number; readonly count: number }[] = [{ fromUs: 0, count: 1 }];
    let ms = 0;
    for (const { gapMs, by } of all) {
      ms += gapMs;
      const before = counts.at(-1)!.count;
      const count = Math.max(0, before + by);
      if (count > before) changes.push(add(ms, count - before));
      else if (count < before) changes.push(remove(ms, before - count));
      counts.push({ fromUs: ms * 1000, count });
    }
    const { log } = run([host('s', { model })], poisson(`${seed}`, 150, 40), changes, {}, 1);
    expect(log.tenant.length).toBe(40);
    const countAt = (us: number) => counts.findLast(({ fromUs }) => fromUs <= us)!.count;
    for (const [i, startUs] of log.calls.startedUs.entries()) {
      if (Number.isNaN(startUs)) continue;
      // One that starts needs a place among those that are there; others may be ending executions that began before.
      const begun = log.calls.startedUs.filter((us, j) => us <= startUs && us > startUs - 10_000 && j !== i);
      const since = counts.findLast(({ fromUs }) => fromUs <= startUs)!.fromUs;
      expect(begun.filter((us) => us >= since).length).toBeLessThan(countAt(startUs));
    }
    // Whoever is not done waits for an instance, or has one.
    if (counts.at(-1)!.count > 0) expect(Array.from(log.outcome)).toEqual(Array(40).fill(Outcome.completed));
  });
  fc.assert(property, { numRuns: cases(60) });
});

describe('a server', () => {
  const everyMs = atMs(...Array.from({ length: 40 }, (_, i) => 4 * i));

  it.each(['roundRobin', 'random', 'leastOutstanding', 'powerOfTwo'] as const)(
    'that is removed gets no more requests and serves those it has (%s)',
    (routing) => {
      const { log } = run(
        [host('a', { instances: 4 }), host('b', { instances: 4 })],
        everyMs,
        [removeServer(50, 1)],
        {
          routing,
        },
      );
      const toB = Array.from(log.plannedUs).filter((_, i) => log.server[i] === 1);
      expect(toB.length).toBeGreaterThan(0);
      expect(Math.max(...toB)).toBeLessThan(50_000);
      expect(Array.from(log.outcome)).toEqual(Array(40).fill(Outcome.completed));
    },
  );

  it('that is added gets requests from then on', () => {
    const { log } = run([host('a', { instances: 4 }), host('b', { instances: 4 })], everyMs, [
      addServer(50, 1),
    ]);
    const toB = Array.from(log.plannedUs).filter((_, i) => log.server[i] === 1);
    expect(Math.min(...toB)).toBeGreaterThanOrEqual(50_000);
    expect(toB.length).toBe(14);
    expect(Array.from(log.outcome)).toEqual(Array(40).fill(Outcome.completed));
  });

  const far = {
    requestDelayUs: 3000,
    responseDelayUs: 2000,
    requestBytesPerUs: Infinity,
    responseBytesPerUs: Infinity,
  };

  it.each([
    [false, Outcome.completed, 15],
    [true, Outcome.rejected, 5],
  ])('that is removed takes what is on the way to it, or refuses it (%s)', (refuses, outcome, endMs) => {
    const { log } = run([host('a', { more: { network: far } })], atMs(0), [removeServer(1, 0, refuses)]);
    expect(log.outcome[0]).toBe(outcome);
    expect(log.endedUs[0]).toBe(endMs * 1000);
  });

  it('that is not there refuses its requests after a way there and back', () => {
    const { log, summary } = run([host('a', { more: { network: far } })], atMs(10, 60, 90), [
      removeServer(5, 0),
      addServer(80, 0),
    ]);
    expect(Array.from(log.outcome)).toEqual([Outcome.rejected, Outcome.rejected, Outcome.completed]);
    expect(Array.from(log.endedUs)).toEqual([15_000, 65_000, 105_000]);
    expect(Array.from(log.calls.queuedUs)).toEqual([Number.NaN, Number.NaN, 93_000]);
    const { counts, latencyMs, splitMs } = summary.tenants[0]!;
    expect(counts).toMatchObject({ offered: 3, completed: 1, rejected: 2, inFlightAtEnd: 0 });
    expect(latencyMs.mean.value).toBeCloseTo(15, 9);
    expect(splitMs).toMatchObject({ network: 5, infer: 10, queue: 0 });
  });

  it('that comes back is a new one: what was removed is still served by the old one', () => {
    const { startedMs, log } = run([host('a')], atMs(0, 0, 0, 21), [removeServer(5, 0), addServer(20, 0)]);
    expect(startedMs).toEqual([0, 10, 20, 21]);
    expect(Array.from(log.outcome)).toEqual(Array(4).fill(Outcome.completed));
  });

  it('with closed-loop clients has them wait a while after each refusal, and serves them again when it is back', () => {
    const { log } = run([host('a')], ONE_CLIENT, [removeServer(25, 0), addServer(100, 0)]);
    const refused = Array.from(log.outcome).filter((outcome) => outcome === Outcome.rejected).length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(100);
    expect(Math.max(...log.calls.startedUs.filter((us) => us > 0))).toBeGreaterThan(180_000);
  });
});

describe('a device', () => {
  const two = (sharing: Sharing) => {
    const base = server('s', { models: [{ config: UNBATCHED, profile: PROFILE }], devices: 2, sharing });
    const instances = [0, 1].map((device) => ({ device, profile: PROFILE }));
    return { ...base, models: [{ ...base.models[0]!, instances }] };
  };

  it.each([{ mode: 'exclusive' }, { mode: 'streams' }] as const)(
    'that is removed takes its instances along, and brings them when it is added ($mode)',
    (sharing) => {
      const { startedMs, devices } = run([two(sharing)], atMs(0, 0, 0, 0, 0, 0), [
        removeDevice(5, 1),
        addDevice(25, 1),
      ]);
      expect(startedMs).toEqual([0, 0, 10, 20, 25, 30]);
      expect(devices.map(({ busyShare }) => busyShare)).toEqual([
        expect.closeTo(0.2, 9),
        expect.closeTo(0.1, 9),
      ]);
      // It ends what it executes: gone at 10 ms, back at 25 ms.
      expect(devices.map(({ presentShare }) => presentShare)).toEqual([1, expect.closeTo(0.925, 12)]);
    },
  );

  it('on which an instance is added joins the models that meet there', () => {
    const other = { config: config('n', 1), profile: profile('n', 10, 0) };
    const sketch = {
      models: [
        { config: UNBATCHED, profile: PROFILE },
        { ...other, device: 1 },
      ],
      devices: 2,
    };
    const spec = (changes: readonly Change[]) =>
      scenario(
        [server('s', { ...sketch, sharing: { mode: 'streams' } })],
        [
          tenant('t', 'm', atMs(0, 20, 20)),
          tenant('u', 'n', atMs(20), { targets: [{ server: 0, model: 1 }] }),
        ],
        0.2,
        { changes },
      );
    expect(partition(spec([])).length).toBe(2);
    expect(partition(spec([add(15, 1, 1)])).length).toBe(1);
    const { log } = simulate(spec([add(15, 1, 1)]));
    // Both that are on the second device are slowed by half.
    expect(Array.from(log.endedUs)).toEqual([10_000, 30_000, 40_000, 40_000]);
  });
});

describe('cost', () => {
  it('is what machines cost for the time in which they are there', () => {
    const machine = { kind: 'x', usdPerHour: 4, priceSource: 'test' };
    const { cost, hosts } = run(
      [host('a'), host('b', { more: { machine } })],
      atMs(0),
      [addServer(100, 1), removeServer(150, 1)],
      { targets: [{ server: 0, model: 0 }] },
    );
    expect(hosts.map(({ presentShare }) => presentShare)).toEqual([1, 0.25]);
    expect(cost.usdPerHour).toBe(1 + 4 / 4);
    expect(cost.machines.map(({ usdPerHour }) => usdPerHour)).toEqual([1, 1]);
    expect(cost.tenants[0]!.byReservationUsdPerHour).toBeCloseTo(2, 12);
    expect(cost.tenants[0]!.byUseUsdPerHour + cost.idleUsdPerHour).toBeCloseTo(2, 12);
  });

  it('counts a server until it has served what it had', () => {
    const { cost } = run([host('a')], atMs(0, 0, 0), [removeServer(5, 0)]);
    // Three executions of 10 ms, in a run of 200 ms.
    expect(cost.usdPerHour).toBe(0.15);
    expect(cost.tenants[0]!.byUseUsdPerHour).toBeCloseTo(0.15, 12);
  });

  it('counts each device by itself', () => {
    const base = host('a', { more: {} });
    const gpus = { ...base, devices: [0, 1].map((i) => ({ ...base.devices[0]!, name: `gpu${i}` })) };
    const { cost } = run([gpus], atMs(0), [addDevice(50, 1), removeDevice(150, 1)]);
    expect(cost.usdPerHour).toBe(0.5 + 0.5 / 2);
  });

  it('of a scenario in which nothing comes or goes is that of whole machines', () => {
    const { cost, hosts } = run([host('a')], atMs(0), []);
    expect(cost.usdPerHour).toBe(1);
    expect(hosts[0]).toEqual({ server: 'a', cpuCores: Infinity, coresBusy: 0 });
  });
});

it('what comes and goes elsewhere changes nothing', () => {
  const servers = [host('a', { model: BATCHED, instances: 2 }), host('b')];
  const load = poisson('x', 180, 50);
  const only = { targets: [{ server: 0, model: 0 }] };
  const { changes: _, ...plain } = scenario(servers, [tenant('t', 'm', load, only)], 1);
  const changes = [addServer(30, 1), removeServer(60, 1)];
  expect(simulate({ ...plain, changes }).log).toEqual(simulate(plain).log);
});
