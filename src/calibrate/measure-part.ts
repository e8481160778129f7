import { randomUUID } from 'node:crypto';
import { given } from '../base/given.js';
import type { InferenceClient } from '../live/inference-client.js';
import type { LoadProgress, LoadResult, LoadTenant, PacerKind } from '../live/load/load-options.js';
import { isOnThisMachine } from '../live/load/pacing.js';
import { runLoad } from '../live/load/run-load.js';
import { busyCores, countCpu, usedByOthersS } from '../live/machine-use.js';
import { type InputsOf, requestTo } from '../live/model-inputs.js';
import type { FoundModel } from '../live/reload-model.js';
import { restingStatistics } from '../live/resting-statistics.js';
import { runFailure } from '../live/run-failure.js';
import { type GpuReading, readGpus } from '../live/server-metrics.js';
import { readStatistics, subtractStatistics } from '../live/statistics.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { Load } from '../scenario/scenario.js';
import { Outcome } from '../trace/request-log.js';
import type { PointLoad, PointPart } from './assemble-observation.js';
import type { MeasuredServer } from './measured-server.js';
import { SliceReader } from './slice-reader.js';
import { requireNobodyElse } from './somebody-else.js';

/** How a live server is reached, and what is sent to it. */
export interface LiveAccess {
  readonly client: InferenceClient;
  readonly configs: ReadonlyMap<string, ModelConfig>;
  readonly inputs: InputsOf;
  readonly metricsUrl?: string;
  /** Told before a model is loaded under another configuration, and when it has been given back: for who may be killed in between. */
  readonly noteChanged?: (model: FoundModel | undefined) => Promise<void>;
  readonly pacer?: PacerKind;
  readonly signal?: AbortSignal;
  /** Of models whose responses come after their execution: how long after it the first one does, which no latency holds. */
  readonly lagsUs?: ReadonlyMap<string, number>;
}

/** What measuring one point needs besides the point. */
export interface MeasureContext {
  readonly server: MeasuredServer;
  /** Capacity of a model in inferences per second, one in each request, from its saturated points; for points at a share of it. */
  readonly capacityPerS: (model: string) => number | undefined;
  /** Executions of one inference that fit into a second, from the sequential point. */
  readonly singlesPerS: (model: string) => number | undefined;
  readonly signal?: AbortSignal;
  /** Longest time for the point, seconds. */
  readonly longestS: number;
}

/** So many clients, each with one request of that batch after the other. */
export function closedLoopClients(model: string, batchSize: number, concurrency: number): PointLoad {
  const load: Load = {
    mode: 'closed',
    concurrency,
    thinkTime: { law: 'constant', meanUs: 0 },
    maxRequests: Number.POSITIVE_INFINITY,
  };
  return { model, batchSize, load: () => load };
}

/**
 * Plays the loads, each of another model, once.
 * @throws LiveError when the server fails, GeneratorBehind, Interrupted
 */
export async function measurePart(
  loads: readonly PointLoad[],
  durationS: number,
  context: LiveAccess,
  sliceS: number,
): Promise<PointPart> {
  const { client } = context;
  const models = loads.map(({ model }) => model);
  const before = await restingStatistics(client, models);
  const isLocal = isOnThisMachine(client.url);
  const otherCores = isLocal ? await busyCores() : 0;
  const reader = new SliceReader(() => readStatistics(client, models), sliceS * 1000);
  const [counted, startMs] = [isLocal ? countCpu([client.url]) : undefined, performance.now()];
  const cpuBefore = process.cpuUsage();
  const result = await run(loads, durationS, context, randomUUID(), reader.onProgress).finally(reader.stop);
  const used = counted?.();
  const countedS = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  refuseBad(result);
  const gpus = await gpusOf(context);
  const after = await restingStatistics(client, models);
  const statistics = subtractStatistics(after, before);
  requireNobodyElse(statistics, (model) => countable(result, model));
  return {
    result: withoutLags(result, context),
    durationS,
    statistics,
    slices: reader.finish(before, after, durationS),
    clientS: (user + system) / 1e6,
    ...(gpus.length > 0 && { gpus }),
    ...(used && { cpu: { ...used, otherS: usedByOthersS(used) ?? otherCores * countedS, countedS } }),
  };
}

/** As if the first response of a stream came as soon as its execution has ended. */
function withoutLags(result: LoadResult, { lagsUs = new Map() }: LiveAccess): LoadResult {
  if (lagsUs.size === 0) return result;
  const { log, answers } = result;
  const ofTenant = log.tenants.map((model) => lagsUs.get(model) ?? 0);
  const earlier = (endedUs: Float64Array) => endedUs.map((us, row) => us - ofTenant[log.tenant[row]!]!);
  return {
    ...result,
    log: { ...log, endedUs: earlier(log.endedUs) },
    ...(answers !== undefined && { answers: { ...answers, endedUs: earlier(answers.endedUs) } }),
  };
}

/**
 * Requests to a model that the server may have counted as successes: those that were answered, those still open, and as many that
 * the load before may have left open.
 */
function countable({ log, answers }: LoadResult, model: string): number {
  const { outcome } = { ...log, ...answers };
  const tenant = log.tenants.indexOf(model);
  const count = (wanted: number) =>
    outcome.filter((each, row) => each === wanted && log.tenant[row] === tenant).length;
  return count(Outcome.completed) + 2 * count(Outcome.unfinished);
}

/** As the server saw them last, which is every second or two: while the load was running. Metrics that fail cost no point. */
async function gpusOf({ metricsUrl }: LiveAccess): Promise<GpuReading[]> {
  if (metricsUrl === undefined) return [];
  return readGpus(metricsUrl).catch(() => []);
}

/** Disturbances of a machine last shorter than a few of these: the median over slices does not see them. */
export const SLICE_S = 2;

const WARM_UP_S = 0.4;

/** Plays the loads for nothing, so that what comes first is over. */
export async function warmUp(loads: readonly PointLoad[], context: LiveAccess): Promise<void> {
  await run(loads, WARM_UP_S, context, 'warm-up');
}

function run(
  loads: readonly PointLoad[],
  durationS: number,
  context: LiveAccess,
  seed: string,
  onProgress?: (progress: LoadProgress) => void,
): Promise<LoadResult> {
  const { client, configs, inputs, pacer, signal } = context;
  const tenants: LoadTenant[] = loads.map(({ model, batchSize, load }) => ({
    name: model,
    model,
    load: load(durationS),
    batchSize,
    priority: 0,
    timeoutUs: 0,
  }));
  return runLoad({
    tenants,
    servers: [{ name: 'server', client }],
    request: ({ model }, batchSize) => requestTo(configs.get(model)!, batchSize, inputs),
    // Of a model that answers from a cache each must be executed.
    contents: { isMarked: ({ model }) => configs.get(model)!.responseCache === true, place: Math.random() },
    durationUs: durationS * 1e6,
    seed,
    ...given({ onProgress, pacer, signal }),
  });
}

function refuseBad(result: LoadResult): void {
  if (result.endReason === 'aborted') throw new Interrupted();
  const failure = runFailure(result);
  if (failure !== undefined) throw failure;
  if (result.generator.fellBehind) throw new GeneratorBehind(result.generator.verdict);
}

/** The load generator did not keep its schedule: such a point shows this machine, not the server. */
export class GeneratorBehind extends Error {
  constructor(verdict: string) {
    super(verdict);
    this.name = 'GeneratorBehind';
  }
}

/** The user stopped the calibration; what was measured is kept. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
