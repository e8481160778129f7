// Runs one case of the bench in a process of its own and prints its figures as JSON.
import { RandomStreams } from '../src/base/random.js';
import { type WorkerPool, workerPool } from '../src/node/worker-pool.js';
import { type Component, partition } from '../src/simulator/partition.js';
import { simulateLatencies, simulateStream } from '../src/simulator/simulate-latencies.js';
import { arrivalStream } from '../src/trace/synthesis/arrival-stream.js';
import { type BenchCase, CASES } from './cases.js';
import { buildScenario, ratePerModel } from './workloads.js';

export interface Measured {
  readonly requestsPerSecond: number;
  readonly meanLatencyMs: number;
  readonly peakRssMb: number;
  /** Of a case on several threads: the rate on one. */
  readonly referencePerSecond?: number;
}

const bench = CASES.find(({ name }) => name === process.argv[2])!;
const { requests, meanLatencyUs, seconds, referencePerSecond } = await measure(bench);
const peakRssMb = process.resourceUsage().maxRSS / 1024;
const measured: Measured = {
  requestsPerSecond: requests / seconds,
  meanLatencyMs: meanLatencyUs / 1000,
  peakRssMb,
  ...(referencePerSecond === undefined ? {} : { referencePerSecond }),
};
process.stdout.write(JSON.stringify(measured));

interface Timed {
  readonly requests: number;
  readonly meanLatencyUs: number;
  readonly seconds: number;
  readonly referencePerSecond?: number;
}

function measure(bench: BenchCase): Timed | Promise<Timed> {
  if (bench.streamed === true) return measureStream(bench);
  if (bench.threads !== undefined) return measureThreads(bench, bench.threads);
  const scenario = buildScenario(bench.workload);
  const components = partition(scenario);
  let best: Timed | undefined;
  for (let repeat = 0; repeat < bench.repeats; repeat++) {
    const started = performance.now();
    const results = components.flatMap((component) => simulateLatencies(scenario, component));
    const seconds = (performance.now() - started) / 1000;
    if (best === undefined || seconds < best.seconds) best = { seconds, ...count(results) };
  }
  return best!;
}

/** Generating the arrivals is part of the time here: they exist only while they are used. */
function measureStream({ workload }: BenchCase): Timed {
  const scenario = buildScenario({ ...workload, requests: 1000 });
  const random = new RandomStreams(1).get('stream');
  const stream = arrivalStream({
    process: { kind: 'poisson', ratePerS: ratePerModel(workload) },
    durationS: 1e9,
    random,
    maxRequests: workload.requests,
  });
  const block = new Float64Array(8192);
  const source = {
    ended: false,
    fill(into: Float64Array, offset: number): number {
      const room = Math.min(block.length, into.length - offset);
      const filled = stream.fill(room === block.length ? block : block.subarray(0, room));
      for (let i = 0; i < filled; i++) into[offset + i] = block[i]! * 1000;
      if (filled < room) source.ended = true;
      return filled;
    },
  };
  const started = performance.now();
  const result = simulateStream({ ...scenario, durationUs: 1e15 }, source);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, requests: result.completed, meanLatencyUs: result.histogram!.meanUs };
}

/** The same components on one worker thread and on several, in turn: the one is the reference of the other. */
async function measureThreads({ workload, repeats }: BenchCase, threads: number): Promise<Timed> {
  const scenario = buildScenario(workload, true);
  const components = partition(scenario);
  const chunks = Array.from({ length: threads * 4 }, (_, i) =>
    components.filter((_, c) => c % (threads * 4) === i),
  );
  const worker = new URL('./latency-worker.js', import.meta.url);
  const pools = [workerPool(worker, scenario, 1), workerPool(worker, scenario, threads)];
  const best: Timed[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    for (const [i, pool] of pools.entries()) {
      const timed = await timeChunks(pool, chunks);
      // In the first round each thread still compiles the simulator.
      if (repeat === 1 || (repeat > 1 && timed.seconds < best[i]!.seconds)) best[i] = timed;
    }
  }
  await Promise.all(pools.map((pool) => pool.destroy()));
  return { ...best[1]!, referencePerSecond: best[0]!.requests / best[0]!.seconds };
}

async function timeChunks(pool: WorkerPool, chunks: readonly (readonly Component[])[]): Promise<Timed> {
  const started = performance.now();
  const parts: Timed[] = await Promise.all(chunks.map((chunk) => pool.run<Timed>(chunk)));
  const seconds = (performance.now() - started) / 1000;
  const requests = parts.reduce((sum, part) => sum + part.requests, 0);
  const meanLatencyUs = parts.reduce((sum, part) => sum + part.meanLatencyUs * part.requests, 0) / requests;
  return { seconds, requests, meanLatencyUs };
}

/** Also makes sure that nothing was skipped: every latency is looked at. */
function count(results: ReturnType<typeof simulateLatencies>): Omit<Timed, 'seconds'> {
  let sum = 0;
  let requests = 0;
  for (const { latencyUs, completed } of results) {
    requests += completed;
    for (const us of latencyUs!) sum += us;
  }
  return { requests, meanLatencyUs: sum / requests };
}
