import type { InferenceClient } from '../../src/live/inference-client.js';
import { connectTriton } from '../../src/live/triton/connect.js';
import { type ServerOptions, startServer, type TritonServer } from './server.js';

/** What `use` makes of a server that runs as long; connection and server end with it, whatever happens. */
export async function onServer<Result>(
  options: ServerOptions,
  use: (client: InferenceClient, server: TritonServer) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(options);
  const client = connectTriton({ url: server.url });
  try {
    return await use(client, server);
  } finally {
    client.close();
    await server.stop();
  }
}
