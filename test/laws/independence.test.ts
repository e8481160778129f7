import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceTime } from '../../src/profile/service-time.js';
import type { Load, MeasuredNetworkDelay, Scenario, Server } from '../../src/scenario/scenario.js';
import { simulate } from '../../src/simulator/simulate.js';
import { cases } from '../support/cases.js';
import { arrivals, config, profile, scenario, server, tenant } from '../support/scenario.js';
import { anyScenario } from './arbitrary-scenario.js';
import { rowsWhere } from './log.js';

/** Everything about one tenant's requests but the numbers of executions, which count the whole run. */
function requestsOf(spec: Scenario, name: string): unknown {
  const { log } = simulate(spec);
  const { tenants, servers } = log;
  const { execution: _, ...calls } = log.calls;
  const columns = [
    ...columnsOf({ ...log, tenant: [], server: [] }),
    ...columnsOf({ ...calls, model: [], server: [] }),
  ];
  const rows = rowsWhere(log, (row) => tenants[log.tenant[row]!] === name);
  return rows.map((row) => [
    servers[log.server[row]!],
    log.calls.models[log.calls.model[row]!]!.name,
    ...columns.map((column) => column[row]),
  ]);
}

function columnsOf(table: object): ArrayLike<number>[] {
  return Object.values(table).filter((column) =>
    ArrayBuffer.isView(column),
  ) as unknown as ArrayLike<number>[];
}

describe('adding a tenant', () => {
  it('on a server of its own changes nothing for the others', () => {
    const property = fc.property(anyScenario(), fc.constantFrom('first', 'last'), (spec, where) => {
      const newcomer = profile('new', 3, 0.5, { spread: { law: 'gamma', cv: 0.5 } });
      const own = server('own', { models: [{ config: config('new', 4, {}), profile: newcomer }] });
      const grown = withTenant(
        spec,
        where,
        { ...spec, servers: [...spec.servers, own] },
        spec.servers.length,
        0,
      );
      for (const { name } of spec.tenants) expect(requestsOf(grown, name)).toEqual(requestsOf(spec, name));
    });
    fc.assert(property, { numRuns: cases(60) });
  });

  it('on the same server, but an exclusive device and with a host that never limits nor falls asleep, changes nothing for the others', () => {
    const arbitrary = anyScenario({ host: false, sharing: ['exclusive'] }).map(withPlainNetworkDelays);
    const property = fc.property(arbitrary, fc.constantFrom('first', 'last'), (spec, where) => {
      const newcomer = profile('new', 3, 0.5, { spread: { law: 'gamma', cv: 0.5 } });
      const model = { config: config('new', 4, {}), instances: [{ device: 0, profile: newcomer }] };
      const servers = spec.servers.map((each, s) =>
        s === 0 ? { ...each, models: [...each.models, model] } : each,
      );
      const grown = withTenant(spec, where, { ...spec, servers }, 0, spec.servers[0]!.models.length);
      for (const { name } of spec.tenants) expect(requestsOf(grown, name)).toEqual(requestsOf(spec, name));
    });
    fc.assert(property, { numRuns: cases(60) });
  });

  it('on a shared device slows the others: the laws above are not empty', () => {
    const model = (name: string) => ({
      config: config(name, 1),
      profile: profile(name, 5, 0, { interference: { pairs: [], sensitivity: 1, pressure: 1 } }),
    });
    const shared = server('s', { models: [model('a'), model('b')], sharing: { mode: 'streams' } });
    const load = arrivals(Array.from({ length: 20 }, (_, i) => i * 10_000));
    const alone = scenario([shared], [tenant('a', 'a', load)], 0.3);
    const both = {
      ...alone,
      tenants: [...alone.tenants, tenant('b', 'b', load, { targets: [{ server: 0, model: 1 }] })],
    };
    expect(requestsOf(both, 'a')).not.toEqual(requestsOf(alone, 'a'));
  });
});

function withTenant(old: Scenario, where: string, grown: Scenario, at: number, model: number): Scenario {
  const load = arrivals(Array.from({ length: 40 }, (_, i) => i * 3500));
  const newcomer = tenant('newcomer', 'new', load, { targets: [{ server: at, model }] });
  return { ...grown, tenants: where === 'first' ? [newcomer, ...old.tenants] : [...old.tenants, newcomer] };
}

describe('scaling', () => {
  it.each([2, 3, 10])('every time constant by %d scales every time of the log by it', (factor) => {
    const arbitrary = anyScenario({ spread: false, policies: false, host: false, sharing: ['exclusive'] });
    const property = fc.property(arbitrary.map(inWholeNanoseconds), (spec) => {
      const [plain, scaled] = [spec, scaledBy(spec, factor)].map((each) => {
        const { log } = simulate(each);
        return { ...log, ...log.calls };
      });
      for (const column of ['plannedUs', 'sentUs', 'queuedUs', 'startedUs', 'endedUs'] as const) {
        const ns = (us: number) => Math.round(us * 1000);
        expect(Array.from(scaled![column], ns), column).toEqual(
          Array.from(plain![column], (us) => ns(us) * factor),
        );
      }
    });
    fc.assert(property, { numRuns: cases(60) });
  });
});

