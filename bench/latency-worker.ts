import { Piscina } from 'piscina';
import type { Scenario } from '../src/scenario/scenario.js';
import type { Component } from '../src/simulator/partition.js';
import { simulateLatencies } from '../src/simulator/simulate-latencies.js';

const scenario = Piscina.workerData as Scenario;

/** Runs in a worker thread: simulates components with every latency recorded; gives how many and their mean. */
export default function run(components: readonly Component[]) {
  let sum = 0;
  let requests = 0;
  for (const component of components) {
    for (const { latencyUs, completed } of simulateLatencies(scenario, component)) {
      requests += completed;
      for (const us of latencyUs) sum += us;
    }
  }
  return { requests, meanLatencyUs: sum / requests };
}
