import type { ModelConfig } from '../scenario/model-config.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import { distinctRequests, mayHitCache, modelsReached, takesSequences } from './asked-models.js';
import { type ForeignRequests, foreignRequests } from './foreign-requests.js';
import {
  type InferenceClient,
  type InferRequest,
  LiveError,
  type LiveModelConfig,
  type ModelStatistics,
} from './inference-client.js';
import type { ClientRecipe, LoadOptions, LoadResult, LoadTenant } from './load/load-options.js';
import { runLoad } from './load/run-load.js';
import type { LoadRun } from './load-run.js';
import { BUSY_CORES, watchOthers } from './machine-use.js';
import { type GivenInputs, inputHint, inputsOf, requestTo, requireInputs } from './model-inputs.js';
import { endOpenSequences } from './open-sequences.js';
import { isSameModel } from './reload-model.js';
import { restingStatistics } from './resting-statistics.js';
import { type SharedTensors, shareTensors } from './shared-tensors.js';
import { subtractStatistics } from './statistics.js';
import { WARM_UPS, warmUpModel } from './warm-up.js';

/** A live server that stands for a server of the scenario. */
export interface LiveServer {
  readonly client: InferenceClient;
  /** How worker threads connect; needed for more than one thread. */
  readonly connect?: ClientRecipe;
}

export interface RunLiveOptions extends Pick<LoadOptions, 'pacer' | 'threads' | 'signal' | 'onProgress'> {
  /** In the order of the scenario's servers. */
  readonly servers: readonly LiveServer[];
  /** What the tensors hold; zeros where left out. */
  readonly inputs?: GivenInputs;
}

/** A live run of a scenario, and what the load generator has to say about it. */
export interface LiveRun extends LoadRun, Pick<LoadResult, 'endReason' | 'remark' | 'errors'> {
  /** Why the server's own counts of the run could not be had, where they could not. */
  readonly uncounted?: string;
  /** Cores that neither the servers nor this process kept busy; absent where no server has this machine's, or nothing tells. */
  readonly otherCores?: number;
  /** Models that others asked, too: what the server counted of them is left out. */
  readonly foreign?: readonly ForeignRequests[];
}

/** What people should know of a run beside which something else worked on the server or its machine. */
export function disturbanceOf({
  otherCores = 0,
  foreign = [],
}: Pick<LiveRun, 'otherCores' | 'foreign'>): string[] {
  const requests = foreign.map(
    ({ model, answered, sent }) =>
      `${model} answered ${answered} requests, of which this run sent ${sent} at most: another model calls it and the scenario's \`calls\` do not say so, somebody else uses the server, or it still works on what was sent before; correct that, or wait until it rests, and repeat the run`,
  );
  if (otherCores < BUSY_CORES) return requests;
  const cores = otherCores.toFixed(1);
  return [
    ...requests,
    `something else kept ${cores} of this machine's cores busy: what was measured took longer for it, and no profile knows of it`,
  ];
}

/**
 * Plays a scenario's loads against live servers: some requests of each size first, so that nothing is met for
 * the first time, then the loads as planned. The log is that of a simulated run.
 * @throws LiveError when a server or a model is not there, or cannot use shared memory; InputError when what requests shall hold
 * does not fit, or this machine has no shared memory
 */
export async function runLive(scenario: Scenario, options: RunLiveOptions): Promise<LiveRun> {
  const { servers, inputs: given = {} } = options;
  const found = await readConfigs(scenario, servers);
  requireInputs(given, [...new Map(found.flat().map(({ config }) => [config.name, config])).values()]);
  const inputs = inputsOf(given);
  // Servers may serve different models under one name: a tenant's requests are for that of its first server.
  const configOf = ({ model, targets = [] }: LoadTenant): ModelConfig =>
    found[targets[0]?.server ?? 0]!.find(({ config }) => config.name === model)!.config;
  const build = (tenant: LoadTenant, batchSize: number): InferRequest => ({
    ...requestTo(configOf(tenant), batchSize, inputs),
    ...(tenant.outputs !== undefined && { outputs: tenant.outputs.map((name) => ({ name })) }),
  });
  const shared = new Map<string, SharedTensors>();
  const request: LoadOptions['request'] = (tenant, batchSize) => {
    const placed = shared.get(tenant.name)?.requests.find((each) => each.batchSize === batchSize);
    return placed ?? build(tenant, batchSize);
  };
  try {
    for (const tenant of scenario.tenants.filter(({ sharedMemory }) => sharedMemory !== undefined)) {
      const [client] = clientsOf(tenant, servers);
      const requests = [...warmUpsOf(tenant).keys()].map((size) => build(tenant, size));
      const path = `tenants.${tenant.name}.sharedMemory`;
      const sharing = { path, client: client!, config: configOf(tenant), requests };
      shared.set(tenant.name, await shareTensors(sharing));
    }
    await warmUp(scenario, servers, request, (error, tenant) => {
      // Whoever cannot say what requests hold is not advised to.
      const hint = options.inputs ? inputHint(error, given, configOf(tenant), '--fill random') : [];
      return new LiveError(error.kind, error.message, [error.remedy, ...hint].join('; '));
    });
    return await playLoads(scenario, options, { found, request });
  } finally {
    for (const { release } of shared.values()) await release();
  }
}

