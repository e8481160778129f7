import { readFileSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SOURCES } from '../../../../scripts/triton/folders.js';
import { requireInstallation } from '../../../../scripts/triton/installation.js';
import { findProcesses } from '../../../../scripts/triton/processes.js';
import { startServer, type TritonServer } from '../../../../scripts/triton/server.js';
import type { InferenceClient } from '../../../../src/live/inference-client.js';
import { unloadFully } from '../../../../src/live/reload-model.js';
import { connectTriton } from '../../../../src/live/triton/connect.js';
import { Connection } from '../../../../src/live/triton/connection.js';
import { calm, Heartbeat, nowMs } from '../heartbeat.js';
import { readRunDelays } from '../run-delays.js';
import {
  type CompositionCase,
  configText,
  type Event,
  endMs,
  type Happened,
  isEnsemble,
  isStreaming,
  type ModelChange,
  parseArrivals,
  sorted,
  streamEvent,
} from './composition-case.js';
import { type Sent, sendRequests } from './send-requests.js';

const LOAD_WITHIN_MS = 60_000;
/** A request that has no answer by then never gets one: the rows end sooner. */
const ANSWER_WITHIN_MS = 4000;
const CACHE_BYTES = 2 ** 20;
/** Until the first request, so that all are prepared by then. */
const LEAD_MS = 50;
/** A machine that keeps a thread from running for longer makes another scenario of a row. */
const LATE_MS = 12;
const MOST_DELAY_MS = 15;
/** For others that use the machine: with few rows at once a late one is soon repeated. */
const PATIENCE_MS = 1500;
/** The longest idle time of sequences in the table, and some more: what a run has left open is over then. */
const IDLE_OVER_MS = 1100;

/** A row that was played on the real server. */
export interface Played {
  readonly happened: Happened;
  /** Whether the machine kept a thread of ours or of the server from running for long: it was another scenario then. */
  readonly isLate: boolean;
}

/** One real server with a response cache; rows are loaded as they are needed. */
export class CompositionServer {
  readonly client: InferenceClient;
  readonly connection: Connection;
  readonly #folder: string;
  readonly #server: TritonServer;
  #offset = 1000;

  private constructor(server: TritonServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.client = connectTriton({ url: server.url, loadDeadlineMs: LOAD_WITHIN_MS });
    this.connection = new Connection({ url: server.url, deadlineMs: ANSWER_WITHIN_MS });
  }

  /** @param isLimited its rate limiter is on */
  static async start(isLimited = false): Promise<CompositionServer> {
    const folder = await mkdtemp(join(tmpdir(), 'perseus-compositions-'));
    const repository = join(folder, 'repository');
    await mkdir(repository, { recursive: true });
    const server = await startServer({
      installation: requireInstallation(),
      repository,
      logFile: join(folder, 'server.log'),
      environment: { PERSEUS_EXECUTIONS: join(folder, 'executions') },
      extraArguments: [
        `--cache-config=local,size=${CACHE_BYTES}`,
        ...(isLimited ? ['--rate-limit=execution_count'] : []),
      ],
    });
    return new CompositionServer(server, folder);
  }

