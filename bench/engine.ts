import { existsSync } from 'node:fs';
import type { partition } from '../src/simulator/partition.js';
import type { simulateLatencies } from '../src/simulator/simulate-latencies.js';
import type { buildScenario } from './workloads.js';

/** What the bench asks of a checkout of perseus, this one or one of another commit. */
export interface Engine {
  readonly buildScenario: typeof buildScenario;
  readonly partition: typeof partition;
  readonly simulateLatencies: typeof simulateLatencies;
  /** The file that a worker thread runs. */
  readonly latencyWorker: URL;
}

/** A checkout lacks what a case of the bench asks for. */
export class MissingPart extends Error {}

/**
 * Loads the engine of a checkout.
 * @param root its folder, as a URL that ends with a slash
 * @throws MissingPart where a file or a function of it is not there
 */
export async function loadEngine(root: URL): Promise<Engine> {
  return {
    ...(await parts<Pick<Engine, 'buildScenario'>>(root, 'bench/workloads.ts', ['buildScenario'])),
    ...(await parts<Pick<Engine, 'partition'>>(root, 'src/simulator/partition.ts', ['partition'])),
    ...(await parts<Pick<Engine, 'simulateLatencies'>>(root, LATENCIES, ['simulateLatencies'])),
    latencyWorker: new URL('bench/latency-worker.ts', root),
  };
}

const LATENCIES = 'src/simulator/simulate-latencies.ts';

async function parts<T>(root: URL, file: string, names: readonly (keyof T & string)[]): Promise<T> {
  requireFile(root, file);
  const module = (await import(new URL(file, root).href)) as T;
  for (const name of names) {
    if (module[name] === undefined) throw new MissingPart(`${file} does not export ${name}`);
  }
  return module;
}

/** @throws MissingPart where the checkout does not have it */
export function requireFile(root: URL, file: string): void {
  if (!existsSync(new URL(file, root))) throw new MissingPart(`there is no ${file}`);
}
