import { randomUUID } from 'node:crypto';
import { RandomStreams } from '../base/random.js';
import type { InferenceClient, ModelStatistics } from '../live/inference-client.js';
import { buildInputs, type InputOptions } from '../live/input-data.js';
import type { LoadResult, LoadTenant, PacerKind } from '../live/load/load-options.js';
import { runLoad } from '../live/load/run-load.js';
import { restingStatistics } from '../live/resting-statistics.js';
import { runFailure } from '../live/run-failure.js';
import { subtractStatistics } from '../live/statistics.js';
import type { ModelConfig } from '../scenario/model-config.js';
import type { Load } from '../scenario/scenario.js';
import { generateTrace, tenantRandoms } from '../trace/synthesis/generate.js';
import { isNarrow, observationOf, type Part, type PointLoad } from './assemble-observation.js';
import { type Experiment, isOpen } from './experiment.js';
import { measureLoading } from './measure-loading.js';
import { measureSteps } from './measure-steps.js';
import type { Observation } from './observation.js';

/** What measuring one point needs besides the point. */
export interface MeasureContext {
  readonly client: InferenceClient;
  readonly configs: ReadonlyMap<string, ModelConfig>;
  readonly inputs: Omit<InputOptions, 'batchSize'>;
  /** Capacity of a model in inferences per second, from its saturated point; for points at a share of it. */
  readonly capacityPerS: (model: string) => number | undefined;
  /** Executions of one inference that fit into a second, from the sequential point. */
  readonly singlesPerS: (model: string) => number | undefined;
  readonly metricsUrl?: string;
  readonly pacer?: PacerKind;
  readonly signal?: AbortSignal;
  /** Longest time for the point, seconds. */
  readonly longestS: number;
}

const LEAST_S = 2;
const WARM_UP_S = 0.4;

/**
 * Measures one point: warms up, then loads in steps until the mean latency is known narrowly enough or the
 * time is spent. A run whose generator fell behind is refused.
 * @throws LiveError when the server fails; the points before are not touched
 */
export async function measure(experiment: Experiment, context: MeasureContext): Promise<Observation> {
  if (experiment.kind === 'load') return measureLoading(experiment, context);
  if (experiment.kind === 'sequential') return measureSteps(experiment, context);
  const loads = loadsOf(experiment, context);
  const models = [...new Set(loads.map(({ model }) => model))];
  await run(loads, WARM_UP_S, context, 'warm-up');
  let parts: Part[] = [];
  const longestS = Math.max(LEAST_S, context.longestS);
  if (isOpen(experiment)) {
    parts = [await measurePart(loads, models, longestS, context)];
  } else {
    for (let spentS = 0; spentS < longestS && (spentS < LEAST_S || !isNarrow(parts)); ) {
      const partS = Math.min(LEAST_S, longestS - spentS);
      parts.push(await measurePart(loads, models, partS, context));
      spentS += partS;
    }
  }
  return observationOf(experiment, loads, parts);
}

function loadsOf(
  experiment: Exclude<Experiment, { kind: 'load' | 'sequential' }>,
  context: MeasureContext,
): PointLoad[] {
  const { model } = experiment;
  switch (experiment.kind) {
    case 'saturated':
      return [callers(model, experiment.batchSize, experiment.concurrency)];
    case 'self':
      return [callers(model, experiment.batchSize, 2)];
    case 'pair':
      return [
        callers(model, experiment.batchSize, 1),
        callers(experiment.other, experiment.otherBatchSize, 1),
      ];
    case 'alone':
    case 'together':
      return [model, ...('other' in experiment ? [experiment.other] : [])].map((name) => {
        const singlesPerS = context.singlesPerS(name);
        if (singlesPerS === undefined) throw new Error(`${name} has no sequential point yet`);
        return poisson(name, Math.min(experiment.busyShare * singlesPerS, MOST_PER_S / 2), experiment.id);
      });
    case 'poisson': {
      const capacityPerS = context.capacityPerS(model);
      if (capacityPerS === undefined) throw new Error(`${model} has no saturated point yet`);
      const ratePerS = Math.max(1, Math.min(experiment.loadShare * capacityPerS, MOST_PER_S));
      return [poisson(model, ratePerS, experiment.id)];
    }
  }
}

/** Where the generator shares cores with the server, more than this shows what both cost each other. */
const MOST_PER_S = 1000;

function callers(model: string, batchSize: number, concurrency: number): PointLoad {
  const load: Load = {
    mode: 'closed',
    concurrency,
    thinkTime: { law: 'constant', meanUs: 0 },
    maxRequests: Number.POSITIVE_INFINITY,
  };
  return { model, batchSize, load: () => load };
}

function poisson(model: string, ratePerS: number, seed: string): PointLoad {
  return {
    model,
    batchSize: 1,
    load: (durationS) => ({
      mode: 'open',
      trace: generateTrace({
        ...tenantRandoms(new RandomStreams(seed), model),
        tenant: model,
        process: { kind: 'poisson', ratePerS },
        durationS,
      }),
    }),
  };
}

async function measurePart(
  loads: readonly PointLoad[],
  models: readonly string[],
  durationS: number,
  context: MeasureContext,
): Promise<Part> {
  const before = await restingStatistics(context.client, models);
  const readings = [before];
  const reading = setInterval(() => void noteReading(context, models, readings), SLICE_MS);
  const result = await run(loads, durationS, context, randomUUID()).finally(() => clearInterval(reading));
  refuseBad(result);
  const statistics = await restingStatistics(context.client, models);
  readings.push(statistics);
  const slices = readings.slice(1).flatMap((after, i) => subtractStatistics(after, readings[i]!));
  return { result, durationS, statistics: subtractStatistics(statistics, before), slices };
}

/** Disturbances of a machine last shorter than a few of these: the median over slices does not see them. */
const SLICE_MS = 2000;

/** A reading that fails is left out: the run itself shows what is wrong. */
async function noteReading(
  { client }: MeasureContext,
  models: readonly string[],
  readings: (readonly ModelStatistics[])[],
): Promise<void> {
  const reading = await Promise.all(models.map((model) => client.statistics(model))).catch(() => undefined);
  if (reading !== undefined) readings.push(reading.flat());
}

function run(
  loads: readonly PointLoad[],
  durationS: number,
  context: MeasureContext,
  seed: string,
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
    request: ({ model }, batchSize) => ({
      model,
      batchSize,
      inputs: buildInputs(configs.get(model)!, { ...inputs, batchSize }),
    }),
    durationUs: durationS * 1e6,
    seed,
    ...(pacer !== undefined && { pacer }),
    ...(signal !== undefined && { signal }),
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
