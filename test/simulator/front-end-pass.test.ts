import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { Scenario, Tenant } from '../../src/scenario/scenario.js';
import { ComponentSetup } from '../../src/simulator/component-run.js';
import { areFastPaths } from '../../src/simulator/open-loop/fast-paths.js';
import { partition } from '../../src/simulator/partition.js';
import { simulate } from '../../src/simulator/simulate.js';
import { anyScenario } from '../laws/arbitrary-scenario.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

/** Cost of a request in the front end, and how much it varies. */
const anyCost = fc.record({
  perRequestUs: fc.constantFrom(0, 0, 50, 300.7, 2000),
  perKilobyteUs: fc.constantFrom(0, 0, 40.3),
  cv: fc.constantFrom(0, 0.2, 2),
});

/** Delays that put requests for two models on the same instant, and some that do not. */
const anyDelay = fc
  .record({ requestDelayUs: fc.constantFrom(0, 100, 200, 123.4567), wakeUs: fc.constantFrom(0, 0, 90) })
  .map((delay) => ({ ...delay, responseDelayUs: 70.25 }));

/** Open loops to servers on which nothing but a front end is in the way of requests. */
const atFrontEnds = fc
  .record({
    spec: anyScenario({ loads: ['open'], host: false }),
    costs: fc.array(anyCost, { minLength: 3, maxLength: 3 }),
    delays: fc.array(anyDelay, { minLength: 3, maxLength: 3 }),
    threads: fc.constantFrom(1, 2, 2, 3, 20),
    bytes: fc.array(fc.constantFrom(0, 1, 10_000, 100_000), { minLength: 1, maxLength: 5 }),
    everyUs: fc.constantFrom(0, 0, 100),
  })
  .map(({ spec, costs, delays, threads, bytes, everyUs }): Scenario => {
    const servers = spec.servers.map((each) => ({
      ...each,
      options: { ...each.options, frontEndThreads: threads },
      models: each.models.map((model, m) => ({
        ...model,
        networkDelay: delays[m]!,
        instances: model.instances.map(({ device, profile: of }) => ({
          device,
          // Of two instances that are done at one instant the two ways take another one first.
          profile: { ...of, frontEnd: costs[m]!, spread: { law: 'gamma' as const, cv: 0.3 } },
        })),
      })),
    }));
    const tenants = spec.tenants.map((each) => ({ ...each, load: loadOf(each, bytes, everyUs) }));
    return { ...spec, servers, tenants };
  })
  .filter((spec) => components(spec).every((isFast) => isFast));

/** The same arrivals with bytes of their own, and where told so on whole multiples of a time. */
function loadOf({ load }: Tenant, bytes: readonly number[], everyUs: number): Tenant['load'] {
  if (load.mode !== 'open') return load;
  const { trace } = load;
  const payloadBytes = Uint32Array.from(trace.arrivalUs, (_, i) => bytes[i % bytes.length]!);
  const round = (us: number) => (everyUs === 0 ? us : Math.floor(us / everyUs) * everyUs);
  return { mode: 'open', trace: { ...trace, arrivalUs: trace.arrivalUs.map(round), payloadBytes } };
}

function components(spec: Scenario): boolean[] {
  return partition(spec).map((component) =>
    areFastPaths(new ComponentSetup(spec, component, new RandomStreams(spec.seed))),
  );
}

/** Times of a request, in its log; of one without an answer no more than is known of it by then. */
function expectSameRuns(spec: Scenario): void {
  const [general, short] = [simulate(spec, { eventLoop: true }), simulate(spec)];
  const [generalLog, shortLog] = [general.log, short.log].map((log) => ({ ...log, ...log.calls })) as [
    Log,
    Log,
  ];
  for (const column of EVER)
    expect(Array.from(shortLog[column]), column).toEqual(Array.from(generalLog[column]));
  for (const column of IN_THE_END) {
    const answered = (log: Log) => Array.from(log[column]).filter((_, i) => log.outcome[i] === 0);
    expect(answered(shortLog), column).toEqual(answered(generalLog));
  }
  expect(short.executions).toEqual(general.executions);
  for (const [s, { coresBusy }] of general.hosts!.entries())
    expect(short.hosts![s]!.coresBusy).toBeCloseTo(coresBusy, 12);
}

type Log = ReturnType<typeof simulate>['log'] & ReturnType<typeof simulate>['log']['calls'];
const EVER = [
  'tenant',
  'server',
  'batchSize',
  'plannedUs',
  'sentUs',
  'queuedUs',
  'startedUs',
  'endedUs',
  'outcome',
  'executedBatch',
  'execution',
  'instance',
  'frontEndUs',
] as const;
const IN_THE_END = ['inputUs', 'inferUs', 'outputUs', 'responseUs', 'networkUs'] as const;

describe('requests whose way through a front end is known before the run', () => {
  it('have the same log as in the general event loop', () => {
    fc.assert(fc.property(atFrontEnds, expectSameRuns), { numRuns: cases(1000) });
  });

  it('are admitted in another order than they came in where another thread is quicker', () => {
    const load = (bytes: readonly number[]) =>
      arrivals(
        bytes.map((_, i) => i * 10),
        { payloadBytes: Uint32Array.from(bytes) },
      );
    const of = profile('m', 1, 1, { frontEnd: { perRequestUs: 100, perKilobyteUs: 100 } });
    const models = [{ config: config('m', 1), profile: of }];
    const spec = scenario([server('s', { models })], [tenant('t', 'm', load([10_240, 1024, 1024]))], 1);
    const { log } = simulate(spec);
    expect(Array.from(log.calls.queuedUs)).toEqual([1100, 210, 410]);
    expect(Array.from(log.frontEndUs)).toEqual([1100, 200, 390]);
    expectSameRuns(spec);
  });

  it('come into the queue at once where the front end takes no time for them, past others that wait', () => {
    const of = profile('m', 1, 0, { frontEnd: { perRequestUs: 0, perKilobyteUs: 100 } });
    const spec = scenario(
      [server('s', { models: [{ config: config('m', 1), profile: of }] })],
      [
        tenant('large', 'm', arrivals([0, 0, 0, 0]), { requestBytes: 10_240 }),
        tenant('small', 'm', arrivals([5, 1000]), { requestBytes: 0 }),
      ],
      1,
    );
    const { log } = simulate(spec);
    expect(Array.from(log.calls.queuedUs)).toEqual([1000, 1000, 2000, 2000, 5, 1000]);
    // At one instant they are before those that a thread has just left.
    expect(log.calls.startedUs[5]).toBeLessThan(log.calls.startedUs[0]!);
    expectSameRuns(spec);
  });

  it('are in the front end or before it when the run ends', () => {
    const of = profile('m', 1, 0, { frontEnd: { perRequestUs: 400_000, perKilobyteUs: 0 } });
    const models = [{ config: config('m', 1), profile: of }];
    const spec = scenario([server('s', { models })], [tenant('t', 'm', arrivals([0, 0, 0, 0, 0, 0]))], 1);
    const { log, hosts } = simulate(spec);
    expect(Array.from(log.calls.queuedUs)).toEqual([4e5, 4e5, 8e5, 8e5, Number.NaN, Number.NaN]);
    expect(hosts![0]!.coresBusy).toBe(2);
    expectSameRuns(spec);
  });
});
