import { given } from '../../base/given.js';
import type { Path } from '../../base/path.js';
import { requestCpuOf } from '../../effects/request-cpu.js';
import { threadWaitsOf } from '../../effects/thread-waits.js';
import type { ModelProfile } from '../../profile/profile.js';
import { ASSUMED_FACTS, underServer } from '../../profile/server-facts.js';
import type { ServerFacts } from '../../profile/serving.js';
import { entryProfile } from '../composition.js';
import { MOST_INSTANCES_IN_ALL } from '../limits.js';
import { modelsBesideNeighbours, slicesWithNeighbours } from '../mig-neighbours.js';
import { awakeUsOf, measuredNetworkDelay } from '../network-delay.js';
import { replicaNames } from '../replica-names.js';
import type { ScenarioResources } from '../resources.js';
import type {
  CacheOptions,
  MeasuredNetworkDelay,
  Network,
  NetworkDelay,
  ServedModel,
  Server,
  ServerOptions,
} from '../scenario.js';
import type { NetworkSpec, ServerSpec } from '../spec/server-spec.js';
import type { TritonSpec } from '../spec/triton-spec.js';
import { modelsWithProfiles } from '../with-profiles.js';
import { withCompositions } from './compositions/compositions.js';
import { warnOfFullSteps } from './compositions/full-steps.js';
import { withCpuDevices } from './cpu-devices.js';
import { resolveDevices } from './devices.js';
import type { Findings } from './findings.js';
import { checkGrpcThreads, FRONT_END_THREADS, GRPC_THREADS_SINCE } from './grpc-threads.js';
import { resolveMachine } from './machine.js';
import { checkMemory } from './memory.js';
import { checkModelCache } from './model-cache.js';
import { resolveModel } from './models.js';
import type { ProfileRegistry } from './profile-registry.js';
import { checkRateLimits, rateLimitOf, unusedLimits } from './rate-limits.js';
import { findFacts } from './server-facts.js';
import { checkSharing } from './sharing.js';

/** Fields of one model's configuration that are accepted but change nothing in a simulation. */
export interface IgnoredConfigFields {
  readonly server: string;
  readonly model: string;
  readonly fields: readonly string[];
}

export interface ResolvedServers {
  /** Replicas written out. */
  readonly servers: readonly Server[];
  /** The entry of the scenario file of each of `servers`. */
  readonly specIndex: readonly number[];
  /** Names of the entries, and of the models each serves, also of those that had problems. */
  readonly serverNames: readonly string[];
  readonly servedNames: readonly (readonly string[])[];
  readonly ignoredConfigFields: readonly IgnoredConfigFields[];
  /** Names of those that load models in mid-run: what fits into their memory is not checked here. */
  readonly loadingLater: ReadonlySet<string>;
}

/** The servers of a scenario with everything that they refer to; what is wrong is added to the findings. */
export function resolveServers(
  specs: readonly ServerSpec[],
  resources: ScenarioResources,
  registry: ProfileRegistry,
  findings: Findings,
  loadingLater: ReadonlySet<string>,
): ResolvedServers {
  const servers: Server[] = [];
  const specIndex: number[] = [];
  const ignoredConfigFields: IgnoredConfigFields[] = [];
  let instances = 0;
  for (const [i, spec] of specs.entries()) {
    const path = ['servers', i];
    const isFull = !replicaNames(spec).some((name) => loadingLater.has(name));
    const { server, ignored } = resolveServer(spec, path, { ...resources, isFull }, registry, findings);
    ignoredConfigFields.push(...ignored);
    instances += spec.replicas * server.models.reduce((sum, model) => sum + model.instances.length, 0);
    if (instances > MOST_INSTANCES_IN_ALL) {
      findings.problem(
        [...path, 'replicas'],
        `more than ${MOST_INSTANCES_IN_ALL} instances in all`,
        'simulate fewer',
      );
      break;
    }
    for (const name of replicaNames(spec)) {
      servers.push({ ...server, name });
      specIndex.push(i);
    }
  }
  const names = servers.map(({ name }, i) => ({ name, path: ['servers', specIndex[i]!, 'name'] as Path }));
  findings.distinct(names, 'server');
  return {
    servers,
    specIndex,
    serverNames: specs.map(({ name }) => name),
    servedNames: specs.map(({ models }) => models.map(({ name }) => name)),
    ignoredConfigFields,
    loadingLater,
  };
}