  async stop(): Promise<void> {
    this.client.close();
    this.connection.close();
    await this.#server.stop({ graceMs: 5000 });
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Writes and loads the models of a row, those that others call first, and warms them up. An ensemble loads its steps with it. */
  async load(row: CompositionCase, prefix: string): Promise<void> {
    for (const [name, model] of Object.entries(row.models)) {
      const folder = join(this.#folder, 'repository', prefix + name);
      await mkdir(join(folder, '1'), { recursive: true });
      await writeFile(join(folder, 'config.pbtxt'), configText(row, name, prefix));
      if (!isEnsemble(model)) {
        await copyFile(join(import.meta.dirname, 'model.py'), join(folder, '1/model.py'));
        await copyFile(join(SOURCES, 'models/tensors.py'), join(folder, '1/tensors.py'));
      }
    }
    const steps = stepsOf(row);
    for (const name of Object.keys(row.models))
      if (!steps.has(name)) await this.client.loadModel(prefix + name);
    // The first execution of a Python process takes many times longer.
    for (let round = 0; round < 2; round++) await this.#warmUp(row, prefix);
  }

  async unload(row: CompositionCase, prefix: string): Promise<void> {
    for (const name of Object.keys(row.models).reverse()) await this.client.unloadModel(prefix + name);
  }

  /** Plays rows side by side, once. */
  async play(rows: ReadonlyMap<CompositionCase, string>): Promise<Map<CompositionCase, Played>> {
    const offset = this.#nextOffset();
    const prefixOf = new Map(rows);
    for (const [row, prefix] of rows) {
      if (row.isLimited) await this.#loadAnew(row, prefix);
      if (!mayDie(row)) continue;
      // A model whose process is dead cannot be unloaded.
      prefixOf.set(row, `${prefix}${offset}-`);
      await this.load(row, prefixOf.get(row)!);
    }
    await calm(PATIENCE_MS);
    const delays = readRunDelays(this.#processes());
    const heart = new Heartbeat();
    const played = await Promise.all(
      [...prefixOf].map(
        async ([row, prefix]) => [row, await this.#playOne(row, { prefix, offset })] as const,
      ),
    );
    const isLate = heart.stop() > LATE_MS || delays.longestSinceMs() > MOST_DELAY_MS;
    if ([...rows.keys()].some((row) => row.arrives.includes('s'))) await sleep(IDLE_OVER_MS);
    return new Map(played.map(([row, one]) => [row, { ...one, isLate: one.isLate || isLate }]));
  }

  async #playOne(row: CompositionCase, numbers: { prefix: string; offset: number }): Promise<Played> {
    const { prefix } = numbers;
    const requests = parseArrivals(row).map((each) => ({ ...each, isStream: isStreaming(row, each.model) }));
    const before = await this.#cacheCounts(row, prefix);
    const startMs = nowMs() + LEAD_MS;
    const changed = Promise.all((row.changes ?? []).map((change) => this.#change(change, startMs, prefix)));
    const sent = await sendRequests(this.connection, requests, startMs, numbers);
    await changed;
    // Steps whose answer nobody waits for go on.
    await sleep(Math.max(0, startMs + endMs(row) - nowMs()));
    const after = await this.#cacheCounts(row, prefix);
    const entries = this.#entries(row, prefix, startMs);
    const lateMs = [...sent.map(({ lateMs: late }) => late), ...entries.map(({ late }) => late / 1e6)];
    const cache = Object.keys(row.models).map((name) => {
      const [was, is] = [before.get(name)!, after.get(name)!];
      return [name, { hits: is.hits - was.hits, misses: is.misses - was.misses }] as const;
    });
    return {
      happened: { ...happenedOf(sent, entries, startMs, prefix), cache: Object.fromEntries(cache) },
      isLate: lateMs.some((late) => late > LATE_MS),
    };
  }

  /** A configuration that differs from the one before: Triton loads nothing anew that has not changed. */
  async #change(change: ModelChange, startMs: number, prefix: string): Promise<void> {
    const name = prefix + change.model;
    await sleep(Math.max(0, startMs + change.atMs - nowMs()));
    if (change.do === 'unloadModel') return this.client.unloadModel(name);
    if (change.do === 'reloadModel') {
      const line = `parameters { key: "load" value: { string_value: "${nowMs()}" } }\n`;
      await appendFile(join(this.#folder, 'repository', name, 'config.pbtxt'), line);
    }
    return this.client.loadModel(name);
  }

  /** All models of a row as they are when they were just loaded. */
  async #loadAnew(row: CompositionCase, prefix: string): Promise<void> {
    const names = Object.keys(row.models).map((name) => prefix + name);
    for (const name of names) await unloadFully(this.client, name);
    for (const name of names) await this.client.loadModel(name);
  }

  /** Several requests at once, so that all instances get one. */
  async #warmUp(row: CompositionCase, prefix: string): Promise<void> {
    const offset = this.#nextOffset();
    const flags = row.arrives.includes('s') ? [1, 2, 3, 4].map((id) => `s${id}<>`) : ['', '', '', ''];
    const arrives = modelsAsked(row).flatMap((name) => flags.map((each) => `1>${name}@0${each}`));
    const requests = parseArrivals({ ...row, arrives: arrives.join(' ') }).map((each) => ({
      ...each,
      isStream: isStreaming(row, each.model),
    }));
    await sendRequests(this.connection, requests, nowMs(), { prefix, offset });
  }

  #nextOffset(): number {
    this.#offset += 100;
    return this.#offset;
  }

  async #cacheCounts(row: CompositionCase, prefix: string) {
    const counts = Object.keys(row.models).map(async (name) => {
      const answer = await fetch(`${this.#server.httpUrl}/v2/models/${prefix}${name}/stats`);
      const { model_stats: models } = (await answer.json()) as CacheStatistics;
      const { cache_hit: hit, cache_miss: miss } = models[0]!.inference_stats;
      return [name, { hits: hit.count, misses: miss.count }] as const;
    });
    return new Map(await Promise.all(counts));
  }

  #entries({ models }: CompositionCase, prefix: string, startMs: number): Entry[] {
    const names = Object.keys(models).map((name) => prefix + name);
    return readFileSync(join(this.#folder, 'executions'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Entry)
      .filter(({ model, start }) => names.includes(model) && start / 1e6 >= startMs - LEAD_MS);
  }

  #processes(): number[] {
    const stubs = findProcesses((words) => words[1]?.startsWith(this.#folder) === true);
    return [this.#server.process.pid, ...stubs.map(({ pid }) => pid)];
  }
}

function mayDie({ models }: CompositionCase): boolean {
  return Object.values(models).some((model) => !isEnsemble(model) && model.mayDie === true);
}

/** The models that clients ask. */
function modelsAsked(row: CompositionCase): string[] {
  return [...new Set(parseArrivals(row).map(({ model }) => model))];
}

/** The models that ensembles of a row name as their steps. */
function stepsOf({ models }: CompositionCase): Set<string> {
  const ensembles = Object.values(models).filter(isEnsemble);
  return new Set(ensembles.flatMap(({ steps }) => steps.split('; ').map((step) => step.split('>')[1]!)));
}

/** What Triton answers over HTTP; perseus itself does not ask for it. */
interface CacheStatistics {
  readonly model_stats: readonly {
    readonly inference_stats: Readonly<Record<'cache_hit' | 'cache_miss', { readonly count: number }>>;
  }[];
}

/** What `model.py` writes down. */
interface Entry {
  readonly model: string;
  readonly start: number;
  readonly late: number;
  readonly ids: readonly string[];
}

function happenedOf(
  sent: readonly Sent[],
  entries: readonly Entry[],
  startMs: number,
  prefix: string,
): Omit<Happened, 'cache'> {
  const executions: Record<string, Event[]> = {};
  for (const { model, start, ids } of entries) {
    const name = model.slice(prefix.length);
    executions[name] ??= [];
    executions[name].push({ requests: sorted(ids.map(Number)), atMs: start / 1e6 - startMs });
  }
  const ends = (isOf: (kind: string | undefined) => boolean): Event[] =>
    sent.flatMap(({ endMs: atMs, error }, i) => (isOf(error?.kind) ? [{ requests: [i + 1], atMs }] : []));
  return {
    executions,
    streams: sent
      .map(({ responses, firstMs }, i) => streamEvent(i, responses, firstMs))
      .filter(({ requests }) => requests.length > 0),
    answers: ends((kind) => kind === undefined),
    errors: ends((kind) => kind !== undefined && kind !== 'deadline'),
    unanswered: ends((kind) => kind === 'deadline').flatMap(({ requests }) => requests),
  };
}
