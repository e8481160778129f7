/**
 * A real Triton Inference Server on this machine's processor, without GPU and Docker, to try everything with:
 *
 *   npm run triton                        # sets it up when needed, serves the sample models; Ctrl-C stops
 *   npm run triton -- start --detach      # … in the background; stop ends it
 *   npm run triton -- --help              # everything else
 *
 * What it is and where it comes from: triton/README.md.
 */
import yargs from 'yargs/yargs';
import { InputError } from '../src/base/problem.js';
import { endWithReader } from '../src/cli/closed-pipe.js';
import { say } from './support/run-script.js';
import {
  addClean,
  addPerfAnalyzer,
  addRepository,
  addSetup,
  perfAnalyzer,
} from './triton/commands/installation.js';
import { type AddCommand, print, sharedOptions } from './triton/commands/shared-options.js';
import { addStart } from './triton/commands/start.js';
import { TritonFailure } from './triton/failure.js';
import { tritonFolder } from './triton/folders.js';
import { findInstallation } from './triton/installation.js';
import { isReady, stopServer } from './triton/server.js';
import { forgetServer, runningServers, type ServerRecord } from './triton/server-records.js';

const addStatus: AddCommand = (yargs) =>
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

const addStop: AddCommand = (yargs) =>
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

async function main(words: readonly string[]): Promise<number> {
  try {
    if (words[0] === 'perf-analyzer') return await perfAnalyzer(words.slice(1));
    await parser(words).parseAsync();
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const expected = error instanceof TritonFailure || error instanceof InputError || error.name === 'YError';
    say(expected ? error.message : (error.stack ?? error.message));
    return error instanceof InputError || error.name === 'YError' ? 2 : 1;
  }
}

const COMMANDS = [addStart, addSetup, addStatus, addStop, addRepository, addPerfAnalyzer, addClean];

function parser(words: readonly string[]) {
  const plain = yargs([...words])
    .scriptName('npm run triton --')
    .usage('$0 <command>\n\nA real Triton on this machine: no GPU, no Docker.');
  return COMMANDS.reduce((all, add) => add(all), plain)
    .parserConfiguration({ 'populate--': true })
    .strict()
    .version(false)
    .help()
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? Object.assign(new Error(`${message}; --help lists what there is`), { name: 'YError' });
    });
}

endWithReader();
process.exitCode = await main(process.argv.slice(2));