/** Slices are not isolated: what their neighbours cost is known to a range at best. */
function warnOfNeighbours(
  server: string,
  placed: Pick<Server, 'devices' | 'models'>,
  findings: Findings,
): void {
  for (const { device, cost } of slicesWithNeighbours(placed)) {
    const [least, most] = [cost.least, cost.most].map((times) => Number((100 * (times - 1)).toFixed(1)));
    if (least === most) continue;
    const text = `other slices of its GPU are in use, which costs it ${least} to ${most} % of its speed; ${least} % is taken (neighbourSlowdown sets it)`;
    findings.warn('assumed-parameter', `${server}/${device.name}`, text);
  }
}

function resolveServer(
  spec: ServerSpec,
  path: Path,
  resources: ScenarioResources & { readonly isFull: boolean },
  registry: ProfileRegistry,
  findings: Findings,
): { server: Server; ignored: IgnoredConfigFields[] } {
  const devices = resolveDevices(spec.devices, [...path, 'devices'], findings);
  const surroundings = { server: spec.name, devices, registry, configs: resources.configs };
  findings.distinct(
    spec.models.map(({ name }, i) => ({ name, path: [...path, 'models', i, 'name'] })),
    'model on this server',
  );
  const problemsBefore = findings.list.problems.length;
  const resolved = spec.models.flatMap((each, i) => {
    const at = [...path, 'models', i];
    const model = resolveModel(each, at, surroundings, findings);
    return model === undefined ? [] : [{ ...model, spec: each, path: at }];
  });
  // Instances without a profile are missing from their device.
  const areAllPlaced =
    resolved.length === spec.models.length && findings.list.problems.length === problemsBefore;
  const composed = withCompositions(
    resolved,
    { names: spec.models.map(({ name }) => name), release: spec.triton.version },
    findings,
  );
  const facts = findFacts(spec, path, composed, { ...resources, registry }, findings);
  const served =
    facts === undefined ? composed : modelsWithProfiles(composed, (profile) => underServer(profile, facts));
  const alone = served.map((model, i) =>
    withMeasuredNetworkDelay(model, entryProfile(served, i), spec.network),
  );
  const placed = { devices: devices.map(({ device }) => device), models: alone };
  const models = modelsBesideNeighbours(placed, ({ least }) => least);
  warnOfNeighbours(spec.name, placed, findings);
  checkModelCache(spec, path, models, findings);
  if (resources.isFull && spec.modelCache === undefined) checkMemory(spec.name, devices, models, findings);
  warnOfCache(spec, models, findings);
  warnOfFullSteps(spec.name, models, spec.triton.version, findings);
  checkRateLimits(spec, path, models, findings);
  const cores = spec.cpuCores ?? facts?.cpuCores;
  checkGrpcThreads(spec.triton, [...path, 'triton'], findings);
  if (areAllPlaced) checkSharing(devices, models, findings);
  return {
    server: {
      name: spec.name,
      machine: resolveMachine(spec.machine, resources.prices, [...path, 'machine'], findings),
      cpuCores: spec.cpuCores ?? Infinity,
      ...(spec.backgroundCores === undefined ? {} : { backgroundCores: spec.backgroundCores }),
      network: resolveNetwork(spec.network),
      options: {
        ...resolveOptions(spec.triton, facts, spec.name, findings),
        ...threadWaitsOf(facts, cores),
      },
      ...withCpuDevices(
        devices.map(({ device }) => device),
        models,
        cores,
      ),
      ...(spec.modelCache !== undefined && { modelCache: spec.modelCache }),
    },
    ignored: resolved.flatMap(({ model: { config }, ignoredFields }) => {
      const fields = [...ignoredFields, ...unusedLimits(spec.triton, config)];
      return fields.length === 0 ? [] : [{ server: spec.name, model: config.name, fields }];
    }),
  };
}

/** A megabit per second is an eighth of a byte per microsecond. */
const BYTES_PER_US_OF_MBPS = 1 / 8;

