import * as z from 'zod';
import type { CallStep, Ensemble, EnsembleStep, ModelCall } from '../scenario/composition.js';
import type { Engine, TokenLaw } from '../scenario/engine.js';
import type {
  CacheOptions,
  ClientThreads,
  Contents,
  Device,
  HostThreadWaits,
  InstanceLimits,
  IterationLaw,
  LimitedResource,
  Machine,
  MeasuredNetworkDelay,
  ModelCacheOptions,
  Network,
  NetworkDelay,
  RateLimitOptions,
  ResponseLaw,
  ServerOptions,
  Sharing,
  Slo,
  Tenant,
  ThinkTime,
} from '../scenario/scenario.js';
import { tenantSchema } from '../scenario/spec/tenant-spec.js';
import type {
  ArrivalRecipe,
  DetachedLoad,
  DetachedModel,
  DetachedScenario,
  DetachedServer,
  DetachedTenant,
} from './detached.js';
import { amount, figure, flag, hash, index, modelConfig, record, text } from './detached-model-config.js';

const ensemble = record<Ensemble>({
  steps: z.array(record<EnsembleStep>({ model: index, needs: z.array(index), gives: z.array(index) })),
  inputs: index,
  tensors: index,
  outputs: z.map(text, index),
  maxInFlight: index.exactOptional(),
});

const callStep = z.union([
  z.strictObject({ ownUs: amount }),
  z.strictObject({
    calls: z.array(
      record<ModelCall>({
        model: index,
        per: z.enum(['request', 'batch']),
        probability: amount,
        inferences: z.int().min(1).or(z.undefined()),
      }),
    ),
    atOnce: flag,
  }),
]) as z.ZodType<CallStep>;

const networkDelays = { requestDelayUs: figure, responseDelayUs: figure };

const measuredNetworkDelay = record<MeasuredNetworkDelay>({
  ...networkDelays,
  wakeUs: figure.exactOptional(),
  clientUs: figure.exactOptional(),
  byRate: z
    .array(
      record<NetworkDelay & { readonly requestsPerS: number }>({ ...networkDelays, requestsPerS: amount }),
    )
    .exactOptional(),
});

const model = record<DetachedModel>({
  config: modelConfig,
  instances: z.array(
    record<DetachedModel['instances'][number]>({
      device: z.int().min(-1),
      profile: hash,
      limits: record<InstanceLimits>({ demand: z.map(text, index), priority: index }).exactOptional(),
    }),
  ),
  pipelined: flag.exactOptional(),
  takesTurns: flag.exactOptional(),
  networkDelay: measuredNetworkDelay.exactOptional(),
  batcherWinsShare: figure.exactOptional(),
  furtherResponseUs: figure.exactOptional(),
  requestCpuUs: figure.exactOptional(),
  executionCpuUs: figure.exactOptional(),
  coldStart: flag.exactOptional(),
  loadMs: amount.exactOptional(),
  memoryMb: amount.exactOptional(),
  ensemble: ensemble.exactOptional(),
  calls: z.array(callStep).exactOptional(),
  engine: record<Engine>({
    maxSequences: z.int().min(1),
    tokenBudget: z.int().min(1),
    kvTokens: z.int().min(1).exactOptional(),
    streams: flag,
  }).exactOptional(),
  iterations: record<IterationLaw>({
    mean: amount,
    law: z.enum(['constant', 'geometric']),
    streams: flag,
  }).exactOptional(),
  responses: record<ResponseLaw>({
    mean: amount,
    law: z.enum(['constant', 'geometric']),
    firstUs: figure,
    gapUs: amount,
    endUs: amount.exactOptional(),
  }).exactOptional(),
});

const options = record<ServerOptions>({
  tritonVersion: text,
  protocol: z.enum(['grpc', 'http']),
  frontEndThreads: z.int().min(1),
  batcherWakeUs: figure,
  batcherAwakeUs: figure.exactOptional(),
  instancePickUpUs: figure,
  instanceWakeUs: figure.exactOptional(),
  timerSlackUs: figure.exactOptional(),
  batcherWinsShare: figure.exactOptional(),
  threadWaits: record<HostThreadWaits>({ share: figure, longestUs: figure, cores: amount }).exactOptional(),
  idleCounterDrift: flag.exactOptional(),
  ensembleStepUs: amount.exactOptional(),
  blsCallUs: amount.exactOptional(),
  cache: record<CacheOptions>({
    bytes: amount,
    lookUpUs: amount,
    copyPerKilobyteUs: amount,
    hashPerKilobyteUs: amount,
  }).exactOptional(),
  rateLimit: record<RateLimitOptions>({
    resources: z.array(record<LimitedResource>({ name: text, count: index, device: index.exactOptional() })),
  }).exactOptional(),
});

