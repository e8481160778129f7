import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPerfAnalyzer } from '../../src/trace/import/perf-analyzer.js';
import type { PerfAnalyzer } from '../triton/perf-analyzer.js';

export interface CrossCheckLoad {
  readonly model: string;
  readonly ratePerS: number;
}

/** What one perf_analyzer sent and saw, on a clock that all of a run share. */
export interface CrossCheckRequests {
  readonly model: string;
  readonly sentUs: readonly number[];
  readonly latencyUs: readonly number[];
}

/** Its export is empty now and then, or it never ends though nothing is under way any more: the run is repeated. */
const TRIES = 3;
/** It connects before its load and writes its export after it. */
const SECONDS_BESIDE_LOAD = 60;

/** Poisson loads of several perf_analyzers at once, one process each; time 0 is the first request of all. */
export async function runCrossCheck(
  analyzer: PerfAnalyzer,
  url: string,
  loads: readonly CrossCheckLoad[],
  durationS: number,
): Promise<CrossCheckRequests[]> {
  const folder = await mkdtemp(join(tmpdir(), 'perseus-cross-check-'));
  try {
    for (let attempt = 1; ; attempt++) {
      const runs = await Promise.all(
        loads.map((load, i) =>
          runOne(analyzer, url, load, durationS, join(folder, `${attempt}-${i}.json`)).catch(() => undefined),
        ),
      );
      if (runs.every((run) => run !== undefined && run.sentNs.length > 0)) return onOneClock(loads, runs);
      if (attempt === TRIES) throw new Error(`perf_analyzer left no export ${TRIES} times`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Export {
  readonly sentNs: readonly number[];
  readonly latencyUs: readonly number[];
}

async function runOne(
  analyzer: PerfAnalyzer,
  url: string,
  { model, ratePerS }: CrossCheckLoad,
  durationS: number,
  file: string,
): Promise<Export> {
  const words = [
    ...['-m', model, '-i', 'grpc', '-u', url, '-a', '--input-data', 'zero'],
    ...['--request-rate-range', String(ratePerS), '--request-distribution', 'poisson'],
    ...['--request-count', String(Math.round(ratePerS * durationS)), '--profile-export-file', file],
  ];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(analyzer.command, words, {
      stdio: 'ignore',
      env: analyzer.environment,
      timeout: (durationS + SECONDS_BESIDE_LOAD) * 1000,
      killSignal: 'SIGKILL',
    });
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const text = await readFile(file, 'utf8');
  const [experiment] = readPerfAnalyzer(text);
  const raw = JSON.parse(text) as { experiments: { requests: { timestamp: number }[] }[] };
  const firstNs = raw.experiments[0]!.requests.reduce(
    (least, { timestamp }) => Math.min(least, timestamp),
    Infinity,
  );
  return {
    sentNs: Array.from(experiment!.trace.arrivalUs, (us) => firstNs + us * 1000),
    latencyUs: Array.from(experiment!.latencyUs),
  };
}

function onOneClock(
  loads: readonly CrossCheckLoad[],
  runs: readonly (Export | undefined)[],
): CrossCheckRequests[] {
  const firstNs = Math.min(...runs.map((run) => run!.sentNs[0]!));
  return loads.map(({ model }, i) => ({
    model,
    sentUs: runs[i]!.sentNs.map((ns) => (ns - firstNs) / 1000),
    latencyUs: runs[i]!.latencyUs,
  }));
}
