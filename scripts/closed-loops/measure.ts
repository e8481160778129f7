import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mean, quantile, standardDeviation, sum } from 'simple-statistics';
import type { InferenceClient, ModelStatistics } from '../../src/live/inference-client.js';
import { startStallMeter } from '../../src/live/load/stall-meter.js';
import { restingStatistics } from '../../src/live/resting-statistics.js';
import { subtractStatistics } from '../../src/live/statistics.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { readPerfAnalyzer } from '../../src/trace/import/perf-analyzer.js';
import { requireInstallation } from '../triton/installation.js';
import { onServer } from '../triton/on-server.js';
import { type PerfAnalyzer, preparePerfAnalyzer } from '../triton/perf-analyzer.js';
import { writeRepository } from '../triton/write-repository.js';
import { CASES, type ClosedLoopCase, MODELS } from './cases.js';
import { type MeasuredRow, measuredText, readMeasured } from './rows.js';

const DURATION_S = 8;
/** Not counted: threads and connections start. */
const WARM_UP_US = 1e6;
/** perf_analyzer connects before its load and writes its export after it. */
const SECONDS_BESIDE_LOAD = 30;
/** Its export is empty now and then. */
const TRIES = 3;
/** Answers further apart belong to different executions. */
const LONGEST_GAP_US = 1000;

/** Runs what the table lacks of so many runs of each case, on a server that it starts, and adds each as soon as it is measured. */
export async function measureCases(
  file: string,
  repeats: number,
  onProgress: (what: string) => void,
): Promise<void> {
  const rows = existsSync(file) ? readMeasured(file) : [];
  const lacking = Array.from({ length: repeats }, (_, i) => i + 1).flatMap((run) =>
    CASES.filter((each) => !rows.some((row) => row.name === each.name && row.run === run)).map((each) => ({
      each,
      run,
    })),
  );
  if (lacking.length === 0) return;
  const installation = requireInstallation();
  const folder = await mkdtemp(join(tmpdir(), 'perseus-closed-loops-'));
  try {
    const repository = join(folder, 'repository');
    await writeRepository(repository, MODELS, installation);
    const analyzer = await preparePerfAnalyzer(installation);
    const server = { installation, repository, logFile: join(folder, 'server.log') };
    await onServer(server, async (client, { url }) => {
      for (const [i, { each, run }] of lacking.entries()) {
        onProgress(`${i + 1}/${lacking.length} ${each.name} clients, run ${run}`);
        rows.push(await measureOnce(each, run, { client, url, analyzer, folder }));
        await writeFileAtomically(file, measuredText(rows));
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stand {
  readonly client: InferenceClient;
  readonly url: string;
  readonly analyzer: PerfAnalyzer;
  readonly folder: string;
}

async function measureOnce(each: ClosedLoopCase, run: number, stand: Stand): Promise<MeasuredRow> {
  for (let attempt = 1; ; attempt++) {
    const resting = await restingStatistics(stand.client, [each.model]);
    const meter = await startStallMeter();
    const answers = await play(
      each,
      stand,
      join(stand.folder, `${each.model}-${each.clients}-${run}-${attempt}.json`),
    );
    const { longestMs } = meter.stop();
    if (answers !== undefined) {
      const now = await restingStatistics(stand.client, [each.model]);
      const [statistics] = subtractStatistics(now, resting);
      return rowOf(each, { run, answers, statistics: statistics!, longestStallMs: longestMs });
    }
    if (attempt === TRIES) throw new Error(`perf_analyzer left no export ${TRIES} times: ${each.name}`);
  }
}

/** When requests were sent and answered, microseconds. */
type Answers = readonly { readonly sentUs: number; readonly endedUs: number }[];

async function play(
  { model, clients, aboutPerS }: ClosedLoopCase,
  { analyzer, url }: Stand,
  file: string,
): Promise<Answers | undefined> {
  const words = [
    ...['-m', model, '-i', 'grpc', '-u', url, '--input-data', 'zero'],
    ...['--concurrency-range', String(clients), '--request-count', String(aboutPerS * DURATION_S)],
    ...['--profile-export-file', file],
  ];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(analyzer.command, words, {
      stdio: 'ignore',
      env: analyzer.environment,
      timeout: (2 * DURATION_S + SECONDS_BESIDE_LOAD) * 1000,
      killSignal: 'SIGKILL',
    });
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  if (!existsSync(file)) return undefined;
  const [experiment] = readPerfAnalyzer(await readFile(file, 'utf8'));
  const { trace, latencyUs } = experiment!;
  const answers = Array.from(trace.arrivalUs, (sentUs, i) => ({ sentUs, endedUs: sentUs + latencyUs[i]! }));
  return answers.length === 0 ? undefined : answers;
}

interface Run {
  readonly run: number;
  readonly answers: Answers;
  readonly statistics: ModelStatistics;
  readonly longestStallMs: number;
}

function rowOf(
  { name, model, clients }: ClosedLoopCase,
  { run, answers, statistics, longestStallMs }: Run,
): MeasuredRow {
  const lastSentUs = Math.max(...answers.map(({ sentUs }) => sentUs));
  const ends = answers
    .map(({ endedUs }) => endedUs)
    .filter((us) => us >= WARM_UP_US && us < lastSentUs)
    .sort((a, b) => a - b);
  const counted = answers
    .filter(({ sentUs }) => sentUs >= WARM_UP_US)
    .map(({ sentUs, endedUs }) => endedUs - sentUs);
  const gaps = ends.slice(1).flatMap((us, i) => (us - ends[i]! < LONGEST_GAP_US ? [us - ends[i]!] : []));
  const { batches, inferenceCount, executionCount } = statistics;
  const executionNs = sum(
    batches.map(
      ({ computeInput, computeInfer, computeOutput }) => computeInput.ns + computeInfer.ns + computeOutput.ns,
    ),
  );
  const latencyMs = (share: number) => quantile(counted, share) / 1000;
  return {
    ...{ name, model, clients, run, requests: counted.length },
    throughputPerS: (ends.length * 1e6) / (lastSentUs - WARM_UP_US),
    meanBatch: inferenceCount / executionCount,
    meanMs: mean(counted) / 1000,
    ...{ p50Ms: latencyMs(0.5), p95Ms: latencyMs(0.95), p99Ms: latencyMs(0.99) },
    executionMs: executionNs / executionCount / 1e6,
    answerGapUs: gaps.length === 0 ? 0 : mean(gaps),
    answerGapCv: gaps.length < 2 ? 0 : standardDeviation(gaps) / mean(gaps),
    longestStallMs,
  };
}
