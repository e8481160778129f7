import { mean, sum } from 'simple-statistics';
import { yamlText } from '../base/yaml-text.js';
import { withScheduling } from '../emit/with-scheduling.js';
import type { LiveModelConfig } from '../live/inference-client.js';
import type { ModelConfig } from '../scenario/model-config.js';
import { devicesNeeded } from '../scenario/starter/starter.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import type { CacheTimes } from './composed/lone-blocks.js';
import type { StreamTimes } from './composed/streams.js';
import { withCallers } from './composed/with-callers.js';
import { activeInstances, isOnHost } from './experiment.js';
import type { MeasuredWith } from './fingerprint.js';

export interface ServedLoad extends AsServed {
  readonly ratePerS: number;
}

/** A model as the server serves it: also what decides no times, such as its parameters. */
type AsServed = Pick<LiveModelConfig, 'config' | 'json'>;

/** Share of what a model was seen to complete that is asked of it: enough for batches, far from a backlog. */
const LOAD_SHARE = 0.4;
/** Where many models share a device, or the host's cores, they may be busy for this share of the time together. */
const SHARED_LOAD = 0.8;

/**
 * Loads that the server can bear all at once, and the load generator send. How much of a device each model takes is not known
 * here: as if each took all of one while it executes.
 * @param capacityOf inferences per second that a model completed
 * @param cores of the server's host, where they are known
 */
export function loadsToPlay(
  models: readonly AsServed[],
  capacityOf: (config: ModelConfig) => number | undefined,
  cores: number | undefined,
): ServedLoad[] {
  const onHost = models.filter(({ config }) => isOnHost(config));
  const onDevices = models.filter(({ config }) => !isOnHost(config));
  return models.map((model) => {
    const { config } = model;
    const [neighbours, places] = isOnHost(config)
      ? [onHost.length, cores ?? 1]
      : [onDevices.length, devicesNeeded(onDevices)];
    const share = Math.min(LOAD_SHARE, (SHARED_LOAD * places) / neighbours);
    const capacityPerS = capacityOf(config);
    return {
      ...model,
      ratePerS: capacityPerS === undefined ? 1 : shortRate(share * capacityPerS),
    };
  });
}

/** A rate as people write it: whole, and of slow models, which bear less than one request in a second, two digits of it. */
function shortRate(perS: number): number {
  return perS < 1 ? Number(perS.toPrecision(2)) : Math.round(perS);
}

/** How the models were reached, and what they are besides their configuration. */
interface LiveFacts extends Pick<MeasuredWith, 'gpu' | 'protocol' | 'sharedMemory'> {
  readonly memoryMb?: number | undefined;
  readonly composed?: readonly ComposedModel[];
  readonly streams?: ReadonlyMap<string, StreamTimes>;
  readonly caches?: readonly CachedModel[];
}

/**
 * A scenario of the models just calibrated, as they are configured on the server, one tenant each, to lie
 * beside their profiles.
 */
export function liveScenario(models: readonly ServedLoad[], facts: LiveFacts): string {
  const { composed = [] } = facts;
  const scenario = {
    perseus: 1,
    name: 'calibrated-server',
    durationS: 60,
    warmUpS: 2,
    profiles: ['.'],
    servers: [serverOf(models, facts)],
    tenants: tenantsOf(models, composed, facts.sharedMemory),
  };
  const isCaller = composed.some(({ config }) => config.ensemble === undefined);
  const order = isCaller
    ? '# When a model makes its calls, and which at once, is not known: set that, too.\n'
    : '';
  return `# Written by perseus calibrate: the models of the server as they are configured. Set the loads, then run
#   perseus simulate on this file, or perseus validate with the address of the server.
${order}${yamlText(scenario, 110)}`;
}

function serverOf(
  models: readonly ServedLoad[],
  { gpu, memoryMb, composed = [], caches = [], streams = new Map(), protocol }: LiveFacts,
) {
  const onDevices = models.filter(({ config }) => !isOnHost(config));
  const devices = onDevices.length === 0 ? 0 : devicesNeeded(onDevices);
  const asIs = ({ config, json }: AsServed) => ({
    name: config.name,
    config: withScheduling(json as ModelConfigFields, config),
    ...responsesOf(streams.get(config.name)),
  });
  const device = { kind: gpu ?? 'GPU', ...(memoryMb !== undefined && { memoryMb }) };
  return {
    name: 'triton',
    ...(devices > 0 && {
      devices: Array.from({ length: devices }, (_, i) => ({ name: `gpu${i}`, ...device })),
    }),
    ...tritonOf(protocol, composed, caches),
    models: [
      ...models.map(asIs),
      ...composed.map((model) => ({
        ...asIs(model),
        ...callsOf(model, streams.get(model.config.name)),
      })),
    ],
  };
}