const sharing: z.ZodType<Sharing> = z.union([
  z.strictObject({ mode: z.literal('exclusive') }),
  z.strictObject({ mode: z.literal('streams') }),
  z.strictObject({ mode: z.literal('hostCores'), cores: amount }),
  z.strictObject({ mode: z.literal('timeSlices'), switchOverhead: figure, quantumUs: amount.optional() }),
  z.strictObject({ mode: z.literal('mps'), shares: z.map(text, figure) }),
  z.strictObject({
    mode: z.literal('mig'),
    parent: text,
    computeSlices: amount,
    neighbourSlowdown: amount.exactOptional(),
  }),
]) as z.ZodType<Sharing>;

const server = record<DetachedServer>({
  name: text,
  machine: record<Machine>({ kind: text, usdPerHour: figure, priceSource: text }),
  cpuCores: amount,
  backgroundCores: amount.exactOptional(),
  network: record<Network>({
    ...networkDelays,
    wakeUs: figure.exactOptional(),
    clientUs: figure.exactOptional(),
    requestBytesPerUs: amount,
    responseBytesPerUs: amount,
  }),
  options,
  devices: z.array(record<Device>({ name: text, kind: text, memoryMb: amount, sharing })),
  models: z.array(model),
  modelCache: record<ModelCacheOptions>({ memoryMb: amount }).exactOptional(),
});

const recipe = z
  .strictObject({
    tenant: text,
    load: tenantSchema.shape.load,
    batchSize: tenantSchema.shape.batchSize.unwrap(),
    sequences: tenantSchema.shape.sequences,
    statedUs: amount.exactOptional(),
  })
  .refine(({ load }) => load.trace === undefined || hash.safeParse(load.trace.file).success, {
    path: ['load', 'trace', 'file'],
    error: 'is no address of content',
  }) as unknown as z.ZodType<ArrivalRecipe>;

const thinkTime = z.strictObject({
  law: z.enum(['constant', 'exponential']),
  meanUs: amount,
}) as z.ZodType<ThinkTime>;

const clientThreads = record<ClientThreads>({
  threads: z.union([
    z.strictObject({ kind: z.literal('shared'), count: z.int().min(1) }),
    z.strictObject({ kind: z.literal('own') }),
  ]),
  sendUs: amount,
  sendCv: amount,
});

const load: z.ZodType<DetachedLoad> = z.union([
  z.strictObject({ mode: z.literal('open'), arrivals: recipe }),
  z.strictObject({
    mode: z.literal('capped'),
    arrivals: recipe,
    maxInFlight: z.int().min(1),
    latencyFrom: z.enum(['planned', 'sent']),
    pacing: z.enum(['schedule', 'gap']).exactOptional(),
  }),
  z.strictObject({
    mode: z.literal('closed'),
    concurrency: z.int().min(1),
    thinkTime,
    maxRequests: amount,
    client: clientThreads.exactOptional(),
  }),
]);

const tokenLaw = record<TokenLaw>({ mean: amount, cv: amount });

const tenant = record<DetachedTenant>({
  name: text,
  model: text,
  targets: z.array(record<Tenant['targets'][number]>({ server: index, model: index })).min(1),
  routing: z.enum(['roundRobin', 'random', 'leastOutstanding', 'powerOfTwo']),
  load,
  usualPerS: amount.exactOptional(),
  batchSize: amount,
  requestBytes: amount,
  responseBytes: amount,
  sharedMemory: z.enum(['system', 'cuda']).exactOptional(),
  sharedStreams: index.exactOptional(),
  priority: index,
  timeoutUs: amount,
  shape: index,
  outputs: z.array(text).exactOptional(),
  contents: record<Contents>({ objects: index, exponent: amount }).exactOptional(),
  tokens: record<NonNullable<Tenant['tokens']>>({ prompt: tokenLaw, output: tokenLaw }).exactOptional(),
  slo: record<Slo>({
    percentile: figure,
    limitMs: amount,
    firstResponseMs: amount.exactOptional(),
    betweenResponsesMs: amount.exactOptional(),
    penaltyUsdPerHour: amount.exactOptional(),
  }).exactOptional(),
});

/** What a point's scenario must be, however it came: its fields, and that its places are places of what is in it. */
export const detachedScenarioSchema: z.ZodType<DetachedScenario> = record<DetachedScenario>({
  seed: z.union([z.number(), z.string()]),
  durationUs: z.number().positive(),
  warmUpUs: amount,
  servers: z.array(server).min(1),
  tenants: z.array(tenant).min(1),
}).superRefine(({ servers, tenants }, context) => {
  const add = (path: (string | number)[]) =>
    context.addIssue({ code: 'custom', path, message: 'names a place that there is not' });
  for (const [s, { devices, models }] of servers.entries()) {
    for (const [m, { instances }] of models.entries()) {
      for (const [i, { device }] of instances.entries())
        if (device >= devices.length) add(['servers', s, 'models', m, 'instances', i, 'device']);
    }
  }
  for (const [t, { targets }] of tenants.entries()) {
    for (const [i, target] of targets.entries())
      if (servers[target.server]?.models[target.model] === undefined) add(['tenants', t, 'targets', i]);
  }
});
