import { RandomStreams } from '../base/random.js';
import type { Scenario } from '../scenario/scenario.js';
import { ComponentSetup } from './component-run.js';
import { areFastPaths, runFastPaths } from './open-loop/fast-paths.js';
import { LatencySink } from './open-loop/latency-sink.js';
import type { Component } from './partition.js';

/** What a run that keeps latencies only gives of one served model. */
export interface ModelLatencies {
  /** Latency of each request in microseconds in order of admission, NaN where it was not answered. */
  readonly latencyUs: Float32Array;
  readonly completed: number;
  readonly rejected: number;
  readonly timedOut: number;
  /** Executions by batch size. */
  readonly byBatchSize: Float64Array;
}

/**
 * Simulates a component and keeps the latency of every request and nothing else: a few bytes per
 * request instead of a hundred. Same rules, same numbers as the full log. The bench measures the engine by it.
 * @throws Error when the component is not made of fast paths (see `areFastPaths`)
 */
export function simulateLatencies(scenario: Scenario, component: Component): ModelLatencies[] {
  const setup = new ComponentSetup(scenario, component, new RandomStreams(scenario.seed));
  if (!areFastPaths(setup)) throw new Error('not all arrivals are known in advance: use simulate()');
  const sinks: LatencySink[] = [];
  runFastPaths(setup, {
    sinkFor: (model, arrivals) => {
      const sink = new LatencySink({ setup, model, arrivals });
      sinks[model] = sink;
      return sink;
    },
  });
  return sinks.map(({ latencyUs, completed, rejected, timedOut }, model) => ({
    ...{ latencyUs, completed, rejected, timedOut },
    byBatchSize: setup.byBatchSize[model]!,
  }));
}
