import type { FitSummary, ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import { groupRows, numberIn, type Row, readTable, round4 } from '../support/source-table.js';
import { A100_SLICES } from './source-names.js';
import { NOT_IN_THE_SOURCE } from './unknown.js';

/** Processes side by side on which the slowdown is fitted; larger numbers are held out. */
const MOST_FITTED = 3;

/** One measured cell: batch size, processes on the slice, time of one execution in one of them. */
interface Cell {
  readonly batchSize: number;
  readonly processes: number;
  readonly ms: number;
}

/** A cell with several processes, against the one with a single process. */
interface Ratio {
  readonly processes: number;
  readonly ratio: number;
}

/** Profiles of the MIG slices of an A100-80GB, by file below the calibration folder. */
export function parvaGpuProfiles(file: string): ReadonlyMap<string, ModelProfile> {
  const profiles = new Map<string, ModelProfile>();
  for (const rows of groupRows(readTable(file), ['model', 'mig_gpcs'])) {
    const model = rows[0]!['model']!;
    const mig = A100_SLICES[numberIn(rows[0]!, 'mig_gpcs')!]!;
    const profile = sliceProfile(model, mig, rows.map(cellOf));
    profiles.set(`a100-80gb-mig-${mig}/${model}.profile.json`, profile);
  }
  return profiles;
}

/**
 * The latency column is rounded to milliseconds, so the time comes from the throughput of the process;
 * the two must agree within that rounding.
 */
function cellOf(row: Row): Cell {
  const batchSize = numberIn(row, 'batch')!;
  const ms = (1000 * batchSize) / numberIn(row, 'throughput_per_s')!;
  const latencyMs = 1000 * numberIn(row, 'latency_s')!;
  if (Math.abs(ms - latencyMs) > 0.5 + 0.01 * latencyMs) {
    throw new Error(`${row['model']} batch ${batchSize}: ${ms} ms by throughput, ${latencyMs} ms by latency`);
  }
  return { batchSize, processes: numberIn(row, 'processes')!, ms };
}

function sliceProfile(model: string, mig: string, cells: readonly Cell[]): ModelProfile {
  const alone = cells.filter((cell) => cell.processes === 1).sort((a, b) => a.batchSize - b.batchSize);
  const kept = alone.filter((_, i) => !isImplausible(alone, i));
  const left = alone.filter((cell) => !kept.includes(cell)).map((cell) => cell.batchSize);
  const ratios = cells.flatMap((cell) => ratioOf(cell, kept));
  const self = fitSelf(ratios.filter(({ processes }) => processes <= MOST_FITTED));
  return {
    format: 'perseus-profile/1',
    model,
    device: `A100-80GB MIG ${mig}`,
    provenance: {
      source: 'MunQ-Lee/ParvaGPU_SC24@5f3de1e, profiles of one A100-80GB',
      licence: 'MIT',
      date: '2024',
      gpu: `NVIDIA A100 80GB, MIG ${mig}`,
      driver: 'unknown',
      serverVersion: 'none (model processes under MPS)',
      backend: 'unknown',
      precision: 'unknown',
      notes: notes(left),
    },
    service: kept.map(servicePoint),
    spread: { law: 'none' },
    ...NOT_IN_THE_SOURCE,
    frontEnd: { perRequestUs: 0, perKilobyteUs: 0 },
    interference: { ...(self !== undefined && { self: round4(self) }), pairs: [] },
    region: {
      batchSizes: kept.map((cell) => cell.batchSize),
      maxUtilization: 1,
      maxInstances: Math.max(...cells.map((cell) => cell.processes)),
      sharing: ['exclusive', 'streams', 'mig'],
    },
    ...(self !== undefined && { fit: summarize(ratios, self) }),
  };
}

/**
 * Once doubling the batch costs half as much again or more, the slice is full, and a later doubling
 * cannot be nearly free. Two cells of the source say so; they look like runs that were cut short.
 */
function isImplausible(alone: readonly Cell[], i: number): boolean {
  const [two, one, here] = [alone[i - 2], alone[i - 1], alone[i]!];
  if (two === undefined || one === undefined) return false;
  return one.ms / two.ms > 1.5 && here.ms / one.ms < 1.25;
}

function servicePoint({ batchSize, ms }: Cell): ServicePoint {
  return { batchSize, inputMs: 0, inferMs: round4(ms), outputMs: 0, executions: 0, relativeError: 0 };
}

function ratioOf({ batchSize, processes, ms }: Cell, alone: readonly Cell[]): readonly Ratio[] {
  const solo = alone.find((cell) => cell.batchSize === batchSize);
  return processes === 1 || solo === undefined ? [] : [{ processes, ratio: ms / solo.ms }];
}

/** Each further process adds the same share of the solo time. */
function predicted(self: number, processes: number): number {
  return 1 + (processes - 1) * (self - 1);
}

/** Least squares of {@link predicted} against the ratios; undefined without a measurement. */
function fitSelf(ratios: readonly Ratio[]): number | undefined {
  if (ratios.length === 0) return undefined;
  let numerator = 0;
  let denominator = 0;
  for (const { processes, ratio } of ratios) {
    numerator += (processes - 1) * (ratio - 1);
    denominator += (processes - 1) ** 2;
  }
  return 1 + Math.max(0, numerator / denominator);
}

function summarize(ratios: readonly Ratio[], self: number): FitSummary {
  const isFitted = ({ processes }: Ratio) => processes <= MOST_FITTED;
  const errors = ratios.map(({ processes, ratio }) => Math.abs(predicted(self, processes) / ratio - 1) * 100);
  return {
    method: `slowdown beside itself by least squares over all batch sizes with up to ${MOST_FITTED} processes; more processes held out; errors of the slowdown over both`,
    points: ratios.filter(isFitted).length,
    heldOut: ratios.filter((ratio) => !isFitted(ratio)).length,
    meanErrorPercent: round4(errors.reduce((sum, error) => sum + error, 0) / errors.length),
    maxErrorPercent: round4(Math.max(...errors)),
  };
}

function notes(leftOut: readonly number[]): string {
  return [
    'Closed loop of model processes on a MIG slice; time per execution is batch size over the throughput of one process. No server, no client and no split of the time: all of it counts as infer.',
    'The slowdown beside itself is one number for all batch sizes, but small batches hardly fill the slice and are slowed less, large ones more (see fit).',
    leftOut.length > 0
      ? `Batch ${leftOut.join(', ')} is left out: it costs hardly more than half of it although the slice is full.`
      : '',
    'The spread of single executions, memory and load times are not in the source.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