/** What the scenario says of the way counts for all models of a server; what it leaves open is each profile's own. */
function withMeasuredNetworkDelay(
  model: ServedModel,
  entry: ModelProfile | undefined,
  spec: NetworkSpec,
): ServedModel {
  const serving = entry?.serving;
  if (serving === undefined) return model;
  const said = saidOf(spec);
  const { byRate, ...networkDelay } = besideSaid(measuredNetworkDelay(serving, spec.clientUs), said);
  // A scenario that says how far away its clients are, or that they cost nothing, has them on another machine.
  const clientsAreHere = Object.keys(said).length === 0 && spec.clientUs !== 0;
  return {
    ...model,
    ...requestCpuOf(serving, clientsAreHere),
    networkDelay: {
      ...networkDelay,
      ...said,
      ...(byRate !== undefined && { byRate: byRate.map((each) => ({ ...each, ...said })) }),
    },
  };
}

/**
 * What counts of a measured way beside what is said of it: one of which a direction is given has its clients in it, whatever
 * they are, and nobody knows how much of a given request delay is waking.
 */
function besideSaid(
  { clientUs, ...networkDelay }: MeasuredNetworkDelay,
  said: Partial<NetworkDelay>,
): MeasuredNetworkDelay {
  return {
    ...networkDelay,
    ...(said.requestDelayUs !== undefined && { wakeUs: 0 }),
    ...(Object.keys(said).length === 0 && clientUs !== undefined && { clientUs }),
  };
}

function saidOf({ requestDelayUs, responseDelayUs }: NetworkSpec): Partial<NetworkDelay> {
  return given({ requestDelayUs, responseDelayUs });
}

function resolveNetwork(spec: NetworkSpec): Network {
  const bytesPerUs = (mbps: number | undefined) =>
    mbps === undefined ? Infinity : mbps * BYTES_PER_US_OF_MBPS;
  return {
    requestDelayUs: 0,
    responseDelayUs: 0,
    ...saidOf(spec),
    requestBytesPerUs: bytesPerUs(spec.requestBandwidthMbps ?? spec.bandwidthMbps),
    responseBytesPerUs: bytesPerUs(spec.responseBandwidthMbps ?? spec.bandwidthMbps),
  };
}

/** Of a missing cache Triton says so when it starts, and goes on without. */
function warnOfCache({ name, triton }: ServerSpec, models: readonly ServedModel[], findings: Findings): void {
  for (const { config } of models) {
    if (config.responseCache !== true) continue;
    const warn = (message: string) => findings.warn('assumed-parameter', `${name}/${config.name}`, message);
    if (triton.cache === undefined)
      warn('it asks for a response cache, and the server has none: triton.cache gives it one');
    else if (config.dynamicBatching?.preserveOrdering === true)
      warn(
        'with preserve_ordering, Triton 24.10 answers no request that it executes after the first hit of its cache; here it does',
      );
  }
}

function cacheOf({ sizeMb, ...times }: NonNullable<TritonSpec['cache']>): CacheOptions {
  return { bytes: sizeMb * 1024 * 1024, ...times };
}

function resolveOptions(
  spec: TritonSpec,
  facts: ServerFacts | undefined,
  server: string,
  findings: Findings,
): ServerOptions {
  const { version, protocol } = spec;
  const frontEndThreads = spec.frontEndThreads ?? FRONT_END_THREADS[protocol];
  if (protocol === 'grpc' && version < GRPC_THREADS_SINCE && frontEndThreads !== FRONT_END_THREADS.grpc) {
    findings.warn(
      'assumed-parameter',
      server,
      `Triton ${version} always has 2 gRPC threads, but frontEndThreads is ${frontEndThreads}; releases from ${GRPC_THREADS_SINCE} on can be told`,
    );
  }
  const { idleCounterDrift, ensembleStepUs, blsCallUs } = spec;
  return {
    tritonVersion: version,
    protocol,
    frontEndThreads,
    batcherWakeUs: spec.batcherWakeUs ?? (facts ?? ASSUMED_FACTS).batcherWakeUs,
    instancePickUpUs: spec.instancePickUpUs ?? (facts ?? ASSUMED_FACTS).instancePickUpUs,
    ...(spec.batcherWakeUs === undefined && facts !== undefined && { batcherAwakeUs: awakeUsOf(facts) }),
    ...given({
      idleCounterDrift,
      ensembleStepUs,
      blsCallUs,
      instanceWakeUs: spec.instanceWakeUs ?? spec.instancePickUpUs ?? facts?.instanceWakeUs,
      timerSlackUs: spec.timerSlackUs ?? facts?.timerSlackUs,
      batcherWinsShare: spec.batcherWinsShare ?? facts?.batcherWinsShare,
      cache: spec.cache && cacheOf(spec.cache),
      rateLimit: rateLimitOf(spec),
    }),
  };
}
