import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { TritonFailure } from './failure.js';
import { SOURCES } from './folders.js';
import type { Installation } from './installation.js';
import { ANY_PORTS, claimPorts, HOST, isFree, type Ports } from './ports.js';
import {
  endProcessGroup,
  findProcesses,
  identify,
  isRunning,
  killGroup,
  type ProcessId,
  waitUntil,
} from './processes.js';
import { lastLines } from './run-program.js';

export interface ServerOptions extends ServerArguments {
  readonly installation: Installation;
  /** What server and models write goes here; the file is replaced. */
  readonly logFile: string;
  /** Any free ports where left out. */
  readonly ports?: Ports;
  /** It goes on when this process ends; where left out, it ends with it in whatever way that happens. */
  readonly outlivesUs?: boolean;
  /** Further environment variables, e.g. `TRITONSERVER_DELAY_SCHEDULER`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long it may take until all models are loaded. */
  readonly readyWithinMs?: number;
  /** Ends a server that is not ready yet. */
  readonly signal?: AbortSignal;
}

/** A Triton that runs and has loaded its models. */
export interface TritonServer extends ServerIdentity {
  /** Of gRPC, as `--url` of perseus takes it. */
  readonly url: string;
  readonly httpUrl: string;
  readonly metricsUrl: string;
  readonly logFile: string;
  isRunning(): boolean;
  log(): string;
  /** Kills the processes that run the model's instances; the numbers of those killed. */
  killStub(model: string): number[];
  /** Resolves when the process has ended, by itself or by `stop`. */
  readonly ended: Promise<void>;
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/** What a process needs to know to stop a server that another one has started. */
export interface ServerIdentity {
  readonly process: ProcessId;
  readonly ports: Ports;
  /** What the names of its files in /dev/shm begin with. */
  readonly sharedMemoryPrefix: string;
}

const READY_WITHIN_MS = 120_000;
/** Longer than Triton's own time for work in flight (`--exit-timeout-secs`, which we set to 10). */
const STOP_GRACE_MS = 12_000;
/** Somebody else may take a free port before the server does. */
const START_ATTEMPTS = 3;
/** Of a log that are shown. */
const MOST_LINES = 12;

/**
 * Starts a server and resolves when it is ready.
 * @throws TritonFailure with the last lines of its log when it ends before that
 */
export async function startServer(options: ServerOptions): Promise<TritonServer> {
  for (let attempt = 1; ; attempt++) {
    const ports = await claimPorts(options.ports ?? ANY_PORTS);
    const server = launch(options, ports);
    const outcome = await waitForReadiness(server, options);
    if (outcome === 'ready') return server;
    await server.stop({ graceMs: 2000 });
    if (outcome === 'interrupted') throw new TritonFailure('interrupted before the server was ready');
    const collided =
      options.ports === undefined && /address already in use|failed to bind/i.test(server.log());
    if (!collided || attempt === START_ATTEMPTS) throw startFailure(server, outcome);
  }
}

/** Stops a server: asks, waits, kills; then removes what it has left and sees that its ports are free. */
export async function stopServer(identity: ServerIdentity, graceMs = STOP_GRACE_MS): Promise<void> {
  await endProcessGroup(identity.process, graceMs);
  removeSharedMemory(identity.sharedMemoryPrefix);
  const { http, grpc, metrics } = identity.ports;
  for (const port of [http, grpc, metrics]) await waitUntil(() => isFree(port), 5000);
}

function launch(options: ServerOptions, ports: Ports): TritonServer {
  const sharedMemoryPrefix = `perseus-${randomUUID().slice(0, 8)}`;
  const words = [options.installation.server, ...serverArguments(options, ports, sharedMemoryPrefix)];
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'w');
  const { python } = options.installation;
  const [command, ...rest] = options.outlivesUs ? words : [python, join(SOURCES, 'launch.py'), ...words];
  const child = spawn(command!, rest, {
    // A group of its own: Ctrl-C is for us, and what it starts can be ended with it.
    detached: true,
    stdio: ['ignore', log, log],
    env: environmentOf(options),
  });
  closeSync(log);
  if (options.outlivesUs) child.unref();
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  // A process number is missing only when it could not be started, and then nothing runs.
  const id = identify(child.pid ?? -1) ?? { pid: child.pid ?? -1, startTicks: -1 };
  const identity = { process: id, ports, sharedMemoryPrefix };
  if (!options.outlivesUs) killOnExit(id, ended);
  return {
    ...identity,
    url: `${HOST}:${ports.grpc}`,
    httpUrl: `http://${HOST}:${ports.http}`,
    metricsUrl: `http://${HOST}:${ports.metrics}/metrics`,
    logFile: options.logFile,
    ended,
    isRunning: () => isRunning(id),
    log: () => readFileSync(options.logFile, 'utf8'),
    killStub: (model) => killStubs(id.pid, model),
    stop: ({ graceMs } = {}) => stopServer(identity, graceMs),
  };
}

function environmentOf({ installation, environment }: ServerOptions): NodeJS.ProcessEnv {
  return { ...process.env, ...serverEnvironment(installation), ...environment };
}

type Outcome = 'ready' | 'ended' | 'late' | 'interrupted';

async function waitForReadiness(server: TritonServer, options: ServerOptions): Promise<Outcome> {
  const { signal, readyWithinMs = READY_WITHIN_MS } = options;
  let outcome: Outcome | undefined;
  const settled = async () => {
    if (signal?.aborted) outcome = 'interrupted';
    else if (!server.isRunning()) outcome = 'ended';
    // Another server may have taken the HTTP port first, and answer in place of one that ends at once.
    else if ((await isReady(server.httpUrl)) && server.isRunning() && !(await isFree(server.ports.grpc))) {
      outcome = 'ready';
    }
    return outcome !== undefined;
  };
  await waitUntil(settled, readyWithinMs);
  return outcome ?? 'late';
}