/** Nothing drawn, and nothing that is rounded to a nanosecond: an exact law needs exact numbers. */
function inWholeNanoseconds(spec: Scenario): Scenario {
  return {
    ...spec,
    servers: spec.servers.map((each) => ({
      ...each,
      models: each.models.map((model) => ({
        ...model,
        ...(model.networkDelay !== undefined && { networkDelay: plainNetworkDelay(model.networkDelay) }),
        instances: model.instances.map(
          ({ device, profile: { warmUpState: _w, speedDrift: _speedDrift, ...own } }) => ({
            device,
            profile:
              own.linearIdlePenalty === undefined
                ? own
                : { ...own, linearIdlePenalty: { ...own.linearIdlePenalty, msPerIdleMs: 1 } },
          }),
        ),
      })),
    })),
    tenants: spec.tenants.map((each) => ({
      ...each,
      responseBytes: 1024,
      routing: each.routing === 'leastOutstanding' ? each.routing : 'roundRobin',
      load: withConstantThinking(each.load),
    })),
  };
}

/** Ways that take as long however many requests the server gets. */
function withPlainNetworkDelays(spec: Scenario): Scenario {
  return {
    ...spec,
    servers: spec.servers.map((each) => ({
      ...each,
      models: each.models.map((model) => ({
        ...model,
        ...(model.networkDelay && { networkDelay: plainNetworkDelay(model.networkDelay) }),
      })),
    })),
  };
}

function plainNetworkDelay({ requestDelayUs, responseDelayUs }: MeasuredNetworkDelay): MeasuredNetworkDelay {
  return { requestDelayUs, responseDelayUs };
}

function withConstantThinking(load: Load): Load {
  if (load.mode !== 'closed') return load;
  const { client, thinkTime, ...rest } = load;
  return {
    ...rest,
    thinkTime: { law: 'constant', meanUs: thinkTime.meanUs },
    ...(client !== undefined && { client: { ...client, sendCv: 0 } }),
  };
}

function scaledBy(spec: Scenario, factor: number): Scenario {
  return {
    ...spec,
    durationUs: spec.durationUs * factor,
    servers: spec.servers.map((each) => scaledServer(each, factor)),
    tenants: spec.tenants.map((each) => ({ ...each, load: scaledLoad(each.load, factor) })),
  };
}

function scaledLoad(load: Load, factor: number): Load {
  if (load.mode === 'closed') {
    const { client, thinkTime } = load;
    return {
      ...load,
      thinkTime: { ...thinkTime, meanUs: thinkTime.meanUs * factor },
      ...(client !== undefined && { client: { ...client, sendUs: client.sendUs * factor } }),
    };
  }
  return { ...load, trace: { ...load.trace, arrivalUs: load.trace.arrivalUs.map((us) => us * factor) } };
}

function scaledServer(host: Server, factor: number): Server {
  const { network, options } = host;
  return {
    ...host,
    network: {
      ...network,
      requestDelayUs: network.requestDelayUs * factor,
      responseDelayUs: network.responseDelayUs * factor,
    },
    options: {
      ...options,
      batcherWakeUs: options.batcherWakeUs * factor,
      instancePickUpUs: options.instancePickUpUs * factor,
    },
    models: host.models.map((model) => ({
      ...model,
      config: { ...model.config, ...scaledBatching(model.config, factor) },
      ...(model.networkDelay !== undefined && {
        networkDelay: {
          requestDelayUs: model.networkDelay.requestDelayUs * factor,
          responseDelayUs: model.networkDelay.responseDelayUs * factor,
        },
      }),
      instances: model.instances.map(({ device, profile: own }) => ({
        device,
        profile: scaledProfile(own, factor),
      })),
    })),
  };
}

type Model = Server['models'][number];

function scaledBatching({ dynamicBatching }: Model['config'], factor: number): Partial<Model['config']> {
  if (dynamicBatching === undefined) return {};
  return {
    dynamicBatching: { ...dynamicBatching, maxQueueDelayUs: dynamicBatching.maxQueueDelayUs * factor },
  };
}

type Profile = Model['instances'][number]['profile'];

/** Points at every batch size, so that interpolation does not round after scaling. */
function scaledProfile(own: Profile, factor: number): Profile {
  const { response, load, linearIdlePenalty } = own;
  const scaledPoint = (batchSize: number) => {
    const { inputMs, inferMs, outputMs } = serviceTime(own, batchSize);
    const times = { inputMs: inputMs * factor, inferMs: inferMs * factor, outputMs: outputMs * factor };
    return { batchSize, ...times, executions: 1, relativeError: 0 };
  };
  return {
    ...own,
    service: Array.from({ length: 16 }, (_, i) => scaledPoint(i + 1)),
    response: {
      fixedUs: response.fixedUs * factor,
      perRequestUs: response.perRequestUs * factor,
      perKilobyteUs: response.perKilobyteUs * factor,
      releaseUs: (response.releaseUs ?? 0) * factor,
    },
    load: { ...load, firstInferenceMs: load.firstInferenceMs * factor },
    ...(linearIdlePenalty === undefined
      ? {}
      : {
          linearIdlePenalty: {
            ...linearIdlePenalty,
            freeMs: linearIdlePenalty.freeMs * factor,
            maxIdleMs: linearIdlePenalty.maxIdleMs * factor,
          },
        }),
  };
}
