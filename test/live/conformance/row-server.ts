import { readFileSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SOURCES } from '../../../scripts/triton/folders.js';
import { requireInstallation } from '../../../scripts/triton/installation.js';
import { findProcesses } from '../../../scripts/triton/processes.js';
import { startServer, type TritonServer } from '../../../scripts/triton/server.js';
import type { InferenceClient } from '../../../src/live/inference-client.js';
import { unloadFully } from '../../../src/live/reload-model.js';
import { connectTriton } from '../../../src/live/triton/connect.js';
import { configDifference, configText, isWarmedByItself, readConfig } from './config-text.js';
import { type Event, endMs, type Happened, sorted, streamEvent } from './events.js';
import { calm, Heartbeat, nowMs } from './heartbeat.js';
import { type CacheCounts, isEnsemble, type ModelChange, parseArrivals, type Row, stepsOf } from './row.js';
import { readRunDelays } from './run-delays.js';
import { type RunNumbers, type Sent, sendRequests } from './send-requests.js';

const LOAD_WITHIN_MS = 60_000;
/** A request that has no answer by then never gets one: the rows end sooner. */
const ANSWER_WITHIN_MS = 4000;
const CACHE_BYTES = 2 ** 20;
/** Until the first request, so that all are prepared by then. */
const LEAD_MS = 50;
/** A machine that keeps a thread from running for longer makes another scenario of a row. */
const LATE_MS = 12;
const MOST_DELAY_MS = 15;
/** The longest idle time of sequences in the tables, and some more: what a run has left open is over then. */
const IDLE_OVER_MS = 1100;

/** A row that was played on the real server. */
export interface Played {
  readonly happened: Happened;
  /** How configurations in force differ from what perseus reads in their files; undefined when they do not. */
  readonly otherConfig: string | undefined;
  /** Whether the machine kept a thread of ours or of the server from running for long: it was another scenario then. */
  readonly isLate: boolean;
}

/** What a row needs of its server besides its models. */
export type ServerKind = Pick<Row, 'heldUntil' | 'isLimited'>;

/** One real server with a response cache; rows are loaded as they are needed. */
export class RowServer {
  readonly client: InferenceClient;
  readonly #folder: string;
  readonly #server: TritonServer;
  /** Of the names of a row's models as they were last loaded. */
  readonly #prefixes = new Map<Row, string>();
  #offset = 1000;

  private constructor(server: TritonServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
    const { url } = server;
    this.client = connectTriton({ url, deadlineMs: ANSWER_WITHIN_MS, loadDeadlineMs: LOAD_WITHIN_MS });
  }

  static async start({ heldUntil, isLimited }: ServerKind): Promise<RowServer> {
    const folder = await mkdtemp(join(tmpdir(), 'perseus-conformance-'));
    const repository = join(folder, 'repository');
    await mkdir(repository, { recursive: true });
    const server = await startServer({
      installation: requireInstallation(),
      repository,
      logFile: join(folder, 'server.log'),
      environment: {
        PERSEUS_EXECUTIONS: join(folder, 'executions'),
        ...(heldUntil !== undefined && { TRITONSERVER_DELAY_SCHEDULER: String(heldUntil) }),
      },
      extraArguments: [
        `--cache-config=local,size=${CACHE_BYTES}`,
        ...(isLimited ? ['--rate-limit=execution_count'] : []),
      ],
    });
    return new RowServer(server, folder);
  }

