import { join } from 'node:path';
import type { InferenceClient } from '../../src/live/inference-client.js';
import { startStallMeter } from '../../src/live/load/stall-meter.js';
import { restingStatistics } from '../../src/live/resting-statistics.js';
import { subtractStatistics } from '../../src/live/statistics.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { onServer } from '../triton/on-server.js';
import {
  type PerfAnalyzer,
  type PerfAnalyzerExport,
  playLoad,
  preparePerfAnalyzer,
} from '../triton/perf-analyzer.js';

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

/** A server of models that runs, and perf_analyzer to load it with. */
export interface Stand {
  readonly client: InferenceClient;
  readonly url: string;
  readonly analyzer: PerfAnalyzer;
  /** Of its repository and log, and of what is measured. */
  readonly folder: string;
  readonly onProgress: (what: string) => void;
}

/** What `use` makes of such a server that runs as long. */
export function onStand<Result>(
  { onProgress, ...served }: Parameters<typeof onServer>[0] & Pick<Stand, 'onProgress'>,
  use: (stand: Stand) => Promise<Result>,
): Promise<Result> {
  return onServer(served, async (client, { url }, installation) => {
    const analyzer = await preparePerfAnalyzer(installation, onProgress);
    return use({ client, url, analyzer, folder: served.folder, onProgress });
  });
}

/** What `play` gives, what the server counted of the models meanwhile, and when nothing ran on the machine. */
export async function counted<Result>(
  client: InferenceClient,
  models: readonly string[],
  play: () => Promise<Result>,
) {
  const resting = await restingStatistics(client, models);
  const meter = await startStallMeter();
  const result = await play();
  const stalls = meter.stop();
  const statistics = subtractStatistics(await restingStatistics(client, models), resting);
  return { result, statistics, stalls };
}

/** Runs without an export are repeated. */
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
  const limitS = durationS + SECONDS_BESIDE_LOAD;
  return inTemporaryFolder(async (folder) => {
    for (let attempt = 1; ; attempt++) {
      const runs = await Promise.all(
        loads.map(({ model, ratePerS }, i) => {
          const words = [
            ...['-a', '--request-rate-range', String(ratePerS), '--request-distribution', 'poisson'],
            ...['--request-count', String(Math.round(ratePerS * durationS))],
          ];
          const file = join(folder, `${attempt}-${i}.json`);
          return playLoad(analyzer, url, { model, words, file, limitS });
        }),
      );
      if (runs.every((run) => run !== undefined)) return onOneClock(loads, runs);
      if (attempt === TRIES) throw new Error(`perf_analyzer left no export ${TRIES} times`);
    }
  });
}

function onOneClock(
  loads: readonly CrossCheckLoad[],
  runs: readonly PerfAnalyzerExport[],
): CrossCheckRequests[] {
  const firstNs = Math.min(...runs.map(({ firstNs }) => firstNs));
  return loads.map(({ model }, i) => ({
    model,
    sentUs: runs[i]!.sentUs.map((us) => us + (runs[i]!.firstNs - firstNs) / 1000),
    latencyUs: runs[i]!.latencyUs,
  }));
}
