import type { ModelConfig } from '../scenario/model-config.js';
import type { Scenario, Tenant } from '../scenario/scenario.js';
import type { InferenceClient, InferRequest, LiveError, ModelStatistics } from './inference-client.js';
import { buildInputs, type InputOptions } from './input-data.js';
import type { ClientRecipe, LoadOptions, LoadResult } from './load/load-options.js';
import { runLoad } from './load/run-load.js';
import type { LoadRun } from './load-run.js';
import { restingStatistics } from './resting-statistics.js';
import { subtractStatistics } from './statistics.js';

/** A live server that stands for a server of the scenario. */
export interface LiveServer {
  readonly client: InferenceClient;
  /** How worker threads connect; needed for more than one thread. */
  readonly connect?: ClientRecipe;
}

export interface RunLiveOptions extends Pick<LoadOptions, 'pacer' | 'threads' | 'signal' | 'onProgress'> {
  /** In the order of the scenario's servers. */
  readonly servers: readonly LiveServer[];
  /** What the tensors hold, by model; zeros where left out. */
  readonly inputs?: (model: string) => Omit<InputOptions, 'batchSize'>;
}

/** A live run of a scenario, and what the load generator has to say about it. */
export type LiveRun = LoadRun & Pick<LoadResult, 'endReason' | 'remark' | 'errors'>;

/**
 * Plays a scenario's loads against live servers: one request of each kind first, so that nothing is met for
 * the first time, then the loads as planned. The log is that of a simulated run.
 * @throws LiveError when a server or a model is not there
 */
export async function runLive(scenario: Scenario, options: RunLiveOptions): Promise<LiveRun> {
  const { servers, inputs = () => ({}) } = options;
  const configs = await readConfigs(scenario, servers);
  const request = ({ model }: Pick<Tenant, 'model'>, batchSize: number): InferRequest => ({
    model,
    batchSize,
    inputs: buildInputs(configs.get(model)!, { ...inputs(model), batchSize }),
  });
  await warmUp(scenario, servers, request);
  const before = await statisticsOf(scenario, servers);
  const result = await runLoad({
    ...options,
    tenants: scenario.tenants,
    servers: scenario.servers.map(({ name }, i) => ({ name, ...servers[i]! })),
    request,
    durationUs: scenario.durationUs,
    seed: scenario.seed,
  });
  const after = result.endReason === 'serverGone' ? before : await statisticsOf(scenario, servers);
  const { log, generator, endReason, remark, errors } = result;
  return { log, generator, endReason, remark, errors, statistics: subtractStatistics(after, before) };
}

function modelsOn(scenario: Scenario, server: number): string[] {
  const names = scenario.tenants
    .filter(({ targets }) => targets.some((target) => target.server === server))
    .map(({ model }) => model);
  return [...new Set(names)];
}

async function readConfigs(
  scenario: Scenario,
  servers: readonly LiveServer[],
): Promise<ReadonlyMap<string, ModelConfig>> {
  const configs = new Map<string, ModelConfig>();
  for (const [s, { client }] of servers.entries()) {
    for (const model of modelsOn(scenario, s)) configs.set(model, (await client.modelConfig(model)).config);
  }
  return configs;
}

async function warmUp(
  scenario: Scenario,
  servers: readonly LiveServer[],
  request: (tenant: Tenant, batchSize: number) => InferRequest,
): Promise<void> {
  for (const tenant of scenario.tenants) {
    for (const { server } of tenant.targets) {
      const { client } = servers[server]!;
      const prepared = client.prepare(request(tenant, tenant.batchSize));
      for (let i = 0; i < WARM_UPS; i++) {
        await new Promise<void>((resolve, reject) =>
          client.send(prepared, (error: LiveError | undefined) =>
            error === undefined ? resolve() : reject(error),
          ),
        );
      }
    }
  }
}

/** Enough for every instance of usual models to have run once. */
const WARM_UPS = 20;

async function statisticsOf(scenario: Scenario, servers: readonly LiveServer[]): Promise<ModelStatistics[]> {
  const all: ModelStatistics[] = [];
  for (const [s, { client }] of servers.entries())
    all.push(...(await restingStatistics(client, modelsOn(scenario, s))));
  return all;
}
