import { randomUUID } from 'node:crypto';
import { RandomStreams } from '../base/random.js';
import type { InferenceClient } from '../live/inference-client.js';
import { buildInputs, type InputOptions } from '../live/input-data.js';
import type { LoadProgress, LoadResult, LoadTenant, PacerKind } from '../live/load/load-options.js';
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
import { SliceReader } from './slice-reader.js';
import { arrivalsInTurns, TURN_S, wholeCycles } from './turns.js';

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
  const sliceS = experiment.kind === 'together' ? TURN_S : SLICE_S;
  if (isOpen(experiment)) {
    const durationS = experiment.kind === 'together' ? wholeCycles(longestS) : longestS;
    parts = [await measurePart(loads, models, durationS, context, sliceS)];
  } else {
    for (let spentS = 0; spentS < longestS && (spentS < LEAST_S || !isNarrow(parts)); ) {
      const partS = Math.min(LEAST_S, longestS - spentS);
      parts.push(await measurePart(loads, models, partS, context, sliceS));
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
      return [poisson(model, singlesAt(experiment.busyShare, model, context), experiment.id)];
    case 'together': {
      const { busyShare, other, id } = experiment;
      return [
        inTurns(poisson(model, singlesAt(busyShare, model, context), id), 'first'),
        inTurns(poisson(other, singlesAt(busyShare, other, context), id), 'second'),
      ];
    }
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

/** Requests of one inference per second that would keep the model busy for that share of the time. */
function singlesAt(busyShare: number, model: string, { singlesPerS }: MeasureContext): number {
  const perS = singlesPerS(model);
  if (perS === undefined) throw new Error(`${model} has no sequential point yet`);
  return Math.min(busyShare * perS, MOST_PER_S / 2);
}

interface OpenLoad extends PointLoad {
  readonly load: (durationS: number) => Load & { readonly mode: 'open' };
}

function inTurns(open: OpenLoad, own: 'first' | 'second'): OpenLoad {
  return {
    ...open,
    load: (durationS) => {
      const load = open.load(durationS);
      return { ...load, trace: arrivalsInTurns(load.trace, own) };
    },
  };
}

function poisson(model: string, ratePerS: number, seed: string): OpenLoad {
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
  sliceS: number,
): Promise<Part> {
  const { client } = context;
  const before = await restingStatistics(client, models);
  const read = async () => (await Promise.all(models.map((model) => client.statistics(model)))).flat();
  const reader = new SliceReader(read, sliceS * 1000);
  const result = await run(loads, durationS, context, randomUUID(), reader.onProgress).finally(reader.stop);
  refuseBad(result);
  const after = await restingStatistics(client, models);
  const statistics = subtractStatistics(after, before);
  return { result, durationS, statistics, slices: reader.finish(before, after, durationS) };
}

/** Disturbances of a machine last shorter than a few of these: the median over slices does not see them. */
const SLICE_S = 2;

function run(
  loads: readonly PointLoad[],
  durationS: number,
  context: MeasureContext,
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
    request: ({ model }, batchSize) => ({
      model,
      batchSize,
      inputs: buildInputs(configs.get(model)!, { ...inputs, batchSize }),
    }),
    durationUs: durationS * 1e6,
    seed,
    ...(onProgress !== undefined && { onProgress }),
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
