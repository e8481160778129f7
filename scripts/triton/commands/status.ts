import type { CommandModule } from 'yargs';
import { tritonFolder } from '../folders.js';
import { findInstallation } from '../installation.js';
import { isReady } from '../server.js';
import { runningServers, type ServerRecord } from '../server-records.js';
import { print, type SharedOptions, sharedOptions } from './shared-options.js';

interface StatusArguments extends SharedOptions {
  readonly json: boolean;
}

interface ModelState {
  readonly name: string;
  readonly state?: string;
  readonly version?: string;
  readonly reason?: string;
}

export const statusCommand: CommandModule<object, StatusArguments> = {
  command: 'status',
  describe: 'What is set up, which servers run, and the state of their models',
  builder: (yargs) =>
    sharedOptions(yargs)
      .option('json', { type: 'boolean', default: false, describe: 'As JSON' })
      .example('npm run triton -- status', ''),
  handler: async ({ dir, json }) => {
    const folder = tritonFolder(dir);
    const servers = await Promise.all(runningServers(folder).map(describeServer));
    const installation = findInstallation(folder)?.folder;
    if (json) print(JSON.stringify({ installation: installation ?? null, servers }, null, 2));
    else printStatus(installation, servers);
  },
};

type ServerStatus = ServerRecord & { readonly ready: boolean; readonly models: readonly ModelState[] };

async function describeServer(server: ServerRecord): Promise<ServerStatus> {
  const ready = await isReady(server.httpUrl);
  return { ...server, ready, models: ready ? await modelStates(server.httpUrl) : [] };
}

async function modelStates(httpUrl: string): Promise<ModelState[]> {
  const answer = await fetch(`${httpUrl}/v2/repository/index`, { method: 'POST' });
  return (await answer.json()) as ModelState[];
}

function printStatus(installation: string | undefined, servers: readonly ServerStatus[]): void {
  print(installation ? `set up in ${installation}` : 'not set up: npm run triton -- setup');
  if (servers.length === 0) print('no server runs');
  for (const { url, ready, process, repository, models } of servers) {
    print(`${url} ${ready ? 'ready' : 'not ready'}, process ${process.pid}, ${repository}`);
    for (const { name, version, state, reason } of models) {
      const hasVersions = models.filter((other) => other.name === name).length > 1;
      const label = hasVersions ? `${name} version ${version ?? '?'}` : name;
      print(`  ${label}  ${state ?? 'UNLOADED'}  ${reason ?? ''}`);
    }
  }
}
