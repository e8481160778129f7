import { between, chance, pick, type Random, repeat } from './choose.js';

/** Models of the T4 profiles that perseus ships. */
const PROFILES = [
  'resnet50-onnx-trt-fp16',
  'bert-large-trt-fp16',
  'wide-and-deep-trt-fp16',
  'fastpitch-pytorch-fp16',
];
const KIND = 'Tesla T4';

/** A small scenario, sound as a rule, with any combination of what a scenario can say. */
export function randomScenario(random: Random): Record<string, unknown> {
  const models = PROFILES.slice(0, between(random, 1, 3)).map((profile, i) => ({ name: `m${i}`, profile }));
  const sequences = new Set(models.filter(() => chance(random, 0.15)).map(({ name }) => name));
  const servers = repeat(between(random, 1, 3), (i) => randomServer(random, `s${i}`, models, sequences));
  const tenants = repeat(between(random, 1, 4), (i) => {
    const { name } = pick(random, models);
    const isOfSequences = sequences.has(name) && chance(random, 0.95);
    return randomTenant(random, `t${i}`, { name, isOfSequences });
  });
  return {
    perseus: 1,
    name: 'random',
    seed: random.nextInt(1000),
    durationS: pick(random, [0.05, 0.5, 1, 2]),
    ...maybe(random, 0.4, 'warmUpS', () => 0.02),
    profiles: ['../../calibration/t4'],
    servers,
    tenants,
  };
}

/** The field with the given probability, for spreading into an object. */
function maybe(
  random: Random,
  probability: number,
  key: string,
  make: () => unknown,
): Record<string, unknown> {
  return chance(random, probability) ? { [key]: make() } : {};
}

interface NamedModel {
  readonly name: string;
  readonly profile: string;
}

function randomServer(
  random: Random,
  name: string,
  models: readonly NamedModel[],
  sequences: ReadonlySet<string>,
) {
  const devices = between(random, 1, 3);
  return {
    name,
    ...maybe(random, 0.2, 'replicas', () => between(random, 1, 3)),
    ...maybe(random, 0.3, 'cpuCores', () => pick(random, [0.5, 2, 16])),
    ...maybe(random, 0.3, 'machine', () => ({ kind: 'x', usdPerHour: 1.5 })),
    ...maybe(random, 0.4, 'network', () => ({
      requestDelayUs: pick(random, [0, 100, 5000]),
      responseDelayUs: pick(random, [0, 0.3, 200]),
      ...maybe(random, 0.5, 'bandwidthMbps', () => pick(random, [1, 100, 10_000])),
    })),
    ...maybe(random, 0.4, 'triton', () => ({
      protocol: pick(random, ['grpc', 'http']),
      batcherWakeUs: pick(random, [0, 5, 500]),
      instancePickUpUs: pick(random, [0, 2, 300]),
      ...maybe(random, 0.5, 'frontEndThreads', () => between(random, 1, 3)),
      ...maybe(random, 0.3, 'idleCounterDrift', () => true),
      ...maybe(random, 0.4, 'cache', () => ({ sizeMb: pick(random, [0.01, 1]), lookUpUs: 5 })),
    })),
    devices: repeat(devices, (i) => ({
      name: `g${i}`,
      kind: KIND,
      ...randomSharing(random, devices === 1, models),
    })),
    models: models.map((model) => ({ ...model, ...randomModel(random, devices, sequences.has(model.name)) })),
  };
}

/** Shares are of the models that run on a device: known to be all of them where it is the only one. */
function randomSharing(random: Random, isOnly: boolean, models: readonly NamedModel[]) {
  const shares = Object.fromEntries(models.map(({ name }) => [name, pick(random, [0.1, 0.3])]));
  const quantum = maybe(random, 0.5, 'quantumUs', () => pick(random, [100, 2000, 50_000]));
  const sharing = pick(random, [
    undefined,
    'exclusive',
    'streams',
    'timeSlices',
    { mode: 'timeSlices', switchOverhead: pick(random, [0, 0.1]), ...quantum },
    ...(isOnly ? [{ mode: 'mps', shares }] : []),
  ]);
  return sharing === undefined ? {} : { sharing };
}

function randomModel(random: Random, devices: number, isOfSequences: boolean) {
  const maxBatch = pick(random, [1, 2, 4, 8, 16, 64]);
  return {
    ...maybe(random, 0.2, 'pipelined', () => true),
    ...maybe(random, 0.2, 'coldStart', () => true),
    config: {
      max_batch_size: maxBatch,
      ...(isOfSequences
        ? { sequence_batching: randomSequenceBatching(random, maxBatch) }
        : {
            ...maybe(random, 0.7, 'dynamic_batching', () => randomBatching(random, maxBatch)),
            ...maybe(random, 0.3, 'response_cache', () => ({ enable: true })),
          }),
      ...maybe(random, 0.6, 'instance_group', () => [
        { count: between(random, 1, 3), gpus: [random.nextInt(devices)] },
      ]),
    },
  };
}

