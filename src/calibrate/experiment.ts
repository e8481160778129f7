import type { ModelConfig } from '../scenario/model-config.js';

/**
 * One point that calibration measures. `id` names it in the calibration folder; points are measured once
 * and kept.
 */
export type Experiment =
  /** One caller, requests of `batchSize` inferences: service time, floor, spread. */
  | { readonly kind: 'sequential'; readonly id: string; readonly model: string; readonly batchSize: number }
  /** One caller that asks for the statistics after each answer: how single executions scatter, without the client's own noise. */
  | { readonly kind: 'stepped'; readonly id: string; readonly model: string; readonly batchSize: number }
  /** So many callers with requests of one inference that no instance is ever without work: what executions cost besides their phases. */
  | { readonly kind: 'saturated'; readonly id: string; readonly model: string; readonly concurrency: number }
  /** Poisson arrivals at a share of the capacity: how threads race, and how service behaves under load. */
  | { readonly kind: 'poisson'; readonly id: string; readonly model: string; readonly loadShare: number }
  /** Two models side by side, one caller each: what they cost each other. */
  | {
      readonly kind: 'pair';
      readonly id: string;
      readonly model: string;
      readonly batchSize: number;
      readonly other: string;
      readonly otherBatchSize: number;
    }
  /** Two callers of one model with at least two instances. */
  | { readonly kind: 'self'; readonly id: string; readonly model: string; readonly batchSize: number }
  /** Unload, load, first request. Only where the user allows it. */
  | { readonly kind: 'load'; readonly id: string; readonly model: string };

export interface DesignOptions {
  /** Measure what loading costs: unloads and loads every model. */
  readonly load: boolean;
  /** Largest batch to measure; models with a larger `max_batch_size` are measured up to here. */
  readonly largestBatch: number;
  /** Up to so many models every pair is measured; beyond, each one beside a reference and a few pairs as a check. */
  readonly allPairsUpTo: number;
}

export const DEFAULT_DESIGN: DesignOptions = { load: false, largestBatch: 128, allPairsUpTo: 4 };

/**
 * The points to measure for these models, those that add most first: loading, then service times from
 * the smallest batch on, saturation, load, and co-runners. n models take O(n) points.
 */
export function designExperiments(configs: readonly ModelConfig[], options: DesignOptions): Experiment[] {
  const solo = configs.map((config) => soloExperiments(config, options));
  return [...interleave(solo), ...pairExperiments(configs, options)];
}

/** Round robin over the models, so that a budget that ends early leaves each with its first points. */
function interleave(lists: readonly (readonly Experiment[])[]): Experiment[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
}

function soloExperiments(config: ModelConfig, options: DesignOptions): Experiment[] {
  const model = config.name;
  const sizes = batchSizesToMeasure(config.maxBatchSize, options.largestBatch);
  const sequential = sizes.map(
    (batchSize): Experiment => ({
      kind: 'sequential',
      id: `${model}/sequential-${batchSize}`,
      model,
      batchSize,
    }),
  );
  const stepped = [...new Set([sizes[0]!, sizes.at(-1)!])].map(
    (batchSize): Experiment => ({ kind: 'stepped', id: `${model}/stepped-${batchSize}`, model, batchSize }),
  );
  const instances = activeInstances(config);
  const batching = config.dynamicBatching !== undefined ? Math.max(1, config.maxBatchSize) : 1;
  return [
    ...(options.load ? [{ kind: 'load', id: `${model}/load`, model } as const] : []),
    sequential[0]!,
    { kind: 'saturated', id: `${model}/saturated`, model, concurrency: 3 * instances * batching },
    { kind: 'poisson', id: `${model}/poisson-60`, model, loadShare: 0.6 },
    ...stepped.slice(0, 1),
    ...sequential.slice(1).reverse(),
    ...stepped.slice(1),
    { kind: 'poisson', id: `${model}/poisson-75`, model, loadShare: 0.75 },
    ...(instances > 1 ? [{ kind: 'self', id: `${model}/self`, model, batchSize: 1 } as const] : []),
  ];
}

/** 1, 2, 4 … and the largest. A model without a batch dimension has 1 only. */
export function batchSizesToMeasure(maxBatchSize: number, largest: number): number[] {
  const last = Math.max(1, Math.min(maxBatchSize, largest));
  const sizes = [];
  for (let size = 1; size < last; size *= 2) sizes.push(size);
  return [...sizes, last];
}

/** Instances that serve, on all devices named; a group without a device list counts once. */
export function activeInstances(config: ModelConfig): number {
  const counts = config.instanceGroups
    .filter(({ passive }) => !passive)
    .map(({ count, gpus }) => count * Math.max(1, gpus.length));
  return Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

/**
 * Which models meet: all pairs of a few models; of many, each beside the first one (the reference) and
 * beside its neighbour in the list for every fourth, which checks what the reference says of pairs.
 */
function pairExperiments(configs: readonly ModelConfig[], options: DesignOptions): Experiment[] {
  const pairs: [ModelConfig, ModelConfig][] = [];
  for (const [i, first] of configs.entries()) {
    for (const [j, second] of configs.entries()) {
      if (j <= i) continue;
      const isChecked = i > 0 && j === i + 1 && i % 4 === 1;
      if (configs.length <= options.allPairsUpTo || i === 0 || isChecked) pairs.push([first, second]);
    }
  }
  return pairs.map(([first, second]) => ({
    kind: 'pair',
    id: `${first.name}/beside-${second.name}`,
    model: first.name,
    batchSize: 1,
    other: second.name,
    // Unequal lengths tell turns from shares.
    otherBatchSize: Math.max(1, Math.min(second.maxBatchSize, options.largestBatch)),
  }));
}
