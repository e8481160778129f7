// Runs one case of the bench in a process of its own and prints what each repeat took as JSON.
// usage: measure.ts CASE REPEATS REQUESTS [FOLDER]; FOLDER: the checkout whose engine runs, default this one

import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { Component, partition } from '../src/simulator/partition.js';
import type { simulateLatencies } from '../src/simulator/simulate-latencies.js';
import { type BenchCase, CASES } from './cases.js';
import type { buildScenario } from './workloads.js';

/** What the bench asks of a checkout of perseus, this one or one of another commit. */
interface Engine {
  readonly buildScenario: typeof buildScenario;
  readonly partition: typeof partition;
  readonly simulateLatencies: typeof simulateLatencies;
  /** The file that a worker thread runs. */
  readonly latencyWorker: URL;
}

/** A checkout lacks what a case of the bench asks for. */
class MissingPart extends Error {}

/**
 * Loads the engine of a checkout.
 * @param root its folder, as a URL that ends with a slash
 * @throws MissingPart where a file or a function of it is not there
 */
async function loadEngine(root: URL): Promise<Engine> {
  return {
    ...(await parts<Pick<Engine, 'buildScenario'>>(root, 'bench/workloads.ts', ['buildScenario'])),
    ...(await parts<Pick<Engine, 'partition'>>(root, 'src/simulator/partition.ts', ['partition'])),
    ...(await parts<Pick<Engine, 'simulateLatencies'>>(root, LATENCIES, ['simulateLatencies'])),
    latencyWorker: new URL('bench/latency-worker.ts', root),
  };
}

const LATENCIES = 'src/simulator/simulate-latencies.ts';

async function parts<T>(root: URL, file: string, names: readonly (keyof T & string)[]): Promise<T> {
  requireFile(root, file);
  const module = (await import(new URL(file, root).href)) as T;
  for (const name of names) {
    if (module[name] === undefined) throw new MissingPart(`${file} does not export ${name}`);
  }
  return module;
}

/** @throws MissingPart where the checkout does not have it */
function requireFile(root: URL, file: string): void {
  if (!existsSync(new URL(file, root))) throw new MissingPart(`there is no ${file}`);
}

/** What one repeat took. CPU time is that of all threads, the collector's and the compiler's included. */
export interface Repeat {
  readonly wallS: number;
  readonly cpuS: number;
}

export interface Measured {
  readonly requests: number;
  readonly meanLatencyMs: number;
  readonly peakRssMb: number;
  readonly repeats: readonly Repeat[];
  /** Of a case on several threads: the same on one. */
  readonly onOneThread?: readonly Repeat[];
}

/** Why a case cannot be run in that checkout. */
export interface NotMeasured {
  readonly missing: string;
}

/** V8 compiles the engine while it runs: so much CPU time goes by before the first repeat. */
const WARM_UP_CPU_S = 0.5;
const WARM_UP_REQUESTS = 1e6;

interface Outcome {
  readonly requests: number;
  readonly meanLatencyUs: number;
}

type Run = () => Outcome | Promise<Outcome>;

async function main(): Promise<void> {
  const [name, repeats, requests, folder] = process.argv.slice(2);
  const found = CASES.find((bench) => bench.name === name)!;
  const bench = { ...found, workload: { ...found.workload, requests: Number(requests) } };
  const root = folder === undefined ? new URL('../', import.meta.url) : pathToFileURL(`${folder}/`);
  let result: Measured | NotMeasured;
  try {
    result = await measure(await loadEngine(root), bench, Number(repeats));
  } catch (error) {
    if (!(error instanceof MissingPart)) throw error;
    result = { missing: error.message };
  }
  process.stdout.write(JSON.stringify(result));
}

async function measure(engine: Engine, bench: BenchCase, repeats: number): Promise<Measured> {
  if (bench.threads !== undefined) return measureThreads(engine, bench, bench.threads, repeats);
  const { workload } = bench;
  const fewer = { ...workload, requests: Math.min(workload.requests, WARM_UP_REQUESTS) };
  const warmUp = await latencyRun(engine, { ...bench, workload: fewer });
  for (const started = cpuS(); cpuS() - started < WARM_UP_CPU_S; ) await warmUp();
  return measureRuns([await latencyRun(engine, bench)], repeats);
}

async function latencyRun(engine: Engine, { workload }: BenchCase): Promise<Run> {
  const scenario = engine.buildScenario(workload);
  const components = engine.partition(scenario);
  return () => {
    const results = components.flatMap((component) => engine.simulateLatencies(scenario, component));
    return {
      requests: results.reduce((sum, { completed }) => sum + completed, 0),
      // Looked at only when asked for, outside of the time that is measured.
      get meanLatencyUs() {
        return meanOf(results);
      },
    };
  };
}

/** The same components on one worker thread and on several, in turn: the one is the reference of the other. */
async function measureThreads(
  engine: Engine,
  { workload }: BenchCase,
  threads: number,
  repeats: number,
): Promise<Measured> {
  requireFile(new URL('../', engine.latencyWorker), 'bench/latency-worker.ts');
  const scenario = engine.buildScenario(workload, true);
  const components = engine.partition(scenario);
  const chunks = Array.from({ length: threads * 4 }, (_, i) =>
    components.filter((_, c) => c % (threads * 4) === i),
  );
  const pools = [1, threads].map(
    (size) =>
      new Piscina({
        filename: engine.latencyWorker.href,
        workerData: scenario,
        minThreads: size,
        maxThreads: size,
        execArgv: ['--import', 'tsx'],
      }),
  );
  const runs = pools.map((pool) => () => runChunks(pool, chunks));
  // In the first round each thread still compiles the simulator.
  for (const run of runs) await run();
  const measured = await measureRuns(runs, repeats);
  await Promise.all(pools.map((pool) => pool.destroy()));
  return measured;
}

async function runChunks(pool: Piscina, chunks: readonly (readonly Component[])[]): Promise<Outcome> {
  const parts: Outcome[] = await Promise.all(chunks.map((chunk) => pool.run(chunk)));
  const requests = parts.reduce((sum, part) => sum + part.requests, 0);
  const meanLatencyUs = parts.reduce((sum, part) => sum + part.meanLatencyUs * part.requests, 0) / requests;
  return { requests, meanLatencyUs };
}

/** Times runs in turn. The last one is what is measured; of two, the first is the same on one thread. */
async function measureRuns(runs: readonly Run[], repeats: number): Promise<Measured> {
  const taken = runs.map((): Repeat[] => []);
  let outcome: Outcome | undefined;
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [i, run] of runs.entries()) {
      outcome = undefined; // Its latencies would take room beside those of the next run.
      const startedMs = performance.now();
      const startedCpuS = cpuS();
      outcome = await run();
      taken[i]!.push({ wallS: (performance.now() - startedMs) / 1000, cpuS: cpuS() - startedCpuS });
    }
  }
  return {
    requests: outcome!.requests,
    meanLatencyMs: outcome!.meanLatencyUs / 1000,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    repeats: taken.at(-1)!,
    ...(taken.length > 1 && { onOneThread: taken[0]! }),
  };
}

/** Also makes sure that nothing was skipped: every latency is looked at. */
function meanOf(results: ReturnType<Engine['simulateLatencies']>): number {
  let sum = 0;
  let requests = 0;
  for (const { latencyUs, completed } of results) {
    requests += completed;
    for (const us of latencyUs) sum += us;
  }
  return sum / requests;
}

/** CPU time of this process so far. */
function cpuS(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

await main();