/** Between two readings of what the servers count. */
async function playLoads(
  scenario: Scenario,
  options: RunLiveOptions,
  { found, request }: { found: readonly (readonly LiveModelConfig[])[]; request: LoadOptions['request'] },
): Promise<LiveRun> {
  const { servers } = options;
  const before = await statisticsOf(scenario, servers);
  const coresOfOthers = watchOthers(servers.map(({ client }) => client.url));
  const result = await runLoad({
    ...options,
    tenants: scenario.tenants,
    servers: scenario.servers.map(({ name }, i) => ({ name, ...servers[i]! })),
    request,
    contents: {
      isMarked: ({ name }) => mayHitCache(scenario, scenario.tenants.find((each) => each.name === name)!),
      place: Math.random(),
    },
    durationUs: scenario.durationUs,
    seed: scenario.seed,
  });
  const otherCores = coresOfOthers();
  const { answeredLate: _, ...played } = result;
  const run = { ...played, ...(otherCores !== undefined && { otherCores }) };
  if (run.endReason === 'serverGone') return { ...run, statistics: [] };
  try {
    const after = await statisticsOf(scenario, servers);
    requireUnchanged(found.flat(), (await readConfigs(scenario, servers)).flat());
    await endOpenSequences(scenario, run.log, (tenant) =>
      clientsOf(tenant, servers).map((client) => ({ client, request: client.prepare(request(tenant, 1)) })),
    );
    const statistics = after.flatMap((each, s) => subtractStatistics(each, before[s]!));
    const foreign = foreignRequests(scenario, run.log, statistics);
    if (foreign.length === 0) return { ...run, statistics };
    const own = statistics.filter(({ model }) => foreign.every((each) => each.model !== model));
    return { ...run, foreign, statistics: own };
  } catch (error) {
    // The log is worth keeping also where the server did not outlive the run, or was started anew within it.
    if (!(error instanceof LiveError)) throw error;
    return { ...run, statistics: [], uncounted: `${error.message}; ${error.remedy}` };
  }
}

function modelsOn(scenario: Scenario, server: number): string[] {
  const names = scenario.tenants
    .filter(({ targets }) => targets.some((target) => target.server === server))
    .map(({ model }) => model);
  return [...new Set(names)];
}

/** Of each server, the models that tenants send to. */
async function readConfigs(
  scenario: Scenario,
  servers: readonly LiveServer[],
): Promise<(readonly LiveModelConfig[])[]> {
  const configs: LiveModelConfig[][] = [];
  for (const [s, { client }] of servers.entries()) {
    configs.push([]);
    for (const model of modelsOn(scenario, s)) configs[s]!.push(await client.modelConfig(model));
  }
  return configs;
}

/** A model that was loaded anew may have counted more since than before, so that its counts do not show it. */
function requireUnchanged(before: readonly LiveModelConfig[], after: readonly LiveModelConfig[]): void {
  const changed = before.find((model, i) => !isSameModel(model, after[i]!));
  if (changed === undefined) return;
  const what = `"${changed.config.name}" was loaded under another configuration, or in another version, meanwhile`;
  throw new LiveError('server', what, 'let nobody load models during the run');
}

async function warmUp(
  scenario: Scenario,
  servers: readonly LiveServer[],
  request: (tenant: Tenant, batchSize: number) => InferRequest,
  advised: (error: LiveError, tenant: Tenant) => LiveError,
): Promise<void> {
  for (const tenant of scenario.tenants) {
    const of = {
      sequences: takesSequences(scenario, tenant),
      contents: mayHitCache(scenario, tenant),
    };
    for (const client of clientsOf(tenant, servers)) {
      for (const [batchSize, times] of warmUpsOf(tenant)) {
        const prepared = client.prepare(request(tenant, batchSize));
        await warmUpModel(client, distinctRequests(client, prepared, of), times).catch((error) => {
          throw error instanceof LiveError ? advised(error, tenant) : error;
        });
      }
    }
  }
}

function clientsOf({ targets }: Tenant, servers: readonly LiveServer[]): InferenceClient[] {
  return targets.map(({ server }) => servers[server]!.client);
}

/** How often to send requests of which size: shapes that a model meets for the first time take it longer. */
function warmUpsOf({ batchSize, load }: Tenant): ReadonlyMap<number, number> {
  const sizes = load.mode === 'closed' ? new Set<number>() : new Set(load.trace.batchSize);
  return new Map([
    ...[...sizes].map((size) => [size === 0 ? batchSize : size, WARM_UPS_OF_FURTHER_SIZES] as const),
    [batchSize, WARM_UPS],
  ]);
}

const WARM_UPS_OF_FURTHER_SIZES = 2;

/** Of each server by itself: several may serve the same model. */
function statisticsOf(
  scenario: Scenario,
  servers: readonly LiveServer[],
): Promise<(readonly ModelStatistics[])[]> {
  return Promise.all(
    servers.map(({ client }, s) => {
      const names = modelsReached(scenario, s).map(({ config }) => config.name);
      return restingStatistics(client, names);
    }),
  );
}
