import fc from 'fast-check';
import type { ModelProfile } from '../../src/profile/profile.js';
import {
  type DynamicBatching,
  NO_QUEUE_POLICY,
  type QueuePolicy,
  type TensorConfig,
} from '../../src/scenario/model-config.js';
import type { Load, MeasuredNetworkDelay, Scenario, Sharing, Tenant } from '../../src/scenario/scenario.js';
import {
  arrivals,
  config,
  profile,
  type ServerSketch,
  scenario,
  server,
  tenant,
} from '../support/scenario.js';

/** What a random scenario may have; everything that is left out may be. */
export interface Freedom {
  readonly loads?: readonly Load['mode'][];
  readonly sharing?: readonly Sharing['mode'][];
  readonly policies?: boolean;
  /** Limited cores, a front end that takes time, limited bandwidth. */
  readonly host?: boolean;
  /** A front end that takes time; default: as `host`. */
  readonly frontEnd?: boolean;
  /** Draws in service times. */
  readonly spread?: boolean;
  readonly pipelined?: boolean;
  readonly servers?: number;
}

const DURATION_S = 0.3;
const MODELS = ['m0', 'm1', 'm2'];
/** Times that put many events on the same instant, and times that do not. */
const phaseMs = fc.constantFrom(0, 0.2, 0.1237);

/**
 * Scenarios of up to two servers, three models and four tenants, a third of a second long. Half of
 * them, where the load may be open, can be simulated by the short ways.
 */
export function anyScenario(freedom: Freedom = {}): fc.Arbitrary<Scenario> {
  const wide = scenariosWith(freedom);
  if (freedom.loads?.includes('open') === false) return wide;
  const { host, frontEnd = host } = freedom;
  return fc.oneof(
    wide,
    scenariosWith({ ...freedom, loads: ['open'], host: false, frontEnd: frontEnd !== false }),
  );
}

function scenariosWith(freedom: Freedom): fc.Arbitrary<Scenario> {
  return fc.integer({ min: 1, max: MODELS.length }).chain((models) =>
    fc
      .record({
        profiles: fc.tuple(...MODELS.slice(0, models).map((name) => anyProfile(name, freedom))),
        batching: fc.array(anyBatching(freedom), { minLength: models, maxLength: models }),
        /** -1: requests of different shape do not share a batch. */
        dims: fc.constantFrom(3, -1),
        maxBatchSize: fc.integer({ min: 2, max: 6 }),
        instances: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: models, maxLength: models }),
        /** Where each model's instances are: a device, or -1 for the host. */
        device: fc.array(fc.constantFrom(0, 0, 0, 1, -1), { minLength: models, maxLength: models }),
        servers: fc.array(anyServer(freedom), { minLength: 1, maxLength: freedom.servers ?? 2 }),
        pipelined: fc.constantFrom(false, false, freedom.pipelined !== false),
        coldStart: fc.boolean(),
        networkDelays: fc.array(fc.constantFrom(undefined, PLAIN_NETWORK_DELAY, RATED_NETWORK_DELAY), {
          minLength: 3,
          maxLength: 3,
        }),
        tenants: fc.array(anyTenant(models, freedom), { minLength: 1, maxLength: 4 }),
      })
      .map((spec) => {
        const served = spec.profiles.map((model, m) => ({
          config: { ...config(model.model, spec.maxBatchSize, spec.batching[m]), inputs: [input(spec.dims)] },
          profile: model,
          instances: spec.instances[m]!,
          device: spec.device[m]!,
          more: {
            pipelined: spec.pipelined,
            coldStart: spec.coldStart,
            ...(spec.networkDelays[m] !== undefined && { networkDelay: spec.networkDelays[m] }),
          },
        }));
        const servers = spec.servers.map((sketch, s) =>
          server(`s${s}`, { devices: 2, ...sketch, models: served }),
        );
        const tenants = spec.tenants.map((sketch, t) => sketch(t, servers.length));
        return scenario(servers, tenants, DURATION_S);
      }),
  );
}

/** Ways to a model of its own, the second one by requests per second: rates here lie between the two. */
const PLAIN_NETWORK_DELAY: MeasuredNetworkDelay = { requestDelayUs: 250, responseDelayUs: 70 };
const RATED_NETWORK_DELAY: MeasuredNetworkDelay = {
  ...PLAIN_NETWORK_DELAY,
  byRate: [
    { requestsPerS: 10, requestDelayUs: 300, responseDelayUs: 200 },
    { requestsPerS: 2000, requestDelayUs: 50, responseDelayUs: 40 },
  ],
};

function input(dim: number): TensorConfig {
  return { name: 'x', dataType: 'TYPE_FP32', dims: [dim], allowRaggedBatch: false, optional: false };
}

