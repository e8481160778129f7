import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ProblemList } from '../../../src/base/problem.js';
import { STOPPING_SIGNALS } from '../../../src/node/files/stopping-signals.js';
import { say } from '../../support/run-script.js';
import { TritonFailure } from '../failure.js';
import { tritonFolder } from '../folders.js';
import { type Ports, TRITON_PORTS } from '../ports.js';
import { SAMPLE_MODELS } from '../sample-models.js';
import { complaints, startServer, type TritonServer } from '../server.js';
import { recordServer, runFolder, runningServers } from '../server-records.js';
import { writeRepository } from '../write-repository.js';
import { type AddCommand, installedIn, print, sharedOptions } from './shared-options.js';

export const addStart: AddCommand = (yargs) =>
  yargs.command(
    ['start', '$0'],
    'Serve the sample models, or a repository; sets Triton up when needed',
    (options) =>
      sharedOptions(options)
        .option('repository', { type: 'string', describe: 'Model repository; the sample models otherwise' })
        .option('grpc-port', { type: 'number', default: TRITON_PORTS.grpc, describe: '0: any free port' })
        .option('http-port', { type: 'number', default: TRITON_PORTS.http, describe: '0: any free port' })
        .option('metrics-port', {
          type: 'number',
          default: TRITON_PORTS.metrics,
          describe: '0: any free port',
        })
        .option('detach', { type: 'boolean', default: false, describe: 'Return when it is ready; see stop' })
        .option('trace-file', { type: 'string', describe: 'Timestamps of every request, written at the end' })
        .option('model-control', {
          choices: ['explicit', 'none', 'poll'] as const,
          default: 'explicit' as const,
          describe: 'explicit: models can be loaded and unloaded over gRPC',
        })
        .example('npm run triton', 'the sample models on 127.0.0.1:8001; Ctrl-C stops')
        .example('npm run triton -- start --detach -- --log-verbose=1', 'further arguments for tritonserver'),
    async ({ dir, detach, modelControl, traceFile, ...given }) => {
      const folder = tritonFolder(dir);
      const ports = { http: given.httpPort, grpc: given.grpcPort, metrics: given.metricsPort };
      requireValues(given.repository, ports);
      requireNotRunning(folder, ports);
      const installation = await installedIn(dir);
      const repository = given.repository ? resolve(given.repository) : join(folder, 'repository');
      if (!given.repository) await writeRepository(repository, SAMPLE_MODELS, installation);
      const interrupt = interruptOnSignals();
      const server = await startServer({
        installation,
        repository,
        ports,
        logFile: join(runFolder(folder), `server-${ports.grpc || `of-${process.pid}`}.log`),
        modelControl,
        traceFile: traceFile && prepareTraceFile(traceFile),
        // What stands behind `--`.
        extraArguments: (given['--'] as readonly string[] | undefined) ?? [],
        outlivesUs: detach,
        signal: interrupt,
      });
      const { ended: _, ...facts } = server;
      const forget = await recordServer(folder, { ...facts, repository });
      announce(server, detach);
      if (detach) return;
      await serve(server, interrupt);
      forget();
    },
  );

/** @throws InputError */
function requireValues(repository: string | undefined, ports: Ports): void {
  const problems = new ProblemList();
  for (const [name, port] of Object.entries(ports)) {
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) continue;
    problems.add({ path: `--${name}-port`, what: 'is no port', remedy: 'write a number from 0 to 65535' });
  }
  if (repository !== undefined && !statSync(repository, { throwIfNoEntry: false })?.isDirectory()) {
    problems.add({
      path: '--repository',
      what: `${repository} is no folder`,
      remedy: 'name one with a folder per model',
    });
  }
  problems.throwIfAny();
}

function requireNotRunning(folder: string, { grpc }: Ports): void {
  const running = runningServers(folder).find(({ ports }) => ports.grpc === grpc);
  if (running) {
    throw new TritonFailure(
      `Triton runs already on ${running.url} (process ${running.process.pid}); npm run triton -- stop ends it`,
    );
  }
}

function prepareTraceFile(file: string): string {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** Aborted at Ctrl-C; the signals do not end this process any more. */
function interruptOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of STOPPING_SIGNALS) process.on(signal, () => controller.abort());
  return controller.signal;
}

function announce({ url, httpUrl, metricsUrl, logFile }: TritonServer, detached: boolean): void {
  print(`gRPC     ${url}`);
  print(`HTTP     ${httpUrl}`);
  print(`metrics  ${metricsUrl}`);
  say(`log      ${logFile}`);
  say(detached ? 'npm run triton -- stop ends it' : 'Ctrl-C stops it');
}

/** Until a signal comes. A server that ends before that is a failure. */
async function serve(server: TritonServer, interrupt: AbortSignal): Promise<void> {
  const interrupted = new Promise<void>((done) => {
    if (interrupt.aborted) done();
    interrupt.addEventListener('abort', () => done());
  });
  await Promise.race([interrupted, server.ended]);
  if (interrupt.aborted) say('stopping');
  await server.stop();
  if (interrupt.aborted) return;
  throw new TritonFailure(`Triton has ended; ${server.logFile} says:`, ...complaints(server.log()));
}
