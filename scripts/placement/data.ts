import { join } from 'node:path';
import { ProblemList } from '../../src/base/problem.js';
import { A100_SLICES } from '../profiles/source-names.js';
import { groupRows, numberIn, type Row, readTable } from '../support/source-table.js';

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
  readonly parvaGpuGpus?: number;
}

export const SLICE_NAMES: readonly string[] = Object.values(A100_SLICES);

/** Files below the data folder that this script needs. */
export const CELLS = 'profiles/parvagpu_a100_mig.csv';
export const SETS = 'placement/parvagpu_slo_sets.csv';

/** The cells measured by ParvaGPU's authors; the source gives throughput and latency of one process. */
export function readCells(folder: string): readonly Cell[] {
  return readTable(join(folder, CELLS)).map((row) => {
    const batchSize = numberIn(row, 'batch')!;
    const processes = numberIn(row, 'processes')!;
    const onePerS = numberIn(row, 'throughput_per_s')!;
    return {
      model: row['model']!,
      slice: A100_SLICES[numberIn(row, 'mig_gpcs')!]!,
      batchSize,
      processes,
      // The latency column is rounded to milliseconds: of the two figures the longer one counts.
      ms: Math.max((1000 * batchSize) / onePerS, 1000 * numberIn(row, 'latency_s')!),
      perS: processes * onePerS,
    };
  });
}

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
  const problems = new ProblemList();
  const rows = readTable(file).map((row, i) => ({ row, place: { file, line: i + 2 } }));
  for (const { row, place } of rows) {
    if (!models.has(row['model']!)) {
      const remedy = `write one of ${[...models].join(', ')}`;
      problems.add({ ...place, path: 'model', what: `nothing was measured of "${row['model']}"`, remedy });
    }
    for (const path of ['request_rate_per_s', 'latency_slo_ms']) {
      if (Number(row[path]) > 0) continue;
      problems.add({ ...place, path, what: `"${row[path] ?? ''}" is no number above 0` });
    }
  }
  problems.throwIfAny();
  return groupRows(
    rows.map(({ row }) => row),
    ['slo_set'],
  ).map(sloSet);
}

function sloSet(rows: readonly Row[]): SloSet {
  const parvaGpuGpus = numberIn(rows[0]!, 'parvagpu_gpus');
  return {
    name: `S${rows[0]!['slo_set']}`,
    demands: rows.map((row) => ({
      model: row['model']!,
      ratePerS: numberIn(row, 'request_rate_per_s')!,
      limitMs: numberIn(row, 'latency_slo_ms')!,
    })),
    ...(parvaGpuGpus !== undefined && { parvaGpuGpus }),
  };
}