function anyProfile(name: string, freedom: Freedom): fc.Arbitrary<ModelProfile> {
  const host = freedom.host !== false;
  const frontEnd = freedom.frontEnd ?? host;
  return fc
    .record({
      fixedMs: fc.constantFrom(1, 2.5, 7.003),
      itemMs: fc.constantFrom(0, 0.5, 0.2501),
      inputMs: phaseMs,
      outputMs: phaseMs,
      cv: fc.constantFrom(0, freedom.spread === false ? 0 : 0.3),
      response: fc.record({
        fixedUs: fc.constantFrom(0, 15),
        perRequestUs: fc.constantFrom(0, 20),
        perKilobyteUs: fc.constantFrom(0, 3),
        releaseUs: fc.constantFrom(0, 0, 25),
      }),
      frontEndUs: fc.constantFrom(0, 0, frontEnd ? 300 : 0),
      cores: fc.constantFrom(0, host ? 1 : 0),
      linearIdlePenalty: fc.constantFrom(undefined, { freeMs: 1, msPerIdleMs: 0.1, maxIdleMs: 10 }),
      warmUpState: fc.constantFrom(undefined, undefined, { timeConstantMs: 5, coldSpeed: 0.6 }),
      speedDrift: fc.constantFrom(undefined, undefined, { cv: 0.2, timeConstantMs: 50 }),
      self: fc.constantFrom(1, 1.7, 2),
    })
    .map(({ fixedMs, itemMs, inputMs, outputMs, cv, response, frontEndUs, cores, self, ...pauses }) => {
      const { linearIdlePenalty, warmUpState, speedDrift } = pauses;
      const base = profile(name, fixedMs, itemMs);
      return {
        ...base,
        service: base.service.map((point) => ({ ...point, inputMs, outputMs })),
        spread: cv === 0 ? { law: 'none' as const } : { law: 'gamma' as const, cv },
        response,
        frontEnd: { perRequestUs: frontEndUs, perKilobyteUs: 0, cv: freedom.spread === false ? 0 : 0.2 },
        hostCores: { input: cores, infer: cores, output: cores, response: cores },
        load: { loadMs: 0, unloadMs: 0, firstInferenceMs: 5 },
        interference: { self, pairs: MODELS.map((model) => ({ model, slowdown: 1.4 })) },
        ...(linearIdlePenalty === undefined ? {} : { linearIdlePenalty }),
        ...(warmUpState === undefined ? {} : { warmUpState }),
        ...(speedDrift === undefined || freedom.spread === false ? {} : { speedDrift }),
      };
    });
}

const policy = (more: Partial<QueuePolicy>): QueuePolicy => ({ ...NO_QUEUE_POLICY, ...more });

/** Policies of a level that are valid together with anything else. */
const anyPolicy: fc.Arbitrary<QueuePolicy> = fc.constantFrom(
  policy({}),
  policy({ maxQueueSize: 4 }),
  policy({ defaultTimeoutUs: 6000 }),
  policy({ defaultTimeoutUs: 9000, allowTimeoutOverride: true, maxQueueSize: 8 }),
  policy({ defaultTimeoutUs: 6000, timeoutAction: 'DELAY' }),
);

function anyBatching(freedom: Freedom): fc.Arbitrary<Partial<DynamicBatching> | undefined> {
  const delays = {
    maxQueueDelayUs: fc.constantFrom(0, 0, 500, 3000, 20_000),
    preferredBatchSizes: fc.constantFrom([], [], [2], [1, 2]),
  };
  const plain = fc.record({ ...delays, preserveOrdering: fc.boolean() });
  const withPolicy = fc.record({ ...delays, defaultQueuePolicy: anyPolicy });
  const withLevels = fc.record({
    ...delays,
    defaultQueuePolicy: anyPolicy,
    priorityLevels: fc.constant(2),
    defaultPriorityLevel: fc.integer({ min: 1, max: 2 }),
    priorityQueuePolicy: anyPolicy.map((own) => new Map([[1, own]])),
  });
  const anyKind = freedom.policies === false ? [plain] : [plain, withPolicy, withLevels];
  return fc.option<Partial<DynamicBatching>, undefined>(fc.oneof(...anyKind), { nil: undefined, freq: 4 });
}

const SHARING: Record<Sharing['mode'], fc.Arbitrary<Sharing>> = {
  exclusive: fc.constant({ mode: 'exclusive' }),
  streams: fc.constant({ mode: 'streams' }),
  timeSlices: fc.record({
    mode: fc.constant('timeSlices' as const),
    switchOverhead: fc.constantFrom(0, 0.05),
    quantumUs: fc.constantFrom(undefined, 700, Infinity),
  }),
  mps: fc.constantFrom<Sharing>(
    { mode: 'mps', shares: new Map([['m0', 0.5]]) },
    { mode: 'mps', shares: new Map(MODELS.map((model) => [model, 0.3])) },
  ),
  mig: fc.constant({ mode: 'mig', parent: 'A100-80GB', computeSlices: 2 }),
  hostCores: fc.constantFrom<Sharing>({ mode: 'hostCores', cores: 1 }, { mode: 'hostCores', cores: 2 }),
};

