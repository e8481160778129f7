import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { requireInstallation } from '../../../scripts/triton/installation.js';
import type { RepositoryModel } from '../../../scripts/triton/repository-model.js';
import { type ServerOptions, startServer, type TritonServer } from '../../../scripts/triton/server.js';
import { writeModel, writeRepository } from '../../../scripts/triton/write-repository.js';
import { tritonAvailable } from './installed.js';

/** A group of tests against a real Triton; where there is none it is skipped, and its name says why. */
export function describeLive(name: string, tests: () => void): void {
  const reason = tritonAvailable();
  if (reason === undefined) describe(name, tests);
  else describe.skip(`${name} (skipped: ${reason})`, tests);
}

export interface TritonOptions
  extends Omit<Partial<ServerOptions>, 'installation' | 'repository' | 'logFile' | 'outlivesUs'> {
  readonly models: readonly RepositoryModel[];
}

export interface TestTriton extends TritonServer {
  readonly pid: number;
  readonly repository: string;
  /** Adds a model to the repository, or replaces one; it is served once it is loaded. */
  addModel(model: RepositoryModel): Promise<void>;
}

/**
 * A server of its own, on free ports, that serves these models; `stop` removes its files too. It ends with
 * the test process, however that ends.
 */
export async function startTriton({ models, ...options }: TritonOptions): Promise<TestTriton> {
  const installation = requireInstallation();
  const folder = await mkdtemp(join(tmpdir(), 'perseus-triton-'));
  const repository = join(folder, 'repository');
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  try {
    await writeRepository(repository, models, installation);
    const logFile = join(folder, 'server.log');
    const server = await startServer({ ...options, installation, repository, logFile });
    return {
      ...server,
      pid: server.process.pid,
      repository,
      addModel: (model) => writeModel(repository, model, installation),
      stop: async (how) => {
        await server.stop(how);
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
