import { join } from 'node:path';
import { groupBy } from '../../src/base/group-by.js';
import { parvaCells } from '../profiles/parvagpu.js';
import { A100_SLICES } from '../profiles/source-names.js';
import { mayLack, POSITIVE, readRowsOf, TEXT, WHOLE } from '../support/source-table.js';

/** One measured cell: this many processes of a model on a slice, each in batches of this size. */
export interface Cell {
  readonly model: string;
  readonly slice: string;
  readonly batchSize: number;
  readonly processes: number;
  /** Time of one execution beside the other processes. */
  readonly ms: number;
  /** Of all processes together, inferences per second. */
  readonly perS: number;
}

export interface SetDemand {
  readonly model: string;
  readonly ratePerS: number;
  readonly limitMs: number;
}

/** A set of rates and limits, and the GPUs that ParvaGPU needed for it, where that is known. */
export interface SloSet {
  readonly name: string;
  readonly demands: readonly SetDemand[];
  readonly parvaGpuGpus?: number | undefined;
}

export const SLICE_NAMES: readonly string[] = Object.values(A100_SLICES);

/** Something of each kind of slice, by its name. */
export function bySlice(of: (slice: string) => number): ReadonlyMap<string, number> {
  return new Map(SLICE_NAMES.map((slice) => [slice, of(slice)]));
}

/** Files below the data folder that this script needs. */
export const CELLS = 'profiles/parvagpu_a100_mig.csv';
export const SETS = 'placement/parvagpu_slo_sets.csv';

/** The cells measured by ParvaGPU's authors; the source gives throughput and latency of one process. */
export function readCells(folder: string): readonly Cell[] {
  return parvaCells(join(folder, CELLS)).flatMap(({ model, slice, cells }) =>
    cells.map(({ batchSize, processes, perS, ms, latencyMs }) => ({
      ...{ model, slice, batchSize, processes },
      // The latency column is rounded to milliseconds: of the two figures the longer one counts.
      ms: Math.max(ms, latencyMs),
      perS: processes * perS,
    })),
  );
}

const SET_COLUMNS = {
  ...{ slo_set: TEXT, model: TEXT, request_rate_per_s: POSITIVE, latency_slo_ms: POSITIVE },
  parvagpu_gpus: mayLack(WHOLE),
};

/**
 * The sets in a table with the columns slo_set, model, request_rate_per_s, latency_slo_ms and, where
 * known, parvagpu_gpus; by default ParvaGPU's six.
 *
 * @throws InputError for models without measurements, and rates and limits that are not positive.
 */
export function readSloSets(
  folder: string,
  cells: readonly Cell[],
  file = join(folder, SETS),
): readonly SloSet[] {
  const models = new Set(cells.map(({ model }) => model));
  const rows = readRowsOf(file, SET_COLUMNS, ({ model }, wrong) => {
    if (!models.has(model))
      wrong(`nothing was measured of "${model}"; it may be ${[...models].join(', ')}`, 'model');
  });
  return [...groupBy(rows, (row) => row.slo_set)].map(([name, own]) => ({
    name: `S${name}`,
    demands: own.map((row) => ({
      model: row.model,
      ratePerS: row.request_rate_per_s,
      limitMs: row.latency_slo_ms,
    })),
    parvaGpuGpus: own[0]!.parvagpu_gpus,
  }));
}