function anyServer(freedom: Freedom): fc.Arbitrary<Omit<ServerSketch, 'models' | 'devices'>> {
  const modes = freedom.sharing ?? (Object.keys(SHARING) as Sharing['mode'][]);
  const host = freedom.host !== false;
  return fc
    .record({
      sharing: fc.oneof(...modes.map((mode) => SHARING[mode])),
      wakeUs: fc.constantFrom(0, 5, 40),
      pickUpUs: fc.constantFrom(0, 2, 30),
      cpuCores: fc.constantFrom(Infinity, host ? 1 : Infinity, host ? 2.5 : Infinity),
      network: fc.record({
        requestDelayUs: fc.constantFrom(0, 150),
        responseDelayUs: fc.constantFrom(0, 150),
        requestBytesPerUs: fc.constantFrom(Infinity, Infinity, host ? 3 : Infinity),
        responseBytesPerUs: fc.constantFrom(Infinity, Infinity, host ? 1 : Infinity),
      }),
    })
    .map(({ sharing, wakeUs, pickUpUs, ...more }) => ({ sharing, wakeUs, pickUpUs, more }));
}

/** Requests at the gaps given, with columns of their own. */
const anyTrace = fc
  .array(
    fc.record({
      gapUs: fc.oneof(fc.constantFrom(0, 1000), fc.integer({ min: 0, max: 9000 })),
      size: fc.integer({ min: 1, max: 2 }),
      priority: fc.integer({ min: 0, max: 3 }),
      timeoutUs: fc.constantFrom(0, 2000),
    }),
    { maxLength: 60 },
  )
  .map((rows) => {
    let atUs = 0;
    const load = arrivals(
      rows.map(({ gapUs }) => (atUs += gapUs)),
      {
        batchSize: Uint16Array.from(rows, ({ size }) => size),
        priority: Uint32Array.from(rows, ({ priority }) => priority),
        timeoutUs: Float64Array.from(rows, ({ timeoutUs }) => timeoutUs),
      },
    );
    if (load.mode !== 'open') throw new Error('arrivals are open loop');
    return load.trace;
  });

const LOADS: Record<Load['mode'], fc.Arbitrary<Load>> = {
  open: fc.record({ mode: fc.constant('open' as const), trace: anyTrace }),
  capped: fc.record({
    mode: fc.constant('capped' as const),
    trace: anyTrace,
    maxInFlight: fc.integer({ min: 1, max: 4 }),
    latencyFrom: fc.constantFrom('planned' as const, 'sent' as const),
    pacing: fc.constantFrom('schedule' as const, 'gap' as const),
  }),
  closed: fc
    .record({
      mode: fc.constant('closed' as const),
      concurrency: fc.integer({ min: 1, max: 5 }),
      thinkTime: fc.record({
        law: fc.constantFrom('constant' as const, 'exponential' as const),
        meanUs: fc.constantFrom(0, 1000, 4321),
      }),
      maxRequests: fc.constantFrom(20, 1e9),
      client: fc.constantFrom(undefined, undefined, {
        threads: { kind: 'shared', count: 2 },
        sendUs: 300,
        sendCv: 0.5,
      } as const),
    })
    .map(({ client, ...load }) => ({ ...load, ...(client !== undefined && { client }) })),
};

function anyTenant(
  models: number,
  freedom: Freedom,
): fc.Arbitrary<(index: number, servers: number) => Tenant> {
  const modes = freedom.loads ?? (Object.keys(LOADS) as Load['mode'][]);
  return fc
    .record({
      model: fc.nat({ max: models - 1 }),
      load: fc.oneof(...modes.map((mode) => LOADS[mode])),
      routing: fc.constantFrom<Tenant['routing']>('roundRobin', 'random', 'leastOutstanding', 'powerOfTwo'),
      everywhere: fc.boolean(),
      batchSize: fc.integer({ min: 1, max: 2 }),
      priority: fc.integer({ min: 0, max: 2 }),
      timeoutUs: fc.constantFrom(0, 3000),
      shape: fc.integer({ min: 0, max: 1 }),
    })
    .map(
      ({ model, load, everywhere, ...more }) =>
        (index, servers) =>
          tenant(`t${index}`, `m${model}`, load, {
            targets: Array.from({ length: everywhere ? servers : 1 }, (_, i) => ({
              server: everywhere ? i : index % servers,
              model,
            })),
            ...more,
          }),
    );
}
