import { Piscina } from 'piscina';
import type { Scenario } from '../scenario/scenario.js';
import type { ComponentResult } from '../simulator/component-run.js';
import type { Component } from '../simulator/partition.js';

/** What a worker is asked to do: some components, by their index in the partition of its scenario. */
export interface ComponentTask {
  readonly scenario: Scenario;
  readonly components: readonly Component[];
}

/** Tasks per thread: enough that threads end together, few enough that handing over costs nothing. */
const TASKS_PER_THREAD = 4;

/**
 * Simulates components on worker threads. Each gets only the tenants and servers that its components
 * need, so that a large scenario is not copied whole to every thread.
 */
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
        const part: ComponentResult[] = await pool.run({
          scenario: onlyFor(scenario, chunk),
          components: chunk,
        });
        onProgress(++done / chunks.length);
        return part;
      }),
    );
    return results.flat();
  } finally {
    await pool.destroy();
  }
}

/** The scenario without the traces of tenants that the components do not have: indices stay as they are. */
function onlyFor(scenario: Scenario, components: readonly Component[]): Scenario {
  const needed = new Set(components.flatMap(({ tenants }) => tenants));
  return {
    ...scenario,
    tenants: scenario.tenants.map((tenant, index) =>
      needed.has(index)
        ? tenant
        : { ...tenant, load: { mode: 'closed', concurrency: 1, thinkTime: NO_TIME, maxRequests: 0 } },
    ),
  };
}

const NO_TIME = { law: 'constant', meanUs: 0 } as const;
