import { join } from 'node:path';
import { mean } from 'simple-statistics';
import { plural } from '../src/base/plural.js';
import type { SummaryObservation, SummarySetup } from '../src/calibrate/summary/observation.js';
import { serializeProfile } from '../src/profile/parse.js';
import type { ModelProfile, ProfileValidation } from '../src/profile/profile.js';
import { soloProfiles } from './mlperf/solo-profiles.js';
import { rowsToFit, setupOf, tablesToFit } from './nvidia/fit.js';
import { predictTable } from './nvidia/predict.js';
import { type NvidiaTable, readNvidiaTables } from './nvidia/tables.js';
import { readUnseenRows, type UnseenRow } from './nvidia/unseen.js';
import { readFrontEnds } from './profiles/front-ends.js';
import { parvaGpuProfiles } from './profiles/parvagpu.js';
import { SOURCE } from './profiles/source-names.js';
import { tritonTableProfiles } from './profiles/triton-tables.js';
import { isStarted, writeFiles } from './support/main.js';

/**
 * The profiles, each with how it fares against the online table of its set-up: many clients whose requests Triton batches, of
 * which no profile is made. Where there is none, against that of the same model on the device on which it fares worst; where
 * there is none of the model at all, against those of all other models on the device, or on any where it has none: as they
 * are predicted without their family, of which this model has no table either.
 */
function withValidations(
  profiles: ReadonlyMap<string, ModelProfile>,
  tables: readonly NvidiaTable[],
): ReadonlyMap<string, ModelProfile> {
  const own = new Map<ModelProfile, ProfileValidation>();
  for (const profile of profiles.values()) {
    const table = tables.find((each) => isOf(each, profile));
    if (table !== undefined) own.set(profile, validationOf(profile, table, tables));
  }
  const unseen = readUnseenRows();
  const all = [...own].sort(([, a], [, b]) => b.meanErrorPercent - a.meanErrorPercent);
  const validated = (profile: ModelProfile): ModelProfile => {
    const [other, worst] = all.find(([each]) => each.model === profile.model) ?? [];
    const validation =
      own.get(profile) ?? (worst ? { ...worst, device: other!.device } : unseenOn(profile.device, unseen));
    return { ...profile, validation };
  };
  return new Map([...profiles].map(([file, profile]) => [file, validated(profile)]));
}

/** Of other models on that device, or on any where nobody measured one there, each predicted without a row of its family. */
function unseenOn(device: string, rows: readonly UnseenRow[]): ProfileValidation {
  const there = rows.filter((row) => row.device === device);
  const others = there.length > 0 ? there : rows;
  const worst = others.reduce((most, each) => (each.error > most.error ? each : most));
  return {
    source: `${SOURCE}, online tables, without the family of each model`,
    models: new Set(others.map(({ model }) => model)).size,
    points: others.length,
    meanErrorPercent: rounded(100 * mean(others.map(({ error }) => error))),
    worst: {
      load: `${worst.concurrency} ${plural(worst.concurrency, 'closed-loop client')} of ${worst.model} on ${worst.device}`,
      measuredPerS: rounded(worst.measured),
      predictedPerS: rounded(worst.predicted),
    },
  };
}

/** The first of several tables has no number there and one here. */
function isOf({ name, device }: NvidiaTable, profile: ModelProfile): boolean {
  return device === profile.device && name === profile.model.replace(/-table1$/, '');
}

/** Of the same rows as on the page of results, predicted in the same way: those that no fit saw. */
function validationOf(
  profile: ModelProfile,
  table: NvidiaTable,
  tables: readonly NvidiaTable[],
): ProfileValidation {
  const ofGpu = tables.filter(({ device }) => device === table.device);
  const fitted = tablesToFit(ofGpu).includes(table) ? rowsToFit(table) : [];
  const setup = setupOf(table, fitted);
  const fittedConcurrencies = fitted.map(({ concurrency }) => concurrency);
  const rows = predictTable({ table, setup, fittedConcurrencies }, profile)
    .filter(({ metric }) => metric === 'throughputPerS')
    .map((point) => ({ ...point, error: Math.abs(point.predicted / point.measured - 1) }));
  const worst = rows.reduce((most, each) => (each.error > most.error ? each : most));
  const { requestBatch } = table.online.find(({ concurrency }) => concurrency === worst.concurrency)!;
  return {
    source: `${SOURCE} ${table.page}, online tables`,
    points: rows.length,
    meanErrorPercent: rounded(100 * mean(rows.map(({ error }) => error))),
    worst: {
      load: loadOf({ concurrency: worst.concurrency, requestBatch }, setup, table.unit),
      measuredPerS: rounded(worst.measured),
      predictedPerS: rounded(worst.predicted),
    },
  };
}

function loadOf(
  { concurrency, requestBatch }: Pick<SummaryObservation, 'concurrency' | 'requestBatch'>,
  { instances }: SummarySetup,
  unit: number,
): string {
  const inferences = requestBatch * unit;
  const each = inferences === 1 ? '' : ` of ${inferences} inferences`;
  return `${concurrency} ${plural(concurrency, 'closed-loop client')}${each} on ${instances} ${plural(instances, 'instance')}`;
}

/** Coarse enough to be the same on every machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The text of every profile built from public tables, by file below `calibration/`. */
export function buildProfiles(tables: string): ReadonlyMap<string, string> {
  const profiles = [
    ...withValidations(
      tritonTableProfiles(join(tables, 'triton_offline.csv'), readFrontEnds()),
      readNvidiaTables(tables).tables,
    ),
    ...parvaGpuProfiles(join(tables, 'parvagpu_a100_mig.csv')),
    ...soloProfiles(join(tables, 'mlperf_gpu_results.csv')),
  ];
  return new Map(profiles.map(([file, profile]) => [file, serializeProfile(profile)]));
}

if (isStarted(import.meta.url))
  writeFiles(buildProfiles(process.argv[2] ?? '../shared/data/profiles'), 'calibration');
