import { describe, expect, it } from 'vitest';
import type { ModelProfile } from '../../src/profile/profile.js';
import { ASSUMED_FACTS, factsOf } from '../../src/profile/server-facts.js';
import type { Serving } from '../../src/profile/serving.js';
import { withClientPause, withGeneratorDelay } from '../../src/scenario/generator-delay.js';
import type { ScenarioResources } from '../../src/scenario/resources.js';
import type { Tenant } from '../../src/scenario/scenario.js';
import { check, profile, scenarioText } from '../scenario/fixtures.js';

const measured: Serving = {
  batcherWakeUs: 40,
  instanceWakeUs: 60,
  instancePickUpUs: 20,
  timerSlackUs: 70,
  batcherWinsShare: 0.4,
  requestDelayUs: 110,
  responseDelayUs: 90,
  generatorUs: 50,
  cpuCores: 2,
};

/** The checked server `main` where these profiles are read and it says `server` of itself. */
function serverWith(
  profiles: readonly ModelProfile[],
  server = '',
  more: Parameters<typeof scenarioText>[0] = {},
  serverProfiles: ScenarioResources['serverProfiles'] = new Map(),
) {
  const files = profiles.map((each, i) => ({ file: `${i}.profile.json`, profile: each }));
  const { scenario } = check(scenarioText({ ...more, server }), {
    profiles: new Map([['profiles', { value: files }]]),
    serverProfiles,
  });
  return scenario.servers[0]!;
}

const own = (serving: Serving | undefined, name = 'resnet') =>
  profile(name, 'Tesla P4', serving === undefined ? {} : { serving });

const BOTH_MODELS = {
  models:
    '[{name: resnet, config: {max_batch_size: 8, dynamic_batching: {}}}, {name: bert, config: {max_batch_size: 8}}]',
};

describe('a server that says nothing of its delays', () => {
  it('takes those that were measured with its model', () => {
    const { options, models } = serverWith([own(measured)]);
    expect(options).toMatchObject({
      batcherWakeUs: 40,
      instanceWakeUs: 60,
      instancePickUpUs: 20,
      timerSlackUs: 70,
      batcherWinsShare: 0.4,
    });
    expect(models[0]!.networkDelay).toMatchObject({ requestDelayUs: 110, responseDelayUs: 90 });
    // A batcher that is awake needs no more than an instance that goes on.
    expect(options.batcherAwakeUs).toBe(20);
    expect(serverWith([own(measured)], 'triton: {batcherWakeUs: 10}').options).not.toHaveProperty(
      'batcherAwakeUs',
    );
  });

  it('refuses models that were measured on two servers, and names both', () => {
    const other = own({ ...measured, batcherWakeUs: 80, cpuCores: 8 }, 'bert');
    expect(() => serverWith([own(measured), other], '', BOTH_MODELS)).toThrow(
      'the profiles of "main" were measured on two servers that differ: 0.profile.json and 1.profile.json; name one of them as its serverProfile',
    );
  });

  it('takes models that were measured on equal ones, each with its own network delay', () => {
    const far = { ...measured, requestDelayUs: 700 };
    const { options, models } = serverWith([own(measured), own(far, 'bert')], '', BOTH_MODELS);
    expect(options.batcherWakeUs).toBe(40);
    expect(models.map(({ networkDelay }) => networkDelay!.requestDelayUs)).toEqual([110, 700]);
  });

  it('takes what its serverProfile says in place of what was measured, for each of its models', () => {
    const other = own({ ...measured, batcherWakeUs: 80, cpuCores: 8 }, 'bert');
    const server = { format: 'perseus-server/1', ...factsOf(measured), instanceWakeUs: 9 } as const;
    const { options, models } = serverWith(
      [own(measured), other],
      'serverProfile: elsewhere.json',
      BOTH_MODELS,
      new Map([['elsewhere.json', { value: { file: 'elsewhere.json', server } }]]),
    );
    expect(options).toMatchObject({ batcherWakeUs: 40, instanceWakeUs: 9 });
    for (const { instances } of models)
      expect(instances[0]!.profile.serving).toMatchObject({ instanceWakeUs: 9, cpuCores: 2 });
  });

  it('does not count models of which nothing was measured, nor those whose server is assumed', () => {
    for (const nothing of [undefined, { ...measured, ...ASSUMED_FACTS, cpuCores: undefined }]) {
      const serving = JSON.parse(JSON.stringify(nothing ?? null)) ?? undefined;
      const { options } = serverWith([own(measured), own(serving, 'bert')], '', BOTH_MODELS);
      expect(options.batcherWakeUs).toBe(40);
    }
  });

  it('has the usual delays and no race where nothing was measured', () => {
    const { options, network } = serverWith([own(undefined)]);
    expect(options).toMatchObject({ batcherWakeUs: 5, instancePickUpUs: 2 });
    for (const field of ['instanceWakeUs', 'timerSlackUs', 'batcherWinsShare'])
      expect(options).not.toHaveProperty(field);
    expect(network).toMatchObject({ requestDelayUs: 0, responseDelayUs: 0 });
  });
});

