import type { ComponentFigures } from '../../measure/component-figures.js';
import type { MeasureOptions } from '../../measure/measure-run.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ComponentResult } from '../../simulator/component-run.js';
import type { Component } from '../../simulator/partition.js';
import { inSharedMemory } from '../memory/shared-scenario.js';
import type { ComponentWork } from './component-worker.js';
import { runInGroups, workerPool } from './worker-pool.js';

/** Tasks per thread: enough that threads end together, few enough that handing over costs nothing. */
const TASKS_PER_THREAD = 4;

/** Simulates components on worker threads, each of which gets the scenario once; arrivals are in memory that they share. */
export function simulateOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<ComponentResult[]> {
  return onThreads({ scenario }, components, threads, onProgress);
}

/** The same, giving figures only: what threads hand over is a tenth of all requests' rows. */
export function measureOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  { series, onProgress = () => {} }: MeasureOptions,
): Promise<ComponentFigures[]> {
  return onThreads({ scenario, measure: { series } }, components, threads, onProgress);
}

async function onThreads<Result>(
  work: ComponentWork,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<Result[]> {
  const shared = { ...work, scenario: inSharedMemory(work.scenario) };
  const pool = workerPool(new URL('./component-worker.js', import.meta.url), shared, threads);
  try {
    const size = Math.ceil(components.length / (threads * TASKS_PER_THREAD));
    return await runInGroups(pool, components, size, (done) => onProgress(done / components.length));
  } finally {
    await pool.destroy();
  }
}
