import type { LatencyHistogram } from '../base/histogram.js';
import { RandomStreams } from '../base/random.js';
import { isPrefetching } from '../scenario/model-config.js';
import type { Scenario } from '../scenario/scenario.js';
import { ComponentSetup } from './component-run.js';
import { areFastPaths, runFastPaths } from './open-loop/fast-paths.js';
import { LatencySink } from './open-loop/latency-sink.js';
import { type Component, meetsInFrontEnd, partition } from './partition.js';
import type { BlockSource } from './server/model-queue.js';

/** What a run that keeps latencies only gives of one served model. */
export interface ModelLatencies {
  /** Latency of each request in microseconds in order of admission, NaN where it was not answered; absent in a streamed run. */
  readonly latencyUs?: Float32Array;
  /** In a streamed run: the latencies counted. */
  readonly histogram?: LatencyHistogram;
  readonly completed: number;
  readonly rejected: number;
  readonly timedOut: number;
  /** Executions by batch size. */
  readonly byBatchSize: Float64Array;
}

/**
 * Simulates a component and keeps the latency of every request and nothing else: a few bytes per
 * request instead of a hundred. Same rules, same numbers as the full log.
 * @throws Error when the component is not made of fast paths (see `areFastPaths`)
 */
export function simulateLatencies(scenario: Scenario, component: Component): ModelLatencies[] {
  return run(scenario, component, undefined);
}

/**
 * Simulates a scenario of one open-loop tenant whose arrivals come from `source` block by block
 * instead of from its trace: memory does not grow with the number of requests.
 * @throws Error when the scenario is not a single fast path of dynamic batching without a queue policy and a front end, or
 *   requests hold more than one inference: what comes block by block has nothing but its time
 */
export function simulateStream(scenario: Scenario, source: BlockSource): ModelLatencies {
  return run(scenario, soleStream(scenario), source)[0]!;
}

/** The component of the only tenant and the only model, where arrivals that are nothing but times are enough for both. */
function soleStream(scenario: Scenario): Component {
  const [component, another] = partition(scenario);
  if (another !== undefined || component?.tenants.length !== 1 || component.served.length !== 1)
    throw new Error('a streamed run has one tenant and one model');
  const [ref] = component.served;
  const { config } = scenario.servers[ref!.server]!.models[ref!.model]!;
  const { batchSize } = scenario.tenants[component.tenants[0]!]!;
  if (meetsInFrontEnd(scenario.servers[ref!.server]!))
    throw new Error('a streamed run has no front end that takes time');
  if (config.dynamicBatching === undefined || !isPrefetching(config) || batchSize !== 1)
    throw new Error('a streamed run has dynamic batching, no queue policy and requests of one inference');
  return component;
}

function run(scenario: Scenario, component: Component, source: BlockSource | undefined): ModelLatencies[] {
  const setup = new ComponentSetup(scenario, component, new RandomStreams(scenario.seed));
  if (!areFastPaths(setup)) throw new Error('not all arrivals are known in advance: use simulate()');
  const sinks: LatencySink[] = [];
  runFastPaths(setup, {
    ...(source !== undefined && { source }),
    sinkFor: (model, arrivals) => {
      const sink = new LatencySink({ setup, model, arrivals, isCounted: source !== undefined });
      sinks[model] = sink;
      return sink;
    },
  });
  return sinks.map(({ latencyUs, histogram, completed, rejected, timedOut }, model) => ({
    ...(latencyUs !== undefined && { latencyUs }),
    ...(histogram !== undefined && { histogram }),
    completed,
    rejected,
    timedOut,
    byBatchSize: setup.byBatchSize[model]!,
  }));
}
