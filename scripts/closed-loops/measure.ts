import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mean, quantile, standardDeviation, sum } from 'simple-statistics';
import type { ModelStatistics } from '../../src/live/inference-client.js';
import { writeFileAtomically } from '../../src/node/files/atomic-write.js';
import { counted, onStand, type Stand } from '../live/perf-analyzer-runs.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { type PerfAnalyzerExport, playLoad } from '../triton/perf-analyzer.js';
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
  const rows = existsSync(file) ? [...readMeasured(file)] : [];
  const lacking = Array.from({ length: repeats }, (_, i) => i + 1).flatMap((run) =>
    CASES.filter((each) => !rows.some((row) => row.name === each.name && row.run === run)).map((each) => ({
      each,
      run,
    })),
  );
  if (lacking.length === 0) return;
  await inTemporaryFolder((folder) =>
    onStand({ folder, models: MODELS, onProgress }, async (stand) => {
      for (const [i, { each, run }] of lacking.entries()) {
        onProgress(`${i + 1}/${lacking.length} ${each.name} clients, run ${run}`);
        rows.push(await measureOnce(each, run, stand));
        await writeFileAtomically(file, measuredText(rows));
      }
    }),
  );
}

async function measureOnce(
  each: ClosedLoopCase,
  run: number,
  { client, url, analyzer, folder }: Stand,
): Promise<MeasuredRow> {
  const { model, clients, aboutPerS } = each;
  const words = ['--concurrency-range', String(clients), '--request-count', String(aboutPerS * DURATION_S)];
  const limitS = 2 * DURATION_S + SECONDS_BESIDE_LOAD;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const file = join(folder, `${model}-${clients}-${run}-${attempt}.json`);
    const play = () => playLoad(analyzer, url, { model, words, file, limitS });
    const { result, statistics, stalls } = await counted(client, [model], play);
    if (result !== undefined) return rowOf(each, run, result, statistics[0]!, stalls.longestMs);
  }
  throw new Error(`perf_analyzer left no export ${TRIES} times: ${each.name}`);
}

function rowOf(
  { name, model, clients }: ClosedLoopCase,
  run: number,
  { sentUs, latencyUs }: PerfAnalyzerExport,
  { batches, inferenceCount, executionCount }: ModelStatistics,
  longestStallMs: number,
): MeasuredRow {
  const lastSentUs = Math.max(...sentUs);
  const ends = sentUs
    .map((us, i) => us + latencyUs[i]!)
    .filter((us) => us >= WARM_UP_US && us < lastSentUs)
    .sort((a, b) => a - b);
  const counted = latencyUs.filter((_, i) => sentUs[i]! >= WARM_UP_US);
  const gaps = ends.slice(1).flatMap((us, i) => (us - ends[i]! < LONGEST_GAP_US ? [us - ends[i]!] : []));
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
