import { mean } from 'simple-statistics';
import { simulateLoop } from '../../src/calibrate/summary/closed-loop.js';
import type { SummaryFit } from '../../src/calibrate/summary/fit-from-summaries.js';
import {
  isSolo,
  type SummaryObservation,
  type SummarySetup,
} from '../../src/calibrate/summary/observation.js';
import { summaryProfile } from '../../src/calibrate/summary/summary-profile.js';
import type { TableFit } from './fit-table.js';

/** An online row of the source and what was predicted of it. */
export interface PredictedRow {
  readonly table: string;
  readonly device: string;
  readonly isCnn: boolean;
  readonly unit: number;
  readonly measured: SummaryObservation;
  readonly predicted: SummaryObservation;
  /** Factor by which the interval reaches to either side. */
  readonly factor: number;
  /** Whether the fit saw this row. */
  readonly fitted: boolean;
}

/** Latencies that a predicted row is simulated for, and with how many seeds. */
const ROUNDS = 60;
const SEEDS = ['a', 'b', 'c'];

/** Every online row of the table, those of the fit marked. */
export function predictTable({ table, setup, fit, fittedConcurrencies }: TableFit): readonly PredictedRow[] {
  const factor = Math.exp(1.96 * residualDeviation(fit));
  return table.online.map((measured) => ({
    table: table.name,
    device: table.device,
    isCnn: table.isCnn,
    unit: table.unit,
    measured,
    predicted: predictRow(fit, setup, measured),
    factor,
    fitted: fittedConcurrencies.includes(measured.concurrency),
  }));
}

/** Mean over the seeds. How long to simulate is taken from the prediction itself. */
export function predictRow(
  { parameters, spread }: SummaryFit,
  setup: SummarySetup,
  { concurrency, requestBatch }: SummaryObservation,
): SummaryObservation {
  const profile = summaryProfile(parameters, setup, spread);
  const run = (seed: string, latencyMs: number, rounds: number) =>
    simulateLoop(parameters, profile, setup, { concurrency, requestBatch, latencyMs, rounds, seed });
  const { latencyMs } = roughLatency(run, profile.service[0]!);
  const runs = SEEDS.map((seed) => run(seed, latencyMs, ROUNDS));
  const average = (of: (row: SummaryObservation) => number) => mean(runs.map(of));
  return {
    concurrency,
    requestBatch,
    inferencesPerS: average((row) => row.inferencesPerS),
    meanLatencyMs: average((row) => row.meanLatencyMs),
    splitMs: {
      outside: average((row) => row.splitMs!.outside),
      queue: average((row) => row.splitMs!.queue),
      input: average((row) => row.splitMs!.input),
      infer: average((row) => row.splitMs!.infer),
      output: average((row) => row.splitMs!.output),
    },
  };
}

/** Runs of doubling length until one holds enough answers to say how long a request takes. */
function roughLatency(
  run: (seed: string, latencyMs: number, rounds: number) => SummaryObservation,
  smallest: { readonly inputMs: number; readonly inferMs: number; readonly outputMs: number },
): { readonly latencyMs: number } {
  let latencyMs = smallest.inputMs + smallest.inferMs + smallest.outputMs;
  for (let i = 0; i < 20; i++) {
    const { meanLatencyMs } = run('length', latencyMs, 8);
    if (meanLatencyMs < 2 * latencyMs) return { latencyMs: meanLatencyMs };
    latencyMs *= 2;
  }
  return { latencyMs };
}

/**
 * Standard deviation of the logarithm of throughput over the rows that the fit saw: how well this model of the
 * server describes this table. Rows of one caller that are their own service times say nothing and are left out.
 */
function residualDeviation({ residuals, parameters }: SummaryFit): number {
  const telling = residuals.filter(({ observed }) => parameters.service.kind === 'line' || !isSolo(observed));
  if (telling.length === 0) return LEAST_DEVIATION;
  const squares = telling.map(
    ({ observed, predicted }) => Math.log(predicted.inferencesPerS / observed.inferencesPerS) ** 2,
  );
  return Math.max(LEAST_DEVIATION, Math.sqrt(mean(squares)));
}

/** perf_analyzer takes three windows within 10 % of each other as stable: no row is known better than that. */
const LEAST_DEVIATION = 0.05;