  /** Release and version. */
  async facts(): Promise<string> {
    const { release, version } = await this.client.serverFacts();
    return `${release ?? 'of an unknown release'} (${version})`;
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.#server.stop({ graceMs: 5000 });
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Writes and loads the models of a row, those that others call first, and warms them up. An ensemble loads its steps with it.
   * Their names are new each time: Triton may hang when it is to load what it has not quite unloaded.
   * @returns the prefix of their names
   */
  async load(row: Row): Promise<string> {
    const prefix = `row${this.#nextOffset()}-`;
    this.#prefixes.set(row, prefix);
    for (const [name, model] of Object.entries(row.models)) {
      const folder = join(this.#folder, 'repository', prefix + name);
      await mkdir(join(folder, '1'), { recursive: true });
      const { file = configText(row, name, prefix) } = isEnsemble(model) ? {} : model;
      if (file !== '') await writeFile(join(folder, 'config.pbtxt'), file);
      if (isEnsemble(model)) continue;
      await copyFile(join(import.meta.dirname, 'model.py'), join(folder, '1/model.py'));
      await copyFile(join(SOURCES, 'models/tensors.py'), join(folder, '1/tensors.py'));
    }
    const ensembles = Object.values(row.models).filter(isEnsemble);
    const steps = ensembles.flatMap(stepsOf).map(({ model }) => model);
    for (const name of Object.keys(row.models))
      if (!steps.includes(name)) await this.client.loadModel(prefix + name);
    // Requests would use up what holds a batcher, and some are refused by full queues, which leaves traces.
    if (!Object.values(row.models).every(isWarmedByItself))
      for (let round = 0; round < 2; round++) await this.#warmUp(row, prefix);
    return prefix;
  }

  /**
   * Does nothing where a row is not loaded. A model whose process is dead cannot be unloaded, one that hangs never is; a rate
   * limiter counts models until they are.
   */
  async unload(row: Row): Promise<void> {
    const prefix = this.#prefixes.get(row);
    this.#prefixes.delete(row);
    if (prefix === undefined || isStuck(row)) return;
    for (const name of Object.keys(row.models).reverse()) {
      if (row.isLimited) await unloadFully(this.client, prefix + name);
      // Triton at times says that it failed; a model that stays disturbs nobody.
      else await this.client.unloadModel(prefix + name).catch(() => {});
    }
  }

  /** Plays rows side by side, once. */
  async play(rows: readonly Row[]): Promise<Map<Row, Played>> {
    const offset = this.#nextOffset();
    await Promise.all(
      rows.map(async (row) => {
        if (leavesTraces(row)) await this.unload(row);
        if (!this.#prefixes.has(row)) await this.load(row);
      }),
    );
    await this.client.ping();
    await calm();
    const delays = readRunDelays(this.#processes());
    const heart = new Heartbeat();
    const played = await Promise.all(
      rows.map(
        async (row) => [row, await this.#playOne(row, { prefix: this.#prefixes.get(row)!, offset })] as const,
      ),
    );
    const isLate = heart.stop() > LATE_MS || delays.longestSinceMs() > MOST_DELAY_MS;
    if (rows.some(hasSequences)) await sleep(IDLE_OVER_MS);
    return new Map(played.map(([row, one]) => [row, { ...one, isLate: one.isLate || isLate }]));
  }

  async #playOne(row: Row, numbers: RunNumbers): Promise<Played> {
    const { prefix } = numbers;
    const otherConfig = await this.#otherConfig(row, prefix);
    const before = await this.#cacheCounts(row, prefix);
    const startMs = nowMs() + LEAD_MS;
    const changed = Promise.all((row.changes ?? []).map((change) => this.#change(change, startMs, prefix)));
    const sent = await sendRequests(this.client, row, parseArrivals(row), startMs, numbers);
    await changed;
    // Steps whose answer nobody waits for go on.
    await sleep(Math.max(0, startMs + endMs(row) - nowMs()));
    const after = await this.#cacheCounts(row, prefix);
    const entries = this.#entries(row, prefix, startMs);
    const lateMs = [...sent.map(({ lateMs: late }) => late), ...entries.map(({ late }) => late / 1e6)];
    const cache = Object.keys(row.models).map((name) => {
      const [was, is] = [before[name]!, after[name]!];
      return [name, { hits: is.hits - was.hits, misses: is.misses - was.misses }] as const;
    });
    return {
      happened: { ...happenedOf(sent, entries, startMs, prefix), cache: Object.fromEntries(cache) },
      otherConfig,
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

  /** Several requests at once, so that all instances get one. */
  async #warmUp(row: Row, prefix: string): Promise<void> {
    const offset = this.#nextOffset();
    const asked = [...new Set(parseArrivals(row).map(({ model }) => model))];
    const flags = hasSequences(row) ? [1, 2, 3, 4].map((id) => `s${id}<>`) : ['', '', '', ''];
    const arrives = asked.flatMap((name) => flags.map((each) => `1>${name}@0${each}`)).join(' ');
    const requests = parseArrivals({ ...row, arrives });
    await sendRequests(this.client, { models: row.models }, requests, nowMs(), { prefix, offset });
  }

  #nextOffset(): number {
    this.#offset += 100;
    return this.#offset;
  }

  async #otherConfig(row: Row, prefix: string): Promise<string | undefined> {
    // What an ensemble takes from its steps, Triton adds.
    const sleeping = Object.keys(row.models).filter((name) => !isEnsemble(row.models[name]!));
    const found = sleeping.map(async (name) => {
      const { config } = await this.client.modelConfig(prefix + name);
      return configDifference(config, readConfig(row, name, prefix));
    });
    return (await Promise.all(found)).find((lines) => lines !== undefined);
  }

  async #cacheCounts(row: Row, prefix: string): Promise<CacheCounts> {
    const counts = Object.keys(row.models).map(async (name) => {
      const [statistics] = await this.client.statistics(prefix + name);
      const { hits, misses } = statistics?.cache ?? {};
      return [name, { hits: hits?.count ?? 0, misses: misses?.count ?? 0 }] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  #entries({ models }: Row, prefix: string, startMs: number): Entry[] {
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

/**
 * Whether a run leaves something to the next one: a batcher is held once after its model was loaded, requests that have expired
 * count, a rate limiter remembers who has executed, and a process that is dead stays dead.
 */
function leavesTraces(row: Row): boolean {
  return row.heldUntil !== undefined || row.expired !== undefined || row.isLimited === true || isStuck(row);
}

function isStuck({ diesMs, isStuckAfter = false }: Row): boolean {
  return diesMs !== undefined || isStuckAfter;
}

function hasSequences(row: Row): boolean {
  return parseArrivals(row).some(({ sequence }) => sequence > 0);
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
  const others: readonly (string | undefined)[] = [undefined, 'queueFull', 'queueTimeout', 'deadline'];
  return {
    executions,
    streams: sent
      .map(({ responses, firstMs }, i) => streamEvent(i, responses, firstMs))
      .filter(({ requests }) => requests.length > 0),
    answers: ends((kind) => kind === undefined),
    refused: ends((kind) => kind === 'queueFull'),
    expired: ends((kind) => kind === 'queueTimeout'),
    errors: ends((kind) => !others.includes(kind)),
    unanswered: ends((kind) => kind === 'deadline').flatMap(({ requests }) => requests),
  };
}
