import { mean } from 'simple-statistics';
import { simulateLoop } from '../../src/calibrate/summary/closed-loop.js';
import type { Residual } from '../../src/calibrate/summary/misfit.js';
import type { SummaryObservation } from '../../src/calibrate/summary/observation.js';
import { summaryProfile } from '../../src/calibrate/summary/summary-profile.js';
import type { ServicePoint } from '../../src/profile/profile.js';
import { totalMs } from '../../src/profile/service-time.js';
import type { TableFit } from './fit.js';

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

/** Latencies that a predicted row is simulated for, and the seed. */
const ROUNDS = 60;
const SEED = 'predict';

/** Every online row of the table, those of the fit marked. */
export function predictTable(fit: TableFit): readonly PredictedRow[] {
  const { table, fittedConcurrencies } = fit;
  const factor = Math.exp(1.96 * residualDeviation(fit.residuals));
  return table.online.map((measured) => ({
    table: table.name,
    device: table.device,
    isCnn: table.isCnn,
    unit: table.unit,
    measured,
    predicted: predictRow(fit, measured),
    factor,
    fitted: fittedConcurrencies.includes(measured.concurrency),
  }));
}

/** How long to simulate is taken from the prediction itself. */
function predictRow(
  { parameters, spread, setup }: TableFit,
  { concurrency, requestBatch }: SummaryObservation,
): SummaryObservation {
  const profile = summaryProfile(parameters, setup, spread);
  const run = (seed: string, latencyMs: number, rounds: number) =>
    simulateLoop(parameters, profile, setup, { concurrency, requestBatch, latencyMs, rounds, seed });
  const latencyMs = roughLatencyMs(run, profile.service[0]!);
  return run(SEED, latencyMs, ROUNDS);
}

/** Runs of doubling length until one holds enough answers to say how long a request takes. */
function roughLatencyMs(
  run: (seed: string, latencyMs: number, rounds: number) => SummaryObservation,
  smallest: ServicePoint,
): number {
  let latencyMs = totalMs(smallest);
  for (let i = 0; i < 20; i++) {
    const { meanLatencyMs } = run('length', latencyMs, 8);
    if (meanLatencyMs < 2 * latencyMs) return meanLatencyMs;
    latencyMs *= 2;
  }
  return latencyMs;
}

/**
 * Standard deviation of the logarithm of throughput over the rows that the fit saw: how well this model of the
 * server describes them.
 */
function residualDeviation(rows: readonly Residual[]): number {
  if (rows.length === 0) return LEAST_DEVIATION;
  const squares = rows.map(
    ({ observed, predicted }) => Math.log(predicted.inferencesPerS / observed.inferencesPerS) ** 2,
  );
  return Math.max(LEAST_DEVIATION, Math.sqrt(mean(squares)));
}

/** perf_analyzer takes three windows within 10 % of each other as stable: no row is known better than that. */
const LEAST_DEVIATION = 0.05;
