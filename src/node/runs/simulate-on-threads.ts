import type { Scenario, Tenant } from '../../scenario/scenario.js';
import type { ComponentResult } from '../../simulator/component-run.js';
import type { Component } from '../../simulator/partition.js';
import { shareTrace } from '../sweep/content-library.js';
import { runInGroups, workerPool } from './worker-pool.js';

/** Tasks per thread: enough that threads end together, few enough that handing over costs nothing. */
const TASKS_PER_THREAD = 4;

/** Simulates components on worker threads, each of which gets the scenario once; arrivals are in memory that they share. */
export async function simulateOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<ComponentResult[]> {
  const shared = { ...scenario, tenants: scenario.tenants.map(sharing) };
  const pool = workerPool(new URL('./component-worker.js', import.meta.url), shared, threads);
  try {
    const size = Math.ceil(components.length / (threads * TASKS_PER_THREAD));
    return await runInGroups(pool, components, size, (done) => onProgress(done / components.length));
  } finally {
    await pool.destroy();
  }
}

function sharing(tenant: Tenant): Tenant {
  const { load } = tenant;
  return load.mode === 'closed' ? tenant : { ...tenant, load: { ...load, trace: shareTrace(load.trace) } };
}
