import { RandomStreams } from '../base/random.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ComponentResult } from './component-result.js';
import { ComponentSetup } from './component-run.js';
import { runEventLoop } from './event-loop/run-event-loop.js';
import { chainsOf } from './open-loop/chains.js';
import { areFastPaths, runFastPaths } from './open-loop/fast-paths.js';
import { runChains } from './open-loop/run-chains.js';
import { deviceUse } from './outcome/device-use.js';
import { mergeLogs } from './outcome/merge-logs.js';
import { type Presence, presenceOf } from './outcome/presence.js';
import { runWarnings } from './outcome/run-warnings.js';
import { type Component, partition } from './partition.js';
import type { ExecutionCounts, HostUse, SimulationResult } from './result.js';

/** Options that change how a scenario is simulated and not its result. */
export interface SimulateOptions {
  /** Called after each component with the share of the work done, 0..1. */
  readonly onProgress?: (share: number) => void;
  /** Run every component by the event loop, also where a fast path exists (for tests). */
  readonly eventLoop?: boolean;
}

/**
 * Replays a scenario and gives what happened to every request. Same scenario and seed: same bytes.
 *
 * Independent components are simulated one after the other; {@link simulateComponent} and
 * {@link assemble} are the parts of which a parallel runner makes the same result.
 */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): SimulationResult {
  const components = partition(scenario);
  const results = components.map((component, index) => {
    const result = simulateComponent(scenario, component, options);
    options.onProgress?.((index + 1) / components.length);
    return result;
  });
  return assemble(scenario, results);
}

/** Simulates one component alone; depends on nothing but the scenario, its seed and the component. */
export function simulateComponent(
  scenario: Scenario,
  component: Component,
  options: SimulateOptions = {},
): ComponentResult {
  const begin = () => new ComponentSetup(scenario, component, new RandomStreams(scenario.seed));
  const setup = begin();
  if (options.eventLoop === true) return runEventLoop(setup);
  if (areFastPaths(setup)) return runFastPaths(setup);
  const chains = chainsOf(setup);
  return (chains && runChains(setup, chains)) ?? runEventLoop(chains === undefined ? setup : begin());
}

/** Puts the results of all components, in the order of {@link partition}, together. */
export function assemble(scenario: Scenario, results: readonly ComponentResult[]): SimulationResult {
  const executions = executionCounts(scenario, results);
  const log = mergeLogs(scenario, results);
  const presence = presenceOf(scenario, results);
  const devices = deviceUse(scenario, results, presence);
  return {
    log,
    executions,
    devices,
    hosts: hostUse(scenario, results, presence),
    warnings: runWarnings(scenario, executions, devices),
  };
}

function executionCounts(scenario: Scenario, results: readonly ComponentResult[]): ExecutionCounts[] {
  const byPlace = new Map<string, Omit<ExecutionCounts, 'server' | 'model'>>();
  for (const { component, byBatchSize, counts } of results) {
    component.served.forEach((ref, i) => {
      byPlace.set(`${ref.server} ${ref.model}`, {
        byBatchSize: Array.from(byBatchSize[i]!),
        ...counts[i]!,
      });
    });
  }
  return scenario.servers.flatMap((server, s) =>
    server.models.map((model, m) => ({
      server: server.name,
      model: model.config.name,
      ...(byPlace.get(`${s} ${m}`) ?? { byBatchSize: [] }),
    })),
  );
}

function hostUse(
  scenario: Scenario,
  results: readonly ComponentResult[],
  presence: Presence | undefined,
): HostUse[] {
  const coreNs = new Float64Array(scenario.servers.length);
  for (const result of results) for (const [server, ns] of result.hostCoreNs) coreNs[server]! += ns;
  return scenario.servers.map((server, s) => ({
    server: server.name,
    cpuCores: server.cpuCores,
    coresBusy: coreNs[s]! / (scenario.durationUs * 1000),
    ...(presence !== undefined && { presentShare: presence.servers[s]! }),
  }));
}
