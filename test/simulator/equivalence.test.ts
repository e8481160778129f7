import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario, Sharing } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import { SERVING } from '../calibrate/fit/simulated-observations.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';

const POLICY = {
  timeoutAction: 'REJECT',
  defaultTimeoutUs: 0,
  allowTimeoutOverride: false,
  maxQueueSize: 0,
} as const;

const batching = fc.option(
  fc.record({
    maxQueueDelayUs: fc.constantFrom(0, 0, 500, 3000, 20000),
    preserveOrdering: fc.boolean(),
    preferredBatchSizes: fc.constantFrom([], [], [2], [3, 4]),
    defaultQueuePolicy: fc.constantFrom(
      POLICY,
      POLICY,
      { ...POLICY, maxQueueSize: 5 },
      { ...POLICY, defaultTimeoutUs: 8000 },
      { ...POLICY, defaultTimeoutUs: 8000, timeoutAction: 'DELAY' as const },
    ),
  }),
  { nil: undefined },
);

const anyScenario = fc
  .record({
    batching,
    instances: fc.integer({ min: 1, max: 3 }),
    gaps: fc.array(fc.array(fc.oneof(fc.nat(6000), fc.nat(6000), fc.nat(20)), { maxLength: 60 }), {
      minLength: 1,
      maxLength: 3,
    }),
    sizes: fc.constantFrom([1], [1], [1, 2], [2, 3, 1]),
    wakeUs: fc.constantFrom(0, 5, 40),
    pickUpUs: fc.constantFrom(0, 2, 30),
    responseUs: fc.constantFrom(0, 20),
    delayUs: fc.constantFrom(0, 150),
    networkDelayWakeUs: fc.constantFrom(0, 0, 100),
    awakeUs: fc.constantFrom(undefined, 0, 5),
    releaseUs: fc.constantFrom(0, 15),
    // Also executions of which some are over before the batcher is awake.
    serviceMs: fc.constantFrom(2, 2, 0.05),
    cv: fc.constantFrom(0.2, 0.2, 2),
    pipelined: fc.boolean(),
  })
  .map((spec) => {
    const model = profile('m', spec.serviceMs, spec.serviceMs / 4, {
      spread: { law: 'gamma', cv: spec.cv },
      response: { fixedUs: 10, perRequestUs: spec.responseUs, perKilobyteUs: 0, releaseUs: spec.releaseUs },
    });
    const preserve =
      spec.batching?.defaultQueuePolicy.timeoutAction === 'DELAY' ? { preserveOrdering: false } : {};
    const tenants = spec.gaps.map((gaps, i) => {
      let atUs = 0;
      const times = gaps.map((gap) => (atUs += gap));
      return tenant(`t${i}`, 'm', arrivals(times), { batchSize: spec.sizes[i % spec.sizes.length]! });
    });
    const network = {
      requestDelayUs: spec.delayUs,
      responseDelayUs: spec.delayUs,
      wakeUs: spec.networkDelayWakeUs,
      requestBytesPerUs: Infinity,
      responseBytesPerUs: Infinity,
    };
    const awakeUs = Math.min(spec.awakeUs ?? spec.wakeUs, spec.wakeUs);
    const served = {
      config: config('m', 4, spec.batching === undefined ? undefined : { ...spec.batching, ...preserve }),
      profile: model,
      instances: spec.instances,
      more: { pipelined: spec.pipelined },
    };
    const { wakeUs, pickUpUs } = spec;
    return scenario(
      [server('s', { models: [served], wakeUs, awakeUs, pickUpUs, more: { network } })],
      tenants,
      0.5,
    );
  });

