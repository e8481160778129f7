import { say } from '../../support/run-script.js';
import { TritonFailure } from '../failure.js';
import { tritonFolder } from '../folders.js';
import { findInstallation } from '../installation.js';
import { isReady, stopServer } from '../server.js';
import { forgetServer, runningServers, type ServerRecord } from '../server-records.js';
import { type AddCommand, print, sharedOptions } from './shared-options.js';

export const addStatus: AddCommand = (yargs) =>
  yargs.command(
    'status',
    'What is set up, which servers run, and the state of their models',
    (options) =>
      sharedOptions(options)
        .option('json', { type: 'boolean', default: false, describe: 'As JSON' })
        .example('npm run triton -- status', ''),
    async ({ dir, json }) => {
      const folder = tritonFolder(dir);
      const servers = await Promise.all(runningServers(folder).map(describeServer));
      const installation = findInstallation(folder)?.folder;
      if (json) print(JSON.stringify({ installation: installation ?? null, servers }, null, 2));
      else printStatus(installation, servers);
    },
  );

interface ModelState {
  readonly name: string;
  readonly state?: string;
  readonly version?: string;
  readonly reason?: string;
}

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

export const addStop: AddCommand = (yargs) =>
  yargs.command(
    'stop',
    'Stop a server that was started with --detach',
    (options) =>
      sharedOptions(options)
        .option('grpc-port', { type: 'number', describe: 'Which one, where several run' })
        .example('npm run triton -- stop', ''),
    async ({ dir, grpcPort }) => {
      const folder = tritonFolder(dir);
      const [server, ...others] = runningServers(folder).filter(
        ({ ports }) => grpcPort === undefined || ports.grpc === grpcPort,
      );
      if (server === undefined) {
        say('no Triton runs');
        return;
      }
      if (others.length > 0) {
        const urls = [server, ...others].map(({ url }) => url).join(', ');
        throw new TritonFailure(`several run: ${urls}; name one with --grpc-port`);
      }
      await stopServer(server);
      forgetServer(folder, server);
      say(`stopped ${server.url}`);
    },
  );