function randomSequenceBatching(random: Random, maxBatch: number) {
  const delay = { max_queue_delay_microseconds: pick(random, [0, 500, 20_000]) };
  const idle = maybe(random, 0.5, 'max_sequence_idle_microseconds', () => pick(random, [1, 8000, 1e6]));
  if (chance(random, 0.5)) {
    return { ...idle, direct: { ...delay, minimum_slot_utilization: pick(random, [0, 0.5, 1]) } };
  }
  return {
    ...idle,
    oldest: {
      ...delay,
      ...maybe(random, 0.5, 'max_candidate_sequences', () => between(random, 1, 9)),
      ...maybe(random, 0.5, 'preferred_batch_size', () => [between(random, 1, maxBatch)]),
    },
  };
}

function randomBatching(random: Random, maxBatch: number) {
  const levels = random.nextInt(4);
  const hasPriorities = levels > 0 && chance(random, 0.5);
  return {
    ...maybe(random, 0.5, 'preferred_batch_size', () => [between(random, 1, maxBatch)]),
    ...maybe(random, 0.6, 'max_queue_delay_microseconds', () => pick(random, [0, 100, 5000, 50_000])),
    ...(hasPriorities ? { priority_levels: levels, default_priority_level: between(random, 1, levels) } : {}),
    ...(chance(random, 0.5)
      ? maybe(random, hasPriorities ? 0 : 0.4, 'preserve_ordering', () => true)
      : maybe(random, 0.6, 'default_queue_policy', () => randomPolicy(random))),
    ...maybe(random, hasPriorities ? 0.4 : 0, 'priority_queue_policy', () => ({ 1: randomPolicy(random) })),
  };
}

function randomPolicy(random: Random) {
  return {
    timeout_action: pick(random, ['REJECT', 'DELAY']),
    default_timeout_microseconds: pick(random, [0, 1000, 20_000]),
    allow_timeout_override: chance(random, 0.5),
    max_queue_size: pick(random, [0, 1, 10]),
  };
}

function randomTenant(
  random: Random,
  name: string,
  { name: model, isOfSequences }: { readonly name: string; readonly isOfSequences: boolean },
) {
  const isClosed = chance(random, isOfSequences ? 0.02 : 0.25);
  return {
    name,
    model,
    routing: pick(random, ['roundRobin', 'random', 'leastOutstanding', 'powerOfTwo']),
    ...maybe(random, 0.05, 'priority', () => between(random, 1, 3)),
    ...maybe(random, 0.3, 'timeoutMs', () => pick(random, [0.5, 10])),
    ...maybe(random, 0.2, 'shape', () => random.nextInt(2)),
    ...maybe(random, isOfSequences ? 0.02 : 0.2, 'batchSize', () => between(random, 1, 2)),
    ...maybe(random, isOfSequences ? 1 : 0, 'sequences', () => ({
      requests: pick(random, [1, 2.5, 10]),
      law: pick(random, ['constant', 'geometric']),
      gapMs: pick(random, [0, 3, 50]),
    })),
    ...maybe(random, 0.3, 'contents', () => ({ objects: pick(random, [1, 10, 1000]) })),
    ...maybe(random, 0.3, 'requestBytes', () => pick(random, [0, 1000, 600_000])),
    ...maybe(random, 0.5, 'slo', () => ({
      percentile: pick(random, [50, 95, 99.9]),
      limitMs: pick(random, [1, 50]),
    })),
    load: isClosed ? closedLoop(random) : openLoad(random),
  };
}

function closedLoop(random: Random) {
  return {
    closedLoop: {
      concurrency: between(random, 1, 20),
      ...maybe(random, 0.5, 'thinkMs', () => pick(random, [0, 1, 30])),
      ...maybe(random, 0.3, 'thinkLaw', () => 'exponential'),
      ...maybe(random, 0.3, 'maxRequests', () => between(random, 1, 200)),
    },
  };
}

function openLoad(random: Random) {
  const ratePerS = pick(random, [1, 30, 300, 2000]);
  const process = pick(random, [
    { kind: 'poisson', ratePerS },
    { kind: 'constant', ratePerS },
    { kind: 'gamma', ratePerS, cv: pick(random, [0.5, 3]) },
    { kind: 'bursty', ratePerS, burstRatio: 10, burstShare: 0.1, meanBurstS: 0.05 },
    { kind: 'ramp', fromRatePerS: 0, toRatePerS: ratePerS },
    { kind: 'counts', counts: [0, 40, 3], binS: 0.01, repeat: true },
  ]);
  const cap = {
    maxInFlight: between(random, 1, 20),
    ...maybe(random, 0.5, 'pacing', () => pick(random, ['schedule', 'gap'])),
    ...maybe(random, 0.5, 'latencyFrom', () => pick(random, ['planned', 'sent'])),
  };
  return { process, ...maybe(random, 0.2, 'startS', () => 0.01), ...(chance(random, 0.4) ? cap : {}) };
}
