import { join } from 'node:path';
import { groupRows, numberIn, readTable } from '../profiles/table.js';

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

/** One of the six sets of rates and limits, and the GPUs that ParvaGPU needed for it. */
export interface SloSet {
  readonly name: string;
  readonly demands: readonly SetDemand[];
  readonly parvaGpuGpus: number;
}

/** Slices of an A100-80GB by their number of compute slices (NVIDIA MIG user guide). */
export const SLICES: Readonly<Record<number, string>> = {
  1: '1g.10gb',
  2: '2g.20gb',
  3: '3g.40gb',
  4: '4g.40gb',
  7: '7g.80gb',
};

/** Cells of `profiles/parvagpu_a100_mig.csv`; the source gives throughput and latency of one process. */
export function readCells(folder: string): readonly Cell[] {
  return readTable(join(folder, 'profiles/parvagpu_a100_mig.csv')).map((row) => {
    const batchSize = numberIn(row, 'batch')!;
    const processes = numberIn(row, 'processes')!;
    const onePerS = numberIn(row, 'throughput_per_s')!;
    return {
      model: row['model']!,
      slice: SLICES[numberIn(row, 'mig_gpcs')!]!,
      batchSize,
      processes,
      // The latency column is rounded to milliseconds: of the two figures the longer one counts.
      ms: Math.max((1000 * batchSize) / onePerS, 1000 * numberIn(row, 'latency_s')!),
      perS: processes * onePerS,
    };
  });
}

export function readSloSets(folder: string): readonly SloSet[] {
  const rows = readTable(join(folder, 'placement/parvagpu_slo_sets.csv'));
  return groupRows(rows, ['slo_set']).map((set) => ({
    name: `SLO set ${set[0]!['slo_set']}`,
    demands: set.map((row) => ({
      model: row['model']!,
      ratePerS: numberIn(row, 'request_rate_per_s')!,
      limitMs: numberIn(row, 'latency_slo_ms')!,
    })),
    parvaGpuGpus: numberIn(set[0]!, 'parvagpu_gpus')!,
  }));
}
