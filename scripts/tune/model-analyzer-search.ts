import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { writeCommandFile } from '../triton/command-file.js';
import { TritonFailure } from '../triton/failure.js';
import { SOURCES } from '../triton/folders.js';
import type { Installation } from '../triton/installation.js';
import { type ModelAnalyzer, modelAnalyzerVersion } from '../triton/model-analyzer.js';
import type { PerfAnalyzer } from '../triton/perf-analyzer.js';
import { ANY_PORTS, claimPorts, HOST, type Ports } from '../triton/ports.js';
import { identify, killGroup } from '../triton/processes.js';
import { lastLines } from '../triton/run-program.js';
import { stopServer } from '../triton/server.js';
import { serverEnvironment } from '../triton/server-environment.js';
import { type ModelAnalyzerFiles, readModelAnalyzer } from './model-analyzer-result.js';
import type { SearchLimits } from './question.js';
import type { RecordedSearch } from './recorded-search.js';

export interface ModelAnalyzerSearch {
  readonly installation: Installation;
  readonly modelAnalyzer: ModelAnalyzer;
  readonly perfAnalyzer: PerfAnalyzer;
  /** Folder of the repository; all its models are profiled together. */
  readonly repository: string;
  readonly models: readonly string[];
  /** Of what its quick search tries. */
  readonly limits: SearchLimits;
  /** What it writes goes here; the folder is emptied first. */
  readonly folder: string;
  readonly onProgress?: (line: string) => void;
}

/**
 * Runs Model Analyzer's quick search in its local mode: it starts a Triton for each configuration and lets
 * perf_analyzer load all models at once.
 * @throws TritonFailure with the end of its log when it fails
 */
export async function searchWithModelAnalyzer(search: ModelAnalyzerSearch): Promise<RecordedSearch> {
  const { folder, modelAnalyzer } = search;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const ports = await claimPorts(ANY_PORTS);
  const sharedMemoryPrefix = `perseus-${randomUUID().slice(0, 8)}`;
  await writeServerCommand(search, sharedMemoryPrefix);
  await writePerfAnalyzerCommand(search);
  const configFile = join(folder, 'config.yaml');
  await writeFile(configFile, stringify(searchConfig(search, ports)));
  const started = performance.now();
  const child = spawn(
    search.installation.python,
    // It ends when this process does, and the server that it has started with it.
    [join(SOURCES, 'launch.py'), modelAnalyzer.command, 'profile', '--config-file', configFile],
    { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  // Without a number it could not be started, and then nothing runs.
  const id = identify(child.pid ?? -1) ?? { pid: child.pid ?? -1, startTicks: -1 };
  const exitCode = await ended(child, search).finally(() =>
    stopServer({ process: id, ports, sharedMemoryPrefix }),
  );
  const seconds = (performance.now() - started) / 1000;
  if (exitCode !== 0) throw await searchFailure(folder);
  return {
    tool: `Model Analyzer ${modelAnalyzerVersion()}, quick search`,
    seconds,
    ...readModelAnalyzer(await resultFiles(folder)),
  };
}

/** Its configuration file. */
function searchConfig(
  { repository, models, limits, folder }: ModelAnalyzerSearch,
  { http, grpc, metrics }: Ports,
): Record<string, unknown> {
  return {
    model_repository: repository,
    output_model_repository_path: join(folder, 'output'),
    checkpoint_directory: join(folder, 'checkpoints'),
    export_path: folder,
    triton_launch_mode: 'local',
    triton_server_path: join(folder, 'tritonserver'),
    triton_output_path: join(folder, 'server.log'),
    triton_http_endpoint: `${HOST}:${http}`,
    triton_grpc_endpoint: `${HOST}:${grpc}`,
    triton_metrics_url: `http://${HOST}:${metrics}/metrics`,
    perf_analyzer_path: join(folder, 'perf_analyzer'),
    perf_output: true,
    perf_output_path: join(folder, PERF_ANALYZER_LOG),
    run_config_search_mode: 'quick',
    run_config_profile_models_concurrently_enable: true,
    run_config_search_max_instance_count: limits.instances,
    run_config_search_max_model_batch_size: limits.maxBatchSize,
    run_config_search_max_concurrency: limits.concurrency,
    profile_models: Object.fromEntries(
      // Random bytes as input make infinities, which change how long a network takes.
      models.map((model) => [model, { cpu_only: true, perf_analyzer_flags: { 'input-data': 'zero' } }]),
    ),
  };
}

/** Ports, repository and model control come from Model Analyzer. */
function writeServerCommand(
  { folder, installation }: ModelAnalyzerSearch,
  sharedMemoryPrefix: string,
): Promise<void> {
  const { python, server, backends, caches } = installation;
  return writeCommandFile(join(folder, 'tritonserver'), {
    environment: serverEnvironment(installation),
    before: [python, join(SOURCES, 'launch.py'), server],
    after: [
      ...[`--backend-directory=${backends}`, `--cache-directory=${caches}`],
      ...[`--http-address=${HOST}`, `--grpc-address=${HOST}`, `--metrics-address=${HOST}`],
      '--allow-gpu-metrics=false',
      `--backend-config=python,shm-region-prefix-name=${sharedMemoryPrefix}`,
    ],
  });
}

async function writePerfAnalyzerCommand({
  folder,
  modelAnalyzer,
  perfAnalyzer,
}: ModelAnalyzerSearch): Promise<void> {
  const libraries = join(folder, 'libraries');
  await mkdir(libraries);
  await symlink(modelAnalyzer.mpiLibrary, join(libraries, 'libmpi.so'));
  const { LD_LIBRARY_PATH } = perfAnalyzer.environment;
  await writeCommandFile(join(folder, 'perf_analyzer'), {
    environment: { LD_LIBRARY_PATH: [LD_LIBRARY_PATH, libraries].join(delimiter) },
    before: [perfAnalyzer.command],
  });
}

const LOG = 'model-analyzer.log';
const PERF_ANALYZER_LOG = 'perf_analyzer.log';

/** Its exit code; what it says goes to the log. */
async function ended(child: ChildProcess, { folder, onProgress }: ModelAnalyzerSearch): Promise<number> {
  const log = createWriteStream(join(folder, LOG));
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      const profiled = /Profiling \S+: concurrency=\d+/.exec(line);
      if (profiled !== null) onProgress?.(`Model Analyzer: ${profiled[0]}`);
    });
  }
  const kill = () => killGroup(child.pid!);
  process.once('exit', kill);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('exit', kill);
    await new Promise<void>((done) => log.end(() => done()));
  }
}

async function searchFailure(folder: string): Promise<TritonFailure> {
  const log = await readFile(join(folder, LOG), 'utf8');
  const said = lastLines(log, 5).map((line) => `  ${line}`);
  return new TritonFailure(`Model Analyzer failed; ${join(folder, LOG)} ends with:`, ...said);
}

async function resultFiles(folder: string): Promise<ModelAnalyzerFiles> {
  const checkpoints = await readdir(join(folder, 'checkpoints'));
  const latest = checkpoints.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))[0];
  return {
    checkpoint: await readFile(join(folder, 'checkpoints', latest ?? '0.ckpt'), 'utf8'),
    table: await readFile(join(folder, 'results/metrics-model-inference.csv'), 'utf8'),
    perfAnalyzerLog: await readFile(join(folder, PERF_ANALYZER_LOG), 'utf8'),
  };
}
