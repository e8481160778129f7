import { mean } from 'simple-statistics';
import type { Loop } from '../../src/calibrate/summary/closed-loop.js';
import type { Residual } from '../../src/calibrate/summary/misfit.js';
import type { SummaryObservation } from '../../src/calibrate/summary/observation.js';
import type { ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import { totalMs } from '../../src/profile/service-time.js';
import type { IntervalPoint } from '../support/errors-by.js';
import { errorPercent } from '../support/points.js';
import { sixDigits } from '../support/table.js';
import { shownPerS } from './count-windows.js';
import type { TableFit } from './fit.js';
import { simulateProfile } from './shipped.js';
import type { NvidiaTable } from './tables.js';

/** A figure of an online row that no fit saw, beside its prediction. */
export interface Point extends IntervalPoint {
  /** Model, device and closed-loop clients, e.g. `resnet50-onnx-trt-fp16@Tesla T4, 64 clients`. */
  readonly tenant: string;
  readonly model: string;
  readonly device: string;
  readonly concurrency: number;
  readonly isCnn: boolean;
  /** Inferences per second, or milliseconds. */
  readonly metric: Metric;
  /** The source measured every row once: always null. */
  readonly measuredSpread: null;
}

export type Metric = 'throughputPerS' | 'meanMs';
export const METRICS: readonly Metric[] = ['throughputPerS', 'meanMs'];

/** Latencies that a predicted row is simulated for, and the seed. */
const ROUNDS = 60;
export const SEED = 'predict';

type PredictedSetup = Pick<TableFit, 'table' | 'setup'>;

/** What is to be predicted. */
type TableToPredict = Pick<TableFit, 'table' | 'setup' | 'fittedConcurrencies'>;

/**
 * Two figures of every online row of the table that the fit did not see.
 * @param ends profiles at the ends of what is not known: the interval reaches to their figures
 */
export function predictTable(
  fit: TableToPredict,
  by: ModelProfile,
  ends: readonly ModelProfile[] = [],
): readonly Point[] {
  const { table, fittedConcurrencies } = fit;
  return table.online
    .filter(({ concurrency }) => !fittedConcurrencies.includes(concurrency))
    .flatMap((measured) => {
      const simulated = [by, ...ends].map((each) => predictRow(fit, measured, each));
      return METRICS.map((metric) => pointOf(table, metric, measured, simulated));
    });
}

/** @param simulated by the profile, and by those at the ends */
function pointOf(
  { name, device, isCnn, unit, countedRequests }: NvidiaTable,
  metric: Metric,
  measured: SummaryObservation,
  simulated: readonly SummaryObservation[],
): Point {
  const figure = (row: SummaryObservation) =>
    metric === 'throughputPerS' ? row.inferencesPerS * unit : row.meanLatencyMs;
  const all = simulated.map((row) =>
    sixDigits(figure({ ...row, inferencesPerS: shownPerS(row, countedRequests) })),
  );
  const value = all[0]!;
  return {
    tenant: `${name}@${device}, ${measured.concurrency} clients`,
    model: name,
    device,
    concurrency: measured.concurrency,
    isCnn,
    metric,
    measured: sixDigits(figure(measured)),
    measuredSpread: null,
    predicted: value,
    low: Math.min(...all),
    high: Math.max(...all),
    errorPercent: Number(errorPercent(value, figure(measured)).toFixed(2)),
  };
}

function predictRow(fit: PredictedSetup, measured: SummaryObservation, by: ModelProfile): SummaryObservation {
  return run(fit, by, loopOf(fit, measured, by));
}

function run({ table, setup }: PredictedSetup, by: ModelProfile, loop: Loop): SummaryObservation {
  return simulateProfile(by, { setup, unit: table.unit }, loop);
}

/** The loop that predicts a row. How long to simulate is taken from the prediction itself. */
export function loopOf(
  fit: PredictedSetup,
  { concurrency, requestBatch }: SummaryObservation,
  by: ModelProfile,
): Loop {
  const loop = { concurrency, requestBatch };
  const latencyMs = roughLatencyMs(
    (lengthMs) => run(fit, by, { ...loop, latencyMs: lengthMs, rounds: 8, seed: 'length' }),
    by.service[0]!,
  );
  return { ...loop, latencyMs, rounds: ROUNDS, seed: SEED };
}

/**
 * How long a request takes, by runs of eight latencies: of doubling length until a run holds enough answers, then as long as they say
 * until a longer run says much the same. A short one counts those requests alone that were answered first, which waited least.
 */
function roughLatencyMs(run: (latencyMs: number) => SummaryObservation, smallest: ServicePoint): number {
  let latencyMs = totalMs(smallest);
  let meanMs = run(latencyMs).meanLatencyMs;
  for (let i = 0; i < 20 && !(meanMs < 2 * latencyMs); i++) {
    latencyMs *= 2;
    meanMs = run(latencyMs).meanLatencyMs;
  }
  for (let i = 0; i < 20; i++) {
    const longerMs = run(meanMs).meanLatencyMs;
    if (!(longerMs > 1.5 * meanMs)) break;
    meanMs = longerMs;
  }
  return meanMs;
}

/**
 * Standard deviation of the logarithm of throughput over the rows that the fit saw: how well this model of the
 * server describes them. At least that of a stable measurement.
 */
export function residualDeviation(rows: readonly Residual[]): number {
  if (rows.length === 0) return LEAST_DEVIATION;
  const squares = rows.map(
    ({ observed, predicted }) => Math.log(predicted.inferencesPerS / observed.inferencesPerS) ** 2,
  );
  return Math.max(LEAST_DEVIATION, Math.sqrt(mean(squares)));
}

/** perf_analyzer takes three windows within 10 % of each other as stable: no row is known better than that. */
const LEAST_DEVIATION = 0.05;
