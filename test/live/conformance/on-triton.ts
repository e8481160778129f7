import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SOURCES } from '../../../scripts/triton/folders.js';
import { findInstallation } from '../../../scripts/triton/installation.js';
import { startServer, type TritonServer } from '../../../scripts/triton/server.js';
import type { InferenceClient } from '../../../src/live/inference-client.js';
import { connectTriton } from '../../../src/live/triton/connect.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { type ConformanceCase, configText, type Happened, readConfig } from './conformance-case.js';
import { calm } from './heartbeat.js';
import { InferenceCalls, type PunctualRun } from './send-requests.js';

/** A row on the real server. */
export interface LiveOutcome {
  readonly happened: Happened;
  /** How the configuration in force differs from what perseus reads in the file; undefined when it does not. */
  readonly otherConfig: string | undefined;
  /** Runs thrown away because this machine stood still. */
  readonly discarded: number;
}

/** How often a row is run again because the machine stood still. */
const MOST_TRIES = 12;
/** Loading takes a second; the model of a server that was stopped for a while may never come. */
const LOAD_WITHIN_MS = 60_000;
/** Models that are loaded, and rows that run, side by side: nearly all of their time is sleep. */
const SIDE_BY_SIDE = 8;

/** Real servers for rows of the table: one for those that hold the batcher back each in their way. */
export class LiveServers {
  readonly #folder: string;
  readonly #servers = new Map<number, Promise<RowServer>>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async prepare(): Promise<LiveServers> {
    return new LiveServers(await mkdtemp(join(tmpdir(), 'perseus-conformance-')));
  }

  /** Runs each row once, on a model that is loaded for it alone. */
  async run(
    rows: readonly ConformanceCase[],
    onOutcome: (row: ConformanceCase, outcome: LiveOutcome) => void,
  ): Promise<void> {
    for (let from = 0; from < rows.length; from += SIDE_BY_SIDE) {
      const wave = rows.slice(from, from + SIDE_BY_SIDE);
      const outcomes = await this.#runWave(wave); if (process.env["CONF_DEBUG"]) process.stderr.write(`${new Date().toISOString()} wave ${from} ${outcomes.map((o) => o.discarded)}\n`);
      for (const [i, row] of wave.entries()) onOutcome(row, outcomes[i]!);
    }
  }

  /** Release and version of the servers. */
  async facts(): Promise<string> {
    const [server] = await Promise.all(this.#servers.values());
    const { release, version } = await server!.client.serverFacts();
    return `${release ?? 'of an unknown release'} (${version})`;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) await (await server).stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #runWave(rows: readonly ConformanceCase[]): Promise<LiveOutcome[]> {
    const models = await Promise.all(
      rows.map(async (row, i) => (await this.#server(row)).load(row, `row${i + 1}`)),
    );
    const outcomes = await runPunctually(models);
    await Promise.all(models.map((model) => model.unload()));
    return outcomes;
  }

  #server({ heldUntil = 0 }: ConformanceCase): Promise<RowServer> {
    const known = this.#servers.get(heldUntil);
    if (known !== undefined) return known;
    const started = RowServer.start(join(this.#folder, `held-until-${heldUntil}`), heldUntil);
    this.#servers.set(heldUntil, started);
    return started;
  }
}

/** Runs loaded rows side by side; those during which the machine stood still again, on a fresh model. */
async function runPunctually(models: readonly LoadedRow[]): Promise<LiveOutcome[]> {
  let left = [...models.keys()];
  const outcomes: LiveOutcome[] = [];
  for (let discarded = 0; left.length > 0; discarded++) {
    await calm();
    const runs = await Promise.all(left.map((i) => models[i]!.run()));
    const late: number[] = [];
    for (const [k, { happened, wasPunctual }] of runs.entries()) {
      const i = left[k]!;
      if (wasPunctual || discarded === MOST_TRIES - 1) {
        outcomes[i] = { happened, otherConfig: models[i]!.otherConfig, discarded };
      } else late.push(i);
    }
    left = late;
    await Promise.all(left.map((i) => models[i]!.reload()));
  }
  return outcomes;
}

/** A server whose batcher is held until so many requests wait; 0 = not at all. */
class RowServer {
  readonly client: InferenceClient;
  readonly calls: InferenceCalls;
  readonly repository: string;
  readonly #server: TritonServer;

  private constructor(server: TritonServer, repository: string) {
    this.#server = server;
    this.repository = repository;
    this.client = connectTriton({ url: server.url, loadDeadlineMs: LOAD_WITHIN_MS });
    this.calls = new InferenceCalls(server.url, this.client);
  }

  static async start(folder: string, heldUntil: number): Promise<RowServer> {
    const installation = findInstallation();
    if (installation === undefined) throw new Error('no Triton here: npm run triton -- setup');
    const repository = join(folder, 'repository');
    await mkdir(repository, { recursive: true });
    const environment = heldUntil === 0 ? {} : { TRITONSERVER_DELAY_SCHEDULER: String(heldUntil) };
    const logFile = join(folder, 'server.log');
    return new RowServer(await startServer({ installation, repository, logFile, environment }), repository);
  }

  async load(row: ConformanceCase, model: string): Promise<LoadedRow> {
    await writeModel(this.repository, row, model);
    await this.client.loadModel(model);
    const read = readConfig(row, model);
    const { config: inForce } = await this.client.modelConfig(model);
    const otherConfig = describeDifference(unnamed(inForce), unnamed(read));
    return new LoadedRow(this, row, model, otherConfig);
  }

  async stop(): Promise<void> {
    this.calls.close();
    this.client.close();
    await this.#server.stop({ graceMs: 3000 });
  }
}

class LoadedRow {
  readonly otherConfig: string | undefined;
  readonly #server: RowServer;
  readonly #row: ConformanceCase;
  readonly #model: string;

  constructor(server: RowServer, row: ConformanceCase, model: string, otherConfig: string | undefined) {
    this.#server = server;
    this.#row = row;
    this.#model = model;
    this.otherConfig = otherConfig;
  }

  run(): Promise<PunctualRun> {
    return this.#server.calls.run(this.#row, this.#model);
  }

  async reload(): Promise<void> {
    await this.unload();
    await this.#server.client.loadModel(this.#model);
  }

  /** Resolves when the model is gone: the server first lets work in flight end. */
  async unload(): Promise<void> {
    const { client } = this.#server;
    await client.unloadModel(this.#model);
    while (await client.isModelReady(this.#model)) await sleep(20);
  }
}

async function writeModel(repository: string, row: ConformanceCase, model: string): Promise<void> {
  const folder = join(repository, model);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, '1'), { recursive: true });
  const text = row.file ?? configText(row);
  if (text !== '') await writeFile(join(folder, 'config.pbtxt'), text);
  await copyFile(join(import.meta.dirname, 'model.py'), join(folder, '1/model.py'));
  await copyFile(join(SOURCES, 'models/tensors.py'), join(folder, '1/tensors.py'));
}

/** Names of instance groups have no effect, and Triton has its own for those that have none. */
function unnamed(config: ModelConfig): ModelConfig {
  return { ...config, instanceGroups: config.instanceGroups.map((group) => ({ ...group, name: '' })) };
}

function describeDifference(inForce: ModelConfig, read: ModelConfig): string | undefined {
  const keys = [...new Set([...Object.keys(inForce), ...Object.keys(read)])] as (keyof ModelConfig)[];
  const lines = keys
    .filter((key) => !isDeepStrictEqual(inForce[key], read[key]))
    .map((key) => `${key} ${print(inForce[key])}, read as ${print(read[key])}`);
  return lines.length === 0 ? undefined : lines.join('; ');
}

function print(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) => (inner instanceof Map ? Object.fromEntries(inner) : inner)) ??
    'nothing'
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
