import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConformanceCase, Happened } from './conformance-case.js';
import { calm } from './heartbeat.js';
import { type LoadedRow, RowServer } from './row-server.js';
import { readRunDelays } from './run-delays.js';

/** A row on the real server. */
export interface LiveOutcome {
  readonly happened: Happened;
  /** How the configuration in force differs from what perseus reads in the file; undefined when it does not. */
  readonly otherConfig: string | undefined;
  /** Runs thrown away because the machine had no time for the server or for us. */
  readonly discarded: number;
}

/** How often a row is tried until the machine has time for it. */
const MOST_TRIES = 40;
/** Rows that run side by side: nearly all of their time is sleep. */
const SIDE_BY_SIDE = 8;
/** Models that are loaded at the same time, each of which starts a process. */
const LOADED_AT_ONCE = 4;
/** A thread of the server that waited longer for a processor makes another scenario of a row. */
const MOST_DELAY_MS = 15;

const TOO_BUSY = `the machine was too busy for ${MOST_TRIES} tries: run this when nothing else runs`;

/** Real servers with a model for each row: one server for the rows that hold the batcher back each in their way. */
export class LiveServers {
  readonly #folder: string;
  readonly #servers = new Map<number, RowServer>();
  readonly #loaded = new Map<ConformanceCase, LoadedRow>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts the servers and loads the models; ends what it has started when it cannot. */
  static async start(rows: readonly ConformanceCase[]): Promise<LiveServers> {
    const servers = new LiveServers(await mkdtemp(join(tmpdir(), 'perseus-conformance-')));
    try {
      for (const group of groupsOf(rows, LOADED_AT_ONCE)) {
        for (const row of group) await servers.#startFor(row);
        await Promise.all(group.map((row) => servers.#load(row, `row${rows.indexOf(row) + 1}`)));
      }
    } catch (error) {
      await servers.stop();
      throw error;
    }
    return servers;
  }

  /** Runs each row once. */
  async run(onOutcome: (row: ConformanceCase, outcome: LiveOutcome) => void): Promise<void> {
    for (const group of groupsOf([...this.#loaded.values()], SIDE_BY_SIDE)) {
      for (const [loaded, outcome] of await this.#runUndisturbed(group)) onOutcome(loaded.row, outcome);
    }
  }

  /** Release and version of the servers. */
  async facts(): Promise<string> {
    const [server] = this.#servers.values();
    const { release, version } = await server!.client.serverFacts();
    return `${release ?? 'of an unknown release'} (${version})`;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #startFor({ heldUntil = 0 }: ConformanceCase): Promise<void> {
    if (this.#servers.has(heldUntil)) return;
    const folder = join(this.#folder, `held-until-${heldUntil}`);
    this.#servers.set(heldUntil, await RowServer.start(folder, heldUntil));
  }

  async #load(row: ConformanceCase, model: string): Promise<void> {
    const server = this.#servers.get(row.heldUntil ?? 0)!;
    this.#loaded.set(row, await server.load(row, model));
  }

  /** Runs rows side by side, and those that the machine had no time for again. */
  async #runUndisturbed(rows: readonly LoadedRow[]): Promise<Map<LoadedRow, LiveOutcome>> {
    const outcomes = new Map<LoadedRow, LiveOutcome>();
    let left = rows;
    for (let discarded = 0; left.length > 0; discarded++) {
      if (discarded === MOST_TRIES) throw new Error(TOO_BUSY);
      for (const group of groupsOf(left, LOADED_AT_ONCE)) {
        await Promise.all(group.map((loaded) => loaded.refresh()));
      }
      await calm();
      const delays = readRunDelays(left.flatMap((loaded) => loaded.processes()));
      const runs = await Promise.all(left.map(async (loaded) => ({ loaded, ...(await loaded.run()) })));
      if (delays.longestSinceMs() > MOST_DELAY_MS) continue;
      for (const { loaded, happened, wasPunctual } of runs) {
        if (!wasPunctual) continue;
        outcomes.set(loaded, { happened, otherConfig: loaded.otherConfig, discarded });
      }
      left = left.filter((loaded) => !outcomes.has(loaded));
    }
    return outcomes;
  }
}

function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  const groups = Math.ceil(items.length / size);
  return Array.from({ length: groups }, (_, i) => items.slice(i * size, (i + 1) * size));
}
