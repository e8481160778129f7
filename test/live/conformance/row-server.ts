import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SOURCES } from '../../../scripts/triton/folders.js';
import { requireInstallation } from '../../../scripts/triton/installation.js';
import { findProcesses } from '../../../scripts/triton/processes.js';
import { startServer, type TritonServer } from '../../../scripts/triton/server.js';
import type { InferenceClient } from '../../../src/live/inference-client.js';
import { connectTriton } from '../../../src/live/triton/connect.js';
import type { ModelConfig } from '../../../src/scenario/model-config.js';
import { type ConformanceCase, configText, readConfig } from './conformance-case.js';
import { InferenceCalls, type PunctualRun } from './send-requests.js';

/** Loading takes a second; the model of a server that was stopped for a while may never come. */
const LOAD_WITHIN_MS = 60_000;

/** A real server whose batchers are held until so many requests wait; 0 = not at all. */
export class RowServer {
  readonly client: InferenceClient;
  readonly calls: InferenceCalls;
  readonly #repository: string;
  readonly #server: TritonServer;

  private constructor(server: TritonServer, repository: string) {
    this.#server = server;
    this.#repository = repository;
    this.client = connectTriton({ url: server.url, loadDeadlineMs: LOAD_WITHIN_MS });
    this.calls = new InferenceCalls(server.url, this.client);
  }

  static async start(folder: string, heldUntil: number): Promise<RowServer> {
    const installation = requireInstallation();
    const repository = join(folder, 'repository');
    await mkdir(repository, { recursive: true });
    const environment = heldUntil === 0 ? {} : { TRITONSERVER_DELAY_SCHEDULER: String(heldUntil) };
    const logFile = join(folder, 'server.log');
    return new RowServer(await startServer({ installation, repository, logFile, environment }), repository);
  }

  /** Loads a model for a row alone. */
  async load(row: ConformanceCase, name: string): Promise<LoadedRow> {
    const loaded = new LoadedRow(this, row, name);
    await loaded.load();
    return loaded;
  }

  /** Writes, loads and warms up a model; gives its configuration in force. */
  async serve(row: ConformanceCase, model: string): Promise<ModelConfig> {
    await writeModel(join(this.#repository, model), row);
    await this.client.loadModel(model);
    // The first execution of a Python process takes many times longer; a file that is complete has a warm-up.
    if (row.file !== undefined) await this.calls.run({ ...row, arrives: '1@0' }, model);
    return (await this.client.modelConfig(model)).config;
  }

  /** The server itself, and the processes of a model. */
  processesOf(model: string): number[] {
    const path = `/${model}/1/model.py`;
    const stubs = findProcesses(
      (words) => words[1]?.startsWith(this.#repository) === true && words[1].endsWith(path),
    );
    return [this.#server.process.pid, ...stubs.map(({ pid }) => pid)];
  }

  async stop(): Promise<void> {
    this.calls.close();
    this.client.close();
    await this.#server.stop({ graceMs: 5000 });
  }
}

/** A row, and a model that is loaded for it alone. */
export class LoadedRow {
  readonly row: ConformanceCase;
  readonly #server: RowServer;
  readonly #name: string;
  #otherConfig: string | undefined;
  #loads = 0;
  #isFresh = false;

  constructor(server: RowServer, row: ConformanceCase, name: string) {
    this.#server = server;
    this.row = row;
    this.#name = name;
  }

  /** How the configuration in force differs from what perseus reads in the file; undefined when it does not. */
  get otherConfig(): string | undefined {
    return this.#otherConfig;
  }

  run(): Promise<PunctualRun> {
    this.#isFresh = false;
    return this.#server.calls.run(this.row, this.#model);
  }

  processes(): number[] {
    return this.#server.processesOf(this.#model);
  }

  /** A batcher is held once after its model was loaded, and a request that has expired leaves its traces. */
  async refresh(): Promise<void> {
    const { heldUntil, expired } = this.row;
    if (this.#isFresh || (heldUntil === undefined && expired === undefined)) return;
    await this.#server.client.unloadModel(this.#model);
    await this.load();
  }

  async load(): Promise<void> {
    this.#loads++;
    const config = await this.#server.serve(this.row, this.#model);
    this.#otherConfig = describeDifference(config, readConfig(this.row, this.#model));
    this.#isFresh = true;
  }

  /** Another name each time: Triton may hang when it is to load what it has not quite unloaded. */
  get #model(): string {
    return `${this.#name}-${this.#loads}`;
  }
}

async function writeModel(folder: string, row: ConformanceCase): Promise<void> {
  await mkdir(join(folder, '1'), { recursive: true });
  const text = row.file ?? configText(row);
  if (text !== '') await writeFile(join(folder, 'config.pbtxt'), text);
  await copyFile(join(import.meta.dirname, 'model.py'), join(folder, '1/model.py'));
  await copyFile(join(SOURCES, 'models/tensors.py'), join(folder, '1/tensors.py'));
}

function describeDifference(inForce: ModelConfig, read: ModelConfig): string | undefined {
  const [theirs, ours] = [unnamed(inForce), unnamed(read)];
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])] as (keyof ModelConfig)[];
  const lines = keys
    .filter((key) => !isDeepStrictEqual(theirs[key], ours[key]))
    .map((key) => `${key} ${print(theirs[key])}, read as ${print(ours[key])}`);
  return lines.length === 0 ? undefined : lines.join('; ');
}

/** Names of instance groups have no effect, and Triton has its own for those that have none. */
function unnamed(config: ModelConfig): ModelConfig {
  return { ...config, instanceGroups: config.instanceGroups.map((group) => ({ ...group, name: '' })) };
}

function print(value: unknown): string {
  const plain = (_: string, inner: unknown) => (inner instanceof Map ? Object.fromEntries(inner) : inner);
  return JSON.stringify(value, plain) ?? 'nothing';
}
