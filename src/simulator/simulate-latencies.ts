import { LatencyHistogram } from '../base/histogram.js';
import { RandomStreams } from '../base/random.js';
import type { Scenario } from '../scenario/scenario.js';
import { ComponentSetup } from './component-run.js';
import { areLanes, runLanes } from './lanes.js';
import { LatencySink } from './latency-sink.js';
import type { BlockSource } from './model-queue.js';
import { type Component, partition } from './partition.js';

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
 * @throws Error when the component is not made of lanes (see `areLanes`)
 */
export function simulateLatencies(scenario: Scenario, component: Component): ModelLatencies[] {
  return run(scenario, component, undefined);
}

/**
 * Simulates a scenario of one open-loop tenant whose arrivals come from `source` block by block
 * instead of from its trace: memory does not grow with the number of requests.
 * @throws Error when the scenario is not a single lane
 */
export function simulateStream(scenario: Scenario, source: BlockSource): ModelLatencies {
  const components = partition(scenario);
  if (components.length !== 1) throw new Error('a streamed run has one tenant and one model');
  return run(scenario, components[0]!, source)[0]!;
}

function run(scenario: Scenario, component: Component, source: BlockSource | undefined): ModelLatencies[] {
  const setup = new ComponentSetup(scenario, component, new RandomStreams(scenario.seed));
  if (!areLanes(setup)) throw new Error('not all arrivals are known in advance: use simulate()');
  const sinks: { sink: LatencySink; histograms: LatencyHistogram[] }[] = [];
  runLanes(setup, {
    ...(source === undefined ? {} : { source }),
    sinkFor: (model, arrivals) => {
      const histograms = source === undefined ? [] : setup.tenants.map(() => new LatencyHistogram());
      const recorders = source === undefined ? {} : { recorders: histograms };
      const sink = new LatencySink({ setup, model, arrivals, ...recorders });
      sinks.push({ sink, histograms });
      return sink;
    },
  });
  return sinks.map(({ sink, histograms }, model) => ({
    ...(sink.latencyUs === undefined ? {} : { latencyUs: sink.latencyUs }),
    ...(histograms[0] === undefined ? {} : { histogram: histograms[0] }),
    completed: sink.completed,
    rejected: sink.rejected,
    timedOut: sink.timedOut,
    byBatchSize: setup.byBatchSize[model]!,
  }));
}
