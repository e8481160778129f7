import { mean } from 'simple-statistics';
import { simulateLoop } from '../../src/calibrate/summary/closed-loop.js';
import type { SummaryObservation, SummarySetup } from '../../src/calibrate/summary/observation.js';
import type { ModelProfile, ProfileValidation } from '../../src/profile/profile.js';
import { rowsToFit, setupOf } from '../nvidia/fit.js';
import type { NvidiaTable } from '../nvidia/tables.js';
import { SOURCE } from './source-names.js';

/**
 * The profiles, each with how it fares against the online table of its set-up: many clients whose requests Triton batches, of
 * which no profile is made. Where there is none, against that of the same model on the device on which it fares worst.
 */
export function withValidations(
  profiles: ReadonlyMap<string, ModelProfile>,
  tables: readonly NvidiaTable[],
): ReadonlyMap<string, ModelProfile> {
  const own = new Map<ModelProfile, ProfileValidation>();
  for (const profile of profiles.values()) {
    const table = tables.find((each) => isOf(each, profile));
    if (table !== undefined) own.set(profile, validationOf(profile, table));
  }
  const all = [...own].sort(([, a], [, b]) => b.meanErrorPercent - a.meanErrorPercent);
  const validated = (profile: ModelProfile): ModelProfile => {
    const [other, worst] = all.find(([each]) => each.model === profile.model) ?? [];
    const validation = own.get(profile) ?? (worst && { ...worst, device: other!.device });
    return validation === undefined ? profile : { ...profile, validation };
  };
  return new Map([...profiles].map(([file, profile]) => [file, validated(profile)]));
}

/** The first of several tables has no number there and one here. */
function isOf({ name, device }: NvidiaTable, profile: ModelProfile): boolean {
  return device === profile.device && name === profile.model.replace(/-table1$/, '');
}

function validationOf(profile: ModelProfile, table: NvidiaTable): ProfileValidation {
  const setup = perInference(table);
  const points = table.online.filter(({ concurrency }) => Number.isInteger(Math.log2(concurrency)));
  const rows = points.map((row) => {
    const measuredPerS = row.inferencesPerS * table.unit;
    const predictedPerS = predict(profile, setup, row, table.unit);
    return { row, measuredPerS, predictedPerS, error: Math.abs(predictedPerS / measuredPerS - 1) };
  });
  const worst = rows.reduce((most, each) => (each.error > most.error ? each : most));
  return {
    source: `${SOURCE} ${table.page}, online tables`,
    points: rows.length,
    meanErrorPercent: rounded(100 * mean(rows.map(({ error }) => error))),
    worst: {
      load: loadOf(worst.row, setup, table.unit),
      measuredPerS: rounded(worst.measuredPerS),
      predictedPerS: rounded(worst.predictedPerS),
    },
  };
}

/** perf_analyzer hands all requests of a closed loop over HTTP to one sending thread. */
const SENDING_THREADS = 1;

/** With as many instances as the reproduction takes; sizes of batches in inferences, as profiles count them. */
function perInference(table: NvidiaTable): SummarySetup {
  const { unit } = table;
  const setup = setupOf(table, rowsToFit(table));
  const { config } = setup;
  const { preferredBatchSizes, ...batching } = config.dynamicBatching!;
  return {
    ...setup,
    frontEndThreads: SENDING_THREADS,
    config: {
      ...config,
      maxBatchSize: config.maxBatchSize * unit,
      dynamicBatching: { ...batching, preferredBatchSizes: preferredBatchSizes.map((size) => size * unit) },
    },
  };
}

/** Latencies that a load is simulated for; with twice as many no mean error moved by more than 1.6 points (of 28 to 106). */
const ROUNDS = 40;

function predict(
  profile: ModelProfile,
  setup: SummarySetup,
  { concurrency, requestBatch, meanLatencyMs }: SummaryObservation,
  unit: number,
): number {
  const { requestDelayUs = 0, responseDelayUs = 0 } = profile.serving ?? {};
  const network = { linkMs: 0, roundTripMs: (requestDelayUs + responseDelayUs) / 1000 };
  const loop = { concurrency, requestBatch: requestBatch * unit, latencyMs: meanLatencyMs };
  return simulateLoop(network, profile, setup, { ...loop, rounds: ROUNDS, seed: 'validation' })
    .inferencesPerS;
}

function loadOf(
  { concurrency, requestBatch }: SummaryObservation,
  { instances }: SummarySetup,
  unit: number,
): string {
  const inferences = requestBatch * unit;
  const each = inferences === 1 ? '' : ` of ${inferences} inferences`;
  return `${count(concurrency, 'closed-loop client')}${each} on ${count(instances, 'instance')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Coarse enough to be the same on every machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
