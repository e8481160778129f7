import { Piscina } from 'piscina';
import type { Scenario } from '../scenario/scenario.js';
import type { ComponentResult } from '../simulator/component-run.js';
import type { Component } from '../simulator/partition.js';

/** Tasks per thread: enough that threads end together, few enough that handing over costs nothing. */
const TASKS_PER_THREAD = 4;

/** Simulates components on worker threads, each of which gets the scenario once. */
export async function simulateOnThreads(
  scenario: Scenario,
  components: readonly Component[],
  threads: number,
  onProgress: (share: number) => void,
): Promise<ComponentResult[]> {
  const worker = new URL(
    import.meta.url.endsWith('.ts') ? './component-worker.ts' : './component-worker.js',
    import.meta.url,
  );
  const pool = new Piscina({
    filename: worker.href,
    workerData: scenario,
    minThreads: threads,
    maxThreads: threads,
    ...(worker.href.endsWith('.ts') ? { execArgv: ['--import', 'tsx'] } : {}),
  });
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