/** Clients ask for what no other model calls. */
function tenantsOf(
  models: readonly ServedLoad[],
  composed: readonly ComposedModel[],
  sharedMemory: LiveFacts['sharedMemory'],
) {
  const called = new Set(composed.flatMap(({ calls }) => [...calls.keys()]));
  const taking = models.filter(({ config }) => config.sequences !== undefined);
  const sendsSequences = withCallers(
    taking.map(({ config }) => config.name),
    composed,
  );
  const loads = [...models, ...composed.map((model) => ({ ...model, ratePerS: rateOf(model, models) }))];
  return loads
    .filter(({ config }) => !called.has(config.name))
    .map(({ config, ratePerS }) => ({
      name: config.name,
      model: config.name,
      ...arrivalsOf(sendsSequences.has(config.name), ratePerS),
      ...(sharedMemory !== undefined && { sharedMemory }),
    }));
}

/** Sequences to begin with, where a model or one that it calls takes them: how long they are is for the user to say. */
const SEQUENCES = { requests: 10, gapMs: 100 };

function arrivalsOf(hasSequences: boolean, requestsPerS: number) {
  const process = (ratePerS: number) => ({ process: { kind: 'poisson', ratePerS } });
  if (!hasSequences) return { load: process(requestsPerS) };
  return { load: process(shortRate(requestsPerS / SEQUENCES.requests)), sequences: SEQUENCES };
}

/** A model that others work for, with what was measured of it. */
export interface ComposedModel extends AsServed {
  readonly calls: ReadonlyMap<string, number>;
  /** How often models execute for one request, whoever calls them; as it calls them itself where that was not measured. */
  readonly executions?: ReadonlyMap<string, number>;
  /** Of its own execution, or of an ensemble the hand-over to each step. */
  readonly costUs?: number;
  /** How long a request keeps one of its instances busy. */
  readonly busyUs?: number;
}

/** As many requests as the models bear that execute for them, and its own instances. */
function rateOf(
  { config: own, calls, executions = calls, busyUs = 0 }: ComposedModel,
  models: readonly ServedLoad[],
): number {
  const rates = models.flatMap(({ config, ratePerS }) => {
    const times = executions.get(config.name) ?? 0;
    return times === 0 ? [] : [ratePerS / times];
  });
  if (busyUs > 0) rates.push((LOAD_SHARE * activeInstances(own) * 1e6) / busyUs);
  return rates.length === 0 ? 1 : shortRate(Math.min(...rates));
}

/** A server tells what its cache holds, and not how large it is. */
export const ASSUMED_CACHE_MB = 64;

/** What the response cache takes of requests to a model. */
export interface CachedModel extends Pick<CacheTimes, 'hitUs' | 'keyUs'> {
  readonly requestBytes: number;
}

/**
 * Keys of smaller requests take a time that hardly depends on their bytes: at the 1.4 us a kilobyte of Triton 24.10 (855 us for one of
 * 600 kB, measured by `calibrate`) their bytes are worth less than 23 us.
 */
const LEAST_KEYED_BYTES = 2 ** 14;

/** The simulator takes one figure for a server: the mean of what its ensembles, or cached models, showed. */
function tritonOf(
  protocol: MeasuredWith['protocol'],
  composed: readonly ComposedModel[],
  caches: readonly CachedModel[],
) {
  const costs = composed.flatMap(({ config, costUs }) =>
    config.ensemble === undefined || costUs === undefined ? [] : Math.max(0, costUs),
  );
  if (protocol === undefined && costs.length + caches.length === 0) return {};
  return {
    triton: {
      ...(protocol !== undefined && { protocol }),
      ...(costs.length > 0 && { ensembleStepUs: Math.round(mean(costs)) }),
      ...(caches.length > 0 && { cache: cacheOf(caches) }),
    },
  };
}

function cacheOf(caches: readonly CachedModel[]) {
  const isLarge = ({ requestBytes }: CachedModel) => requestBytes >= LEAST_KEYED_BYTES;
  const large = caches.filter(isLarge);
  const keysUs = sum(large.map(({ keyUs }) => keyUs));
  const kilobytes = sum(large.map(({ requestBytes }) => requestBytes / 1024));
  return {
    sizeMb: ASSUMED_CACHE_MB,
    lookUpUs: Math.round(mean(caches.map((each) => each.hitUs + (isLarge(each) ? 0 : each.keyUs)))),
    ...(large.length > 0 && { hashPerKilobyteUs: Number((keysUs / kilobytes).toFixed(3)) }),
  };
}

/** What it does by itself comes first, as when it calls is not known; but for responses that it sends while it executes. */
function callsOf({ config, calls, costUs = 0 }: ComposedModel, stream: StreamTimes | undefined) {
  if (config.ensemble !== undefined) return {};
  const each = [...calls].flatMap(([call, times]) => Array.from({ length: times }, () => ({ call })));
  const ownUs = Math.max(0, costUs);
  const sendingUs = Math.min(ownUs, Math.max(0, -(stream?.firstUs ?? 0)));
  return {
    calls: [
      { ownMs: toMs(ownUs - sendingUs) },
      ...each,
      ...(sendingUs > 0 ? [{ ownMs: toMs(sendingUs) }] : []),
    ],
  };
}

function toMs(us: number): number {
  return Number((us / 1000).toFixed(3));
}

function responsesOf(stream: StreamTimes | undefined) {
  if (stream === undefined) return {};
  const { mean: number, law, firstUs, gapUs } = stream;
  return { responses: { mean: Number(number.toFixed(2)), law, firstMs: toMs(firstUs), gapMs: toMs(gapUs) } };
}