describe('what a scenario says of a server', () => {
  it('counts more than what was measured, field by field, 0 included', () => {
    const { options, models } = serverWith(
      [own(measured)],
      'triton: {batcherWakeUs: 0, batcherWinsShare: 0, timerSlackUs: 1}\n    network: {requestDelayUs: 0}',
    );
    expect(options).toMatchObject({
      batcherWakeUs: 0,
      batcherWinsShare: 0,
      timerSlackUs: 1,
      instanceWakeUs: 60,
      instancePickUpUs: 20,
    });
    expect(models[0]!.networkDelay).toMatchObject({ requestDelayUs: 0, responseDelayUs: 90 });
  });

  it('of the pick-up is also meant for instances that are idle', () => {
    const { options } = serverWith([own(measured)], 'triton: {instancePickUpUs: 7}');
    expect(options).toMatchObject({ instancePickUpUs: 7, instanceWakeUs: 7 });
  });
});

describe('core time that a request was measured to take', () => {
  const known = { ...measured, clientUs: 80, requestCpuUs: 250, clientCpuUs: 150 };
  const taken = (serving: Serving, server = '') => serverWith([own(serving)], server).models[0]!.requestCpuUs;

  it('holds that of its client, which was on the same host', () => {
    expect(taken(known)).toBe(400);
  });

  it("is the server's alone where the scenario has its clients elsewhere, or costing nothing", () => {
    expect(taken(known, 'network: {clientUs: 0}')).toBe(250);
    expect(taken(known, 'network: {requestDelayUs: 5000}')).toBe(250);
    expect(taken(known, 'network: {clientUs: 20}')).toBe(400);
  });

  it('is unknown where it was not measured', () => {
    expect(taken({ ...measured, clientUs: 80 })).toBeUndefined();
    expect(serverWith([own(undefined)]).models[0]!.requestCpuUs).toBeUndefined();
  });
});

describe('clients whose threads were measured to take some of the way', () => {
  const clients = { ...measured, clientUs: 80 };

  it('are on both directions of the network delay to each model', () => {
    const { models } = serverWith([own(clients)]);
    expect(models[0]!.networkDelay).toMatchObject({ requestDelayUs: 150, responseDelayUs: 130 });
  });

  it('may be said to take something else, or nothing', () => {
    const at = (clientUs: number) =>
      serverWith([own(clients)], `network: {clientUs: ${clientUs}}`).models[0]!;
    expect(at(20).networkDelay).toMatchObject({ requestDelayUs: 120, responseDelayUs: 100 });
    expect(at(0).networkDelay).toEqual({ requestDelayUs: 110, responseDelayUs: 90, wakeUs: 240 });
  });

  it('are part of a delay that the scenario gives', () => {
    const { models } = serverWith([own(clients)], 'network: {requestDelayUs: 7}');
    // How much of that is waking is not known.
    expect(models[0]!.networkDelay).toEqual({ requestDelayUs: 7, responseDelayUs: 130, wakeUs: 0 });
  });

  it('give way to the load generator of perseus where that sends', () => {
    const { scenario } = check(scenarioText());
    const [met] = withGeneratorDelay({ ...scenario, servers: [serverWith([own(clients)])] }).servers;
    expect(met!.models[0]!.networkDelay).toMatchObject({ requestDelayUs: 135, responseDelayUs: 115 });
  });

  it('wait at every rate', () => {
    const networkDelayByRate = [
      { requestsPerS: 10, requestDelayUs: 200, responseDelayUs: 200 },
      { requestsPerS: 1000, requestDelayUs: 50, responseDelayUs: 50 },
    ];
    const { networkDelay } = serverWith([own({ ...clients, networkDelayByRate })]).models[0]!;
    expect(networkDelay!.byRate).toEqual([
      { requestsPerS: 10, requestDelayUs: 240, responseDelayUs: 240 },
      { requestsPerS: 1000, requestDelayUs: 90, responseDelayUs: 90 },
    ]);
  });
});

describe('the load generator of perseus', () => {
  it('adds half of what was measured of it to each way', () => {
    const server = serverWith([own(measured)]);
    const { scenario } = check(scenarioText());
    const [met] = withGeneratorDelay({ ...scenario, servers: [server] }).servers;
    expect(met!.models[0]!.networkDelay).toMatchObject({ requestDelayUs: 135, responseDelayUs: 115 });
  });

  it('takes the network delay to each model as it was measured with that model', () => {
    const server = serverWith([own(measured)]);
    const { scenario } = check(scenarioText());
    const [met] = withGeneratorDelay({ ...scenario, servers: [server] }).servers;
    expect(server.models[0]!.networkDelay).toEqual({ requestDelayUs: 110, responseDelayUs: 90, wakeUs: 240 });
    expect(met!.models[0]!.networkDelay).toMatchObject({ requestDelayUs: 135, responseDelayUs: 115 });
  });

  it('lets closed-loop clients pause who would send again at once, and leaves those that think as they are', () => {
    const { scenario } = check(scenarioText());
    const [tenant] = scenario.tenants;
    const closedLoopClient = (meanUs: number): Tenant => ({
      ...tenant!,
      targets: [{ server: 0, model: 0 }],
      load: { mode: 'closed', concurrency: 2, thinkTime: { law: 'constant', meanUs }, maxRequests: Infinity },
    });
    const servers = [serverWith([own(measured)])];
    const met = [closedLoopClient(0), closedLoopClient(400), tenant!].map((each) =>
      withClientPause(each, servers),
    );
    expect(met[0]!.load).toMatchObject({ thinkTime: { law: 'exponential', meanUs: 50 } });
    expect(met.slice(1)).toEqual([closedLoopClient(400), tenant!]);
  });

  it('adds nothing where nothing was measured', () => {
    const { scenario } = check(scenarioText());
    expect(withGeneratorDelay(scenario)).toEqual(scenario);
  });
});
