import type { Argv, InferredOptionTypes } from 'yargs';
import type { InferenceClient } from '../../live/inference-client.js';
import type { LiveServer } from '../../live/run-live.js';
import { say } from '../output.js';
import { scenarioOptions } from './scenario-options.js';
import { connectTo, type ServerArguments, serverOptions } from './server-options.js';

/** Options of the commands that play a scenario against live servers. */
export const liveRunOptions = {
  ...scenarioOptions,
  ...serverOptions,
  url: { ...serverOptions.url, type: 'string', array: true },
  threads: { type: 'number', default: 1, describe: 'Threads that generate the load' },
  pacer: {
    choices: ['hybrid', 'worker', 'sleep'] as const,
    describe: 'How the load generator waits. Default: by where the server is',
  },
} as const;

export function withLiveRunOptions<T>(yargs: Argv<T>) {
  return yargs.options(liveRunOptions);
}

export type LiveRunArguments = InferredOptionTypes<typeof liveRunOptions>;

/** Connects to every server of the command line, in its order. */
export async function connectToAll(args: LiveRunArguments): Promise<LiveServer[]> {
  const { tritonRecipe } = await import('../../live/load/triton-recipe.js');
  const servers: LiveServer[] = [];
  for (const url of args.url) {
    const { client, options } = await connectTo({ ...args, url } as ServerArguments);
    servers.push({ client, connect: tritonRecipe(options) });
  }
  return servers;
}

export function closeAll(servers: readonly { readonly client: InferenceClient }[]): void {
  for (const { client } of servers) client.close();
}

/** A line of progress about every two seconds. */
export function liveProgress(): (
  repeat: number,
  progress: { elapsedUs: number; durationUs: number; sent: number; failed: number },
) => void {
  let last = 0;
  return (repeat, { elapsedUs, durationUs, sent, failed }) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    const seconds = (us: number) => Math.round(us / 1e6);
    say(
      `live run ${repeat}: ${seconds(elapsedUs)} of ${seconds(durationUs)} s, ${sent} sent${failed > 0 ? `, ${failed} failed` : ''}`,
    );
  };
}