/** Whether the server answers that it is ready. */
export async function isReady(httpUrl: string): Promise<boolean> {
  const signal = AbortSignal.timeout(2000);
  return fetch(`${httpUrl}/v2/health/ready`, { signal }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );
}

function startFailure(server: TritonServer, outcome: Outcome): TritonFailure {
  const what = outcome === 'late' ? 'Triton was not ready in time' : 'Triton ended before it was ready';
  return new TritonFailure(`${what}; ${server.logFile} says:`, ...complaints(server.log()));
}

/** What the server says of a model that it could not load; escaped line ends lead to a traceback. */
const LOAD_FAILURES = [
  /failed to load '([^']+)' version \d+: (.*?)(?:\\n|"?$)/gm,
  /Poll failed for model directory '([^']+)': (.*?)(?:\\n|"?$)/gm,
];

/**
 * What is to be read of the log of a server that has failed: a line for each model that did not load. Where
 * there is none, its end, without tables and, where anything is left then, without what is no error.
 */
export function complaints(log: string): string[] {
  const failures = LOAD_FAILURES.flatMap((pattern) => [...log.matchAll(pattern)]);
  if (failures.length > 0) {
    const lines = failures.map(([, model, reason]) => `  model ${model} does not load: ${reason}`);
    return [...new Set(lines)].slice(0, MOST_LINES);
  }
  const lines = log.replace(/^[+|].*$/gm, '');
  const errors = lines.replace(/^[IW]\d{4} .*$/gm, '');
  return lastLines(errors.trim() === '' ? lines : errors, MOST_LINES).map((line) => `  ${line}`);
}

function killStubs(serverPid: number, model: string): number[] {
  const ofModel = new RegExp(`/${model}/\\d+/model\\.py$`);
  const stubs = findProcesses(
    (words) =>
      words[0]?.endsWith('triton_python_backend_stub') === true &&
      ofModel.test(words[1] ?? '') &&
      words.includes(String(serverPid)),
  );
  for (const { pid } of stubs) process.kill(pid, 'SIGKILL');
  return stubs.map(({ pid }) => pid);
}

/** `launch.py` ends the server when we are killed; this ends it at once, with its stubs, when we exit. */
function killOnExit(id: ProcessId, ended: Promise<void>): void {
  const kill = () => killGroup(id.pid);
  process.once('exit', kill);
  void ended.then(() => process.off('exit', kill));
}

/** A server that was killed leaves its part of the shared memory behind. */
function removeSharedMemory(prefix: string): void {
  for (const name of readdirSync('/dev/shm').filter((file) => file.startsWith(prefix))) {
    rmSync(join('/dev/shm', name), { force: true });
  }
}

/** What `tritonserver` needs to find in its environment, besides what is there already. */
function serverEnvironment(installation: Installation): Readonly<Record<string, string>> {
  return {
    LD_LIBRARY_PATH: [installation.serverLibraries, installation.pythonLibraries].join(delimiter),
    PATH: [dirname(installation.python), process.env['PATH'] ?? ''].join(delimiter),
    // numpy would start a thread for every core in every stub.
    OPENBLAS_NUM_THREADS: '1',
    // Weights in huge pages where the kernel has some: with small ones it is chance which physical pages a process gets,
    // and two processes of one network differ by up to 18 % (results/live/history.md).
    GLIBC_TUNABLES: process.env['GLIBC_TUNABLES'] ?? 'glibc.malloc.hugetlb=1',
  };
}

/** What a server is told at its start. */
interface ServerArguments {
  readonly installation: Installation;
  /** Folder of the model repository. */
  readonly repository: string;
  /** `explicit` where left out: models are loaded and unloaded over gRPC and HTTP. */
  readonly modelControl?: 'explicit' | 'none' | 'poll';
  /** Models to load at the start in explicit mode; all where left out. */
  readonly loadModels?: readonly string[];
  /** Triton writes the timestamps of every request here, as JSON, when it ends. */
  readonly traceFile?: string | undefined;
  /** Further arguments of `tritonserver`. */
  readonly extraArguments?: readonly string[];
}

/** Time that a server gives work in flight when it ends. */
const EXIT_TIMEOUT_S = 10;

function serverArguments(
  options: ServerArguments,
  { http, grpc, metrics }: Ports,
  sharedMemoryPrefix: string,
): string[] {
  const { installation } = options;
  return [
    `--model-repository=${options.repository}`,
    `--backend-directory=${installation.backends}`,
    `--cache-directory=${installation.caches}`,
    ...modelControl(options),
    ...[`--http-address=${HOST}`, `--grpc-address=${HOST}`, `--metrics-address=${HOST}`],
    ...[`--http-port=${http}`, `--grpc-port=${grpc}`, `--metrics-port=${metrics}`],
    '--allow-gpu-metrics=false',
    `--exit-timeout-secs=${EXIT_TIMEOUT_S}`,
    `--backend-config=python,shm-region-prefix-name=${sharedMemoryPrefix}`,
    ...(options.traceFile === undefined ? [] : traceArguments(options.traceFile)),
    ...(options.extraArguments ?? []),
  ];
}

function modelControl({ modelControl = 'explicit', loadModels = ['*'] }: ServerArguments): string[] {
  const loads = modelControl === 'explicit' ? loadModels.map((model) => `--load-model=${model}`) : [];
  return [`--model-control-mode=${modelControl}`, ...loads];
}

/** Every request, for as long as the server runs. */
function traceArguments(file: string): string[] {
  const settings = [`triton,file=${file}`, 'rate=1', 'count=-1', 'level=TIMESTAMPS'];
  return settings.map((setting) => `--trace-config=${setting}`);
}
