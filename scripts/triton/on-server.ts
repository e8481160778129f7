import { join } from 'node:path';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { type Installation, requireInstallation } from './installation.js';
import type { RepositoryModel } from './repository-model.js';
import { type ServerOptions, startServer, type TritonServer } from './server.js';
import { writeRepository } from './write-repository.js';

interface ServedModels extends Pick<ServerOptions, 'extraArguments'> {
  readonly models: readonly RepositoryModel[];
  /** Gets their repository, and the log of the server. */
  readonly folder: string;
}

/** What `use` makes of a server of models that runs as long; connection and server end with it, whatever happens. */
export async function onServer<Result>(
  { models, folder, ...options }: ServedModels,
  use: (client: InferenceClient, server: TritonServer, installation: Installation) => Promise<Result>,
): Promise<Result> {
  const installation = requireInstallation();
  const repository = join(folder, 'repository');
  await writeRepository(repository, models, installation);
  const logFile = join(folder, 'server.log');
  const server = await startServer({ installation, repository, logFile, ...options });
  const client = connectTriton({ url: server.url });
  try {
    return await use(client, server, installation);
  } finally {
    client.close();
    await server.stop();
  }
}
