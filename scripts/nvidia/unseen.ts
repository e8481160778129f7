import { mean } from 'simple-statistics';
import type { ModelProfile } from '../../src/profile/profile.js';
import { atTimeError } from '../../src/profile/time-error.js';
import { type FrontEnds, readFrontEnds } from '../profiles/front-ends.js';
import { tableProfile } from '../profiles/triton-tables.js';
import { readTable } from '../support/source-table.js';
import type { PredictedTable } from './doubt.js';
import { type GpuFit, isTold, setupOf, toldFrontEnds } from './fit.js';
import { predictTable, residualDeviation } from './predict.js';
import type { NvidiaTable } from './tables.js';

/** What is published of GPUs and tables that are not among the rows that are fitted to. */
export interface Published {
  readonly frontEnds: FrontEnds;
  /** Standard deviation of the logarithm of a figure that no fit saw, from its prediction. */
  readonly deviation: number;
}

const LEFT_OUT = 'results/nvidia/left-out-family.csv';

/** A published throughput that was predicted without the rows of its family of models. */
export interface UnseenRow {
  readonly model: string;
  readonly device: string;
  readonly concurrency: number;
  /** Inferences per second. */
  readonly measured: number;
  readonly predicted: number;
  /** Of the prediction, as a share of what was measured. */
  readonly error: number;
}

export function readUnseenRows(): UnseenRow[] {
  return readTable(LEFT_OUT)
    .filter((row) => row['metric'] === 'throughputPerS')
    .map((row) => {
      // As predictTable names them.
      const [, model, device, clients] = /^(.+)@(.+), (\d+) clients$/.exec(row['what']!)!;
      const [measured, predicted] = [Number(row['measured']), Number(row['predicted'])];
      const error = Math.abs(predicted / measured - 1);
      return { model: model!, device: device!, concurrency: Number(clients), measured, predicted, error };
    });
}

export function readPublished(): Published {
  const logs = readTable(LEFT_OUT).map((row) => Math.log(Number(row['predicted']) / Number(row['measured'])));
  return { frontEnds: readFrontEnds(), deviation: Math.sqrt(mean(logs.map((log) => log * log))) };
}

/**
 * Tables of which no fit saw an online row, under the front ends of others.
 * @param published of GPUs that are not among the fits
 */
export function predictUnseen(
  tables: readonly NvidiaTable[],
  gpus: readonly GpuFit[],
  published?: Published,
): readonly PredictedTable[] {
  const seen = gpus.filter(isTold);
  const told: FrontEnds = { ...published?.frontEnds, ...toldFrontEnds(seen) };
  return tables.map((table) => {
    const own = seen.filter(({ device }) => device === table.device);
    const residuals = (own.length > 0 ? own : seen).flatMap(({ front }) => front.residuals);
    const isOpen = residuals.length === 0;
    const profile = tableProfile(table.name, table.offlineRows, { frontEnds: told });
    const fit = { table, setup: setupOf(table, []), fittedConcurrencies: [] };
    return {
      group: table.device,
      points: predictTable(fit, profile, isOpen ? endsOf(profile) : []),
      deviation: (isOpen ? published?.deviation : undefined) ?? residualDeviation(residuals),
      sawGroup: own.length > 0,
      isOpen,
    };
  });
}

/** Rows that a fit saw tell how far off the model is. Without any, all is open that `perseus simulate --doubt` counts. */
export function endsOf(profile: ModelProfile): readonly ModelProfile[] {
  return [atTimeError(profile, 'slow'), atTimeError(profile, 'fast')];
}
