import type { Scenario } from '../scenario/scenario.js';
import type { ComponentResult } from '../simulator/component-run.js';
import type { Component } from '../simulator/partition.js';
import { workerPool } from './worker-pool.js';

/** Tasks per thread: enough that threads end together, few enough that handing over costs nothing. */
const TASKS_PER_THREAD = 4;

/** Simulates components on worker threads, each of which gets the scenario once. */
export async function simulateOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<ComponentResult[]> {
  const pool = workerPool(new URL('./component-worker.js', import.meta.url), scenario, threads);
  try {
    const size = Math.ceil(components.length / (threads * TASKS_PER_THREAD));
    const chunks = Array.from({ length: Math.ceil(components.length / size) }, (_, i) =>
      components.slice(i * size, (i + 1) * size),
    );
    let done = 0;
    const results = await Promise.all(
      chunks.map(async (chunk) => {
        const part: ComponentResult[] = await pool.run(chunk);
        onProgress(++done / chunks.length);
        return part;
      }),
    );
    return results.flat();
  } finally {
    await pool.destroy();
  }
}
