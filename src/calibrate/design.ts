import { powersUpTo } from '../base/powers-up-to.js';
import { type ModelConfig, type QueuePolicy, queuePoliciesOf } from '../scenario/model-config.js';
import { largestRequest, takesSingles } from './as-measured.js';
import {
  activeInstances,
  CLIENTS_PER_INSTANCE,
  type DesignOptions,
  type Experiment,
  type ExperimentOf,
  instancesSideBySide,
  isOnHost,
} from './experiment.js';
import { bothWays, fitPairs } from './fit/interference/interference.js';
import { hasLeaps } from './fit/service/service.js';
import { sequentialDelays } from './fit/threads/front-end.js';
import type { Observation } from './observation.js';

/**
 * The points to measure for these models, those that add most first: what loads them anew, so that all the rest is measured of the
 * processes that will serve, then service times from the smallest batch on, saturation, load, co-runners, and last what checks and
 * refines. n models take O(n) points.
 * Which models meet depends on what was measured before, so ask again after each point.
 */
export function designExperiments(
  configs: readonly ModelConfig[],
  options: DesignOptions,
  observations: readonly Observation[] = [],
): Experiment[] {
  const pairs = pairsToMeet(configs, options, observations);
  return [
    ...interleave(configs.map((config) => soloExperiments(config, options, observations))),
    ...frontEndExperiments(configs, observations),
    ...pairs.flatMap(([first, second]) => pairExperiments(first, second, options)),
    ...interleave(configs.map((config) => lastExperiments(config, options, observations))),
  ];
}

/** Share of the time that models are kept busy to meet others: not so busy that requests queue up into batches. */
const BUSY_SHARE = 0.4;

/** Share of the time that a model is kept busy where the server's threads shall have gone to sleep when a request comes. */
const SPARSE_SHARE = 0.1;

/** Round robin over the models, so that a budget that ends early leaves each with its first points. */
function interleave(lists: readonly (readonly Experiment[])[]): Experiment[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
}

function soloExperiments(
  config: ModelConfig,
  options: DesignOptions,
  observations: readonly Observation[],
): Experiment[] {
  const model = config.name;
  const sizes = requestSizes(config, options);
  const sequential = sizes.map(sequentialOf(model));
  const closedLoopClients = saturatingClosedLoopClients(config, observations);
  const self = selfExperiments(config, options, observations);
  const saturated = (batchSize: number): Experiment => ({
    kind: 'saturated',
    id: `${model}/saturated-${batchSize}`,
    model,
    batchSize,
    concurrency: closedLoopClients,
  });
  return [
    ...(options.load ? [{ kind: 'load', id: `${model}/load`, model } as const] : []),
    // Before all that is measured of the model's service: processes of one network differ by up to 15 % (results/live/history.md).
    ...self.filter(({ reloads }) => reloads),
    sequential[0]!,
    saturated(sizes.at(-1)!),
    // Before any load at a share of the capacity: how many requests client and server can handle shows here.
    ...backlogExperiments(config, options, closedLoopClients),
    // What instances cost each other is in all their loads: without it, it would be part of their service time.
    ...self.filter(({ reloads }) => !reloads),
    { kind: 'poisson', id: `${model}/poisson-60`, model, loadShare: 0.6 },
    ...sequential.slice(1).reverse(),
    ...(sizes.length > 1 ? [saturated(1)] : []),
    { kind: 'alone', id: `${model}/alone`, model, busyShare: BUSY_SHARE },
  ];
}

/** Clients beyond these would wait in the server's queue, whatever the network delay. */
const MOST_CLOSED_LOOP_CLIENTS_PER_INSTANCE = 16;
/** A client has waited for its stream to begin; more would be an unusual load for the client. */
const MOST_STREAMS_PER_INSTANCE = 256;

/** So many clients that no instance is ever without work, those included whose requests are on their way through the network. */
function saturatingClosedLoopClients(
  config: ModelConfig,
  observations: readonly Observation[],
  instances = activeInstances(config),
): number {
  const [single] = sequentialDelays(observations, config.name);
  const { networkUs = 0, lagUs = 0, executionUs = 1 } = single ?? {};
  const clients = CLIENTS_PER_INSTANCE + Math.floor((networkUs + lagUs) / executionUs);
  const most = lagUs > 0 ? MOST_STREAMS_PER_INSTANCE : MOST_CLOSED_LOOP_CLIENTS_PER_INSTANCE;
  return instances * Math.min(clients, most);
}

/** More clients would be an unusual load for the client. */
const FRONT_END_CLOSED_LOOP_CLIENTS = 64;

/** On the model whose executions are shortest, once that is known of all. Streams have a front-end thread of their own. */
function frontEndExperiments(
  all: readonly ModelConfig[],
  observations: readonly Observation[],
): Experiment[] {
  const configs = all.filter(({ decoupled }) => decoupled !== true);
  const executions = configs.flatMap(({ name: model }) =>
    sequentialDelays(observations, model)
      .slice(0, 1)
      .map(({ executionUs }) => ({ model, executionUs })),
  );
  if (configs.length === 0 || executions.length < configs.length) return [];
  const { model } = executions.reduce((a, b) => (b.executionUs < a.executionUs ? b : a));
  return [
    {
      kind: 'frontEnd',
      id: `${model}/front-end`,
      model,
      batchSize: 1,
      concurrency: FRONT_END_CLOSED_LOOP_CLIENTS,
    },
  ];
}

/** More would be an unusual load for the client. */
const MOST_REQUESTS_OF_A_BATCH = 8;