const sharedDevice = fc
  .record({
    sharing: fc.constantFrom(
      { mode: 'streams' } as const,
      { mode: 'hostCores', cores: 2 } as const,
      { mode: 'timeSlices', switchOverhead: 0.05, quantumUs: undefined } as const,
      { mode: 'timeSlices', switchOverhead: 0, quantumUs: 700 } as const,
      { mode: 'timeSlices', switchOverhead: 0.05, quantumUs: 700 } as const,
      { mode: 'mps', shares: new Map([['m0', 0.5]]) } as const,
    ),
    instances: fc.integer({ min: 1, max: 3 }),
    models: fc.array(
      fc.record({
        gaps: fc.array(fc.integer({ min: 1, max: 9001 }), { maxLength: 50 }),
        inputMs: fc.constantFrom(0, 0.3),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    delayUs: fc.constantFrom(0, 1000),
  })
  .map(({ sharing, instances, models, delayUs }) => {
    const served = models.map(({ inputMs }, m) => {
      const base = profile(`m${m}`, 2, 0.5, {
        spread: { law: 'gamma', cv: 0.3 },
        interference: { self: 1.4, pairs: [] },
      });
      const service = base.service.map((point) => ({ ...point, inputMs }));
      const onHost = { hostCores: { ...base.hostCores, infer: 1 }, serving: SERVING };
      return {
        config: config(`m${m}`, 4, { maxQueueDelayUs: delayUs }),
        profile: { ...base, service, ...('cores' in sharing && onHost) },
        instances,
      };
    });
    const tenants = models.map(({ gaps }, m) => {
      let atUs = m;
      return tenant(`t${m}`, `m${m}`, arrivals(gaps.map((gap) => (atUs += gap))), {
        targets: [{ server: 0, model: m }],
      });
    });
    return scenario([server('s', { models: served, sharing, wakeUs: 5, pickUpUs: 2 })], tenants, 0.6);
  });

/** Requests close together to a model of which many executions are over before its batcher is awake. */
const hurried = fc
  .record({
    gaps: fc.array(fc.oneof(fc.nat(20), fc.nat(100)), { minLength: 20, maxLength: 120 }),
    wakeUs: fc.constantFrom(40, 100),
    awakeUs: fc.constantFrom(undefined, 5),
    instances: fc.integer({ min: 1, max: 2 }),
    maxBatchSize: fc.integer({ min: 1, max: 4 }),
    maxQueueDelayUs: fc.constantFrom(0, 0, 60),
    serviceMs: fc.constantFrom(0.05, 0.2),
    cv: fc.constantFrom(1, 4),
    sharing: fc.constantFrom({ mode: 'exclusive' } as const, { mode: 'streams' } as const),
  })
  .map(({ gaps, instances, maxBatchSize, maxQueueDelayUs, serviceMs, cv, awakeUs, ...sketch }) => {
    let atUs = 0;
    const load = arrivals(gaps.map((gap) => (atUs += gap)));
    const served = {
      config: config('m', maxBatchSize, { maxQueueDelayUs }),
      profile: profile('m', serviceMs, serviceMs / 8, {
        spread: { law: 'gamma', cv },
        interference: { pairs: [] },
      }),
      instances,
    };
    const awake = awakeUs === undefined ? {} : { awakeUs };
    const host = server('s', { models: [served], ...sketch, ...awake, pickUpUs: 2 });
    return scenario([host], [tenant('t', 'm', load)], 0.5);
  });

function expectSameLogs(spec: Scenario): void {
  const short = simulate(spec).log;
  const general = simulate(spec, { eventLoop: true }).log;
  expectSameAnswers(general, short);
}

function expectSameAnswers(generalLog: RequestLog, shortLog: RequestLog): void {
  const general = { ...generalLog, ...generalLog.calls };
  const short = { ...shortLog, ...shortLog.calls };
  for (const column of [
    'plannedUs',
    'queuedUs',
    'startedUs',
    'endedUs',
    'outcome',
    'executedBatch',
    'instance',
  ] as const) {
    expect(Array.from(general[column]), column).toEqual(Array.from(short[column]));
  }
  for (const column of ['inputUs', 'inferUs', 'outputUs', 'networkUs'] as const) {
    const answered = (log: typeof general) => Array.from(log[column]).filter((_, i) => log.outcome[i] === 0);
    expect(answered(general), column).toEqual(answered(short));
  }
}

/** As `spec`, on a device of that sharing mode, and where told so with a model beside it that nobody asks for anything. */
function onDevice(spec: Scenario, sharing: Sharing, besideIdle: boolean): Scenario {
  const servers = spec.servers.map((each) => ({
    ...each,
    devices: each.devices.map((device) => ({ ...device, sharing })),
    models: besideIdle
      ? [
          ...each.models,
          { config: config('idle', 1), instances: [{ device: 0, profile: profile('idle', 5, 0) }] },
        ]
      : each.models,
  }));
  return { ...spec, servers };
}

const loneInstance = anyScenario.filter(
  ({ servers }) => servers[0]!.models[0]!.instances.length === 1 && servers[0]!.models[0]!.pipelined !== true,
);

const sharingOfOne: fc.Arbitrary<Sharing> = fc.constantFrom(
  { mode: 'streams' } as const,
  { mode: 'timeSlices', switchOverhead: 0.05, quantumUs: undefined } as const,
  { mode: 'timeSlices', switchOverhead: 0.05, quantumUs: 700 } as const,
);

describe('an instance that has a shared device to itself', () => {
  it('executes as on an exclusive one, and as beside a model that nobody asks for anything', () => {
    const property = fc.property(loneInstance, sharingOfOne, (spec, sharing) => {
      const alone = simulate(onDevice(spec, sharing, false)).log;
      expectSameAnswers(alone, simulate(spec).log);
      expectSameAnswers(simulate(onDevice(spec, sharing, true)).log, alone);
    });
    fc.assert(property, { numRuns: cases(200) });
  });
});

describe('the short ways of simulating a component', () => {
  it('give a lone model the same request log, to the byte, as the general event loop', () => {
    fc.assert(fc.property(anyScenario, expectSameLogs), { numRuns: cases(400) });
  });

  it('do so where executions are shorter than threads take to wake', () => {
    fc.assert(fc.property(hurried, expectSameLogs), { numRuns: cases(600) });
  });

  it('give models that share a device the same request log as the general event loop', () => {
    fc.assert(fc.property(sharedDevice, expectSameLogs), { numRuns: cases(300) });
  });
});