/** Only where batches are put together, and none of the requests is refused that wait for it. */
function backlogExperiments(
  config: ModelConfig,
  { largestBatch }: DesignOptions,
  closedLoopClients: number,
): ExperimentOf<'backlog'>[] {
  const { name: model, maxBatchSize, dynamicBatching } = config;
  if (dynamicBatching === undefined || maxBatchSize < 2 || maxBatchSize > largestBatch) return [];
  const batchSize = takesSingles(config) ? 1 : Math.ceil(maxBatchSize / MOST_REQUESTS_OF_A_BATCH);
  const requests = Math.floor(maxBatchSize / batchSize);
  const concurrency = closedLoopClients * requests;
  const refuses = ({ maxQueueSize, defaultTimeoutUs }: QueuePolicy) =>
    defaultTimeoutUs > 0 || (maxQueueSize > 0 && maxQueueSize < concurrency);
  if (queuePoliciesOf(config).some(refuses)) return [];
  return [{ kind: 'backlog', id: `${model}/backlog`, model, batchSize, concurrency }];
}

function lastExperiments(
  config: ModelConfig,
  options: DesignOptions,
  observations: readonly Observation[],
): Experiment[] {
  const { name: model } = config;
  const sizes = requestSizes(config, options);
  return [
    ...(hasLeaps(observations, model, sizes) ? sizesBetween(sizes).map(sequentialOf(model)) : []),
    { kind: 'alone', id: `${model}/sparse`, model, busyShare: SPARSE_SHARE },
    { kind: 'poisson', id: `${model}/poisson-75`, model, loadShare: 0.75 },
  ];
}

/** Batch sizes of requests that are measured of every model. A model without a batch dimension has a maximum of 0. */
function requestSizes(config: ModelConfig, { largestBatch }: DesignOptions): number[] {
  return powersUpTo(Math.min(largestRequest(config), largestBatch));
}

/** Where executions are padded to the next size that is built, time leaps after a size: of each two, after the first and half way. */
function sizesBetween(sizes: readonly number[]): number[] {
  return sizes.slice(1).flatMap((upper, i) => {
    const lower = sizes[i]!;
    const middle = Math.floor((lower + upper) / 2);
    return [...new Set([lower + 1, middle, middle + 1])].filter((size) => size > lower && size < upper);
  });
}

function sequentialOf(model: string) {
  return (batchSize: number): Experiment => ({
    kind: 'sequential',
    id: `${model}/sequential-${batchSize}`,
    model,
    batchSize,
  });
}

function selfExperiments(
  config: ModelConfig,
  options: DesignOptions,
  observations: readonly Observation[],
): ExperimentOf<'self'>[] {
  const { load, cores } = options;
  const reloads = instancesSideBySide(config) === 1;
  if (reloads && !load) return [];
  const model = config.name;
  // More than there are cores share them, which says nothing of what they cost each other.
  const mostBusy = isOnHost(config) ? (cores ?? 1) : Number.POSITIVE_INFINITY;
  const instances = reloads ? 2 : activeInstances(config);
  return [
    {
      kind: 'self',
      id: `${model}/self`,
      model,
      batchSize: reloads ? 1 : unjoinedSize(config, options),
      reloads,
      // Two of a host's own models are measured by two clients.
      ...(!(reloads && isOnHost(config)) &&
        instances <= mostBusy && {
          all: { instances, closedLoopClients: saturatingClosedLoopClients(config, observations, instances) },
        }),
    },
  ];
}

/** Batch size at which requests of several clients stay apart: a batcher joins smaller ones into one execution. */
function unjoinedSize(
  { maxBatchSize, sequences, dynamicBatching }: ModelConfig,
  { largestBatch }: DesignOptions,
): number {
  const joins = dynamicBatching !== undefined && sequences === undefined && maxBatchSize > 1;
  return joins && maxBatchSize <= largestBatch ? maxBatchSize : 1;
}

type Pair = readonly [ModelConfig, ModelConfig];

/**
 * All pairs of a few models. Of many a ring of neighbours, and then each beside the reference: the one that
 * slowed its neighbour most, because beside a model that takes nothing nobody shows what it suffers.
 */
function pairsToMeet(
  configs: readonly ModelConfig[],
  options: DesignOptions,
  observations: readonly Observation[],
): Pair[] {
  if (configs.length <= options.allPairsUpTo) {
    return configs.flatMap((first, i) => configs.slice(i + 1).map((second): Pair => [first, second]));
  }
  const ring = configs.map((first, i): Pair => [first, configs[(i + 1) % configs.length]!]);
  // Only those: what the others show may not move the reference, beside which all would be measured once more.
  const met = fitPairs(observations).filter(({ model, other }) =>
    ring.some((pair) => pair.every(({ name }) => name === model || name === other)),
  );
  if (met.length < ring.length) return ring;
  const worst = bothWays(met).reduce((a, b) => (b.slowdown > a.slowdown ? b : a));
  const reference = configs.findIndex(({ name }) => name === worst.other);
  const beside = configs
    .filter(
      (_, i) =>
        (i - reference + configs.length) % configs.length > 1 &&
        i !== (reference + configs.length - 1) % configs.length,
    )
    .map((config): Pair => [configs[reference]!, config]);
  return [...ring, ...beside];
}

function pairExperiments(
  first: ModelConfig,
  second: ModelConfig,
  { largestBatch }: DesignOptions,
): Experiment[] {
  const [model, other] = [first.name, second.name];
  return [
    { kind: 'together', id: `${model}/together-with-${other}`, model, other, busyShare: BUSY_SHARE },
    {
      kind: 'pair',
      id: `${model}/beside-${other}`,
      model,
      batchSize: 1,
      other,
      // Unequal lengths tell turns from shares.
      otherBatchSize: Math.max(1, Math.min(largestRequest(second), largestBatch)),
    },
  ];
}
