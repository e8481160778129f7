import { ProblemList } from '../../src/base/problem.js';
import { type WorkRule, withDeviceWork } from '../../src/calibrate/device-work.js';
import { crowdedTimes } from '../../src/profile/crowded.js';
import type { FitSummary, ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import { fillOf } from '../../src/profile/service-time.js';
import { groupRows, numberIn, type Row, readTable, round4 } from '../support/source-table.js';
import { publishedProfile } from './published.js';
import { roundedPoint } from './rounded-point.js';
import { A100_SLICES } from './source-names.js';

/** Processes side by side on which the device's work is fitted; larger numbers are held out. */
export const MOST_FITTED = 3;

/** One measured cell: batch size, processes on the slice, time of one execution in one of them. */
export interface Cell {
  readonly batchSize: number;
  readonly processes: number;
  readonly ms: number;
}

/** A cell with several processes, against the one with a single process. */
interface Ratio {
  readonly batchSize: number;
  readonly processes: number;
  readonly ratio: number;
}

/** All cells of a model on one slice. */
export interface SliceCells {
  readonly model: string;
  /** `3g.40gb`, say. */
  readonly slice: string;
  /** Of the profile, below the calibration folder. */
  readonly file: string;
  readonly cells: readonly Cell[];
}

/** @throws InputError with every row that cannot be used */
export function parvaCells(file: string): readonly SliceCells[] {
  const problems = new ProblemList();
  const groups = groupRows(readTable(file), ['model', 'mig_gpcs']).map((rows) => {
    const model = rows[0]!['model'] ?? '';
    const slice = A100_SLICES[numberIn(rows[0]!, 'mig_gpcs') ?? 0];
    if (slice === undefined)
      problems.add({
        file,
        what: `an A100 has no slice of ${rows[0]!['mig_gpcs']} (mig_gpcs, ${model})`,
        remedy: 'write 1, 2, 3, 4 or 7',
      });
    const cells = rows.map((row) => cellOf(row, file, problems));
    return { model, slice: slice ?? '', file: `a100-80gb-mig-${slice}/${model}.profile.json`, cells };
  });
  problems.throwIfAny();
  return groups;
}

/** Profiles of the MIG slices of an A100-80GB, by file below the calibration folder; none without a lone process. */
export function parvaGpuProfiles(file: string, rule?: WorkRule): ReadonlyMap<string, ModelProfile> {
  return sliceProfiles(parvaCells(file), rule);
}

/** The same of cells that were read. */
export function sliceProfiles(
  groups: readonly SliceCells[],
  rule?: WorkRule,
): ReadonlyMap<string, ModelProfile> {
  return new Map(
    groups
      .filter(({ cells }) => soloCells(cells).length > 0)
      .map((group) => [group.file, sliceProfile(group, rule)]),
  );
}

/**
 * The latency column is rounded to milliseconds, so the time comes from the throughput of the process;
 * the two must agree within that rounding.
 */
function cellOf(row: Row, file: string, problems: ProblemList): Cell {
  const batchSize = numberIn(row, 'batch') ?? Number.NaN;
  const processes = numberIn(row, 'processes') ?? Number.NaN;
  const ms = (1000 * batchSize) / (numberIn(row, 'throughput_per_s') ?? Number.NaN);
  const latencyMs = 1000 * (numberIn(row, 'latency_s') ?? Number.NaN);
  if (!(processes >= 1 && Math.abs(ms - latencyMs) <= LEAST_AGREEMENT_MS + AGREEMENT * latencyMs))
    problems.add({
      file,
      what: `${row['model']}, batch ${batchSize}, ${processes} processes: ${ms} ms by throughput, ${latencyMs} ms by latency`,
      remedy: 'write batch, processes, throughput_per_s (of one process) and latency_s that fit each other',
    });
  return { batchSize, processes, ms };
}

/** Half of a millisecond of rounding, and one percent. */
const LEAST_AGREEMENT_MS = 0.5;
const AGREEMENT = 0.01;

/** Of one process alone on the slice, by batch; those that look like runs cut short are left out. */
export function soloCells(cells: readonly Cell[]): readonly Cell[] {
  const alone = cells.filter((cell) => cell.processes === 1).sort((a, b) => a.batchSize - b.batchSize);
  return alone.filter((_, i) => !isImplausible(alone, i));
}

function sliceProfile({ model, slice: mig, cells }: SliceCells, rule?: WorkRule): ModelProfile {
  const kept = soloCells(cells);
  const left = cells
    .filter((cell) => cell.processes === 1 && !kept.includes(cell))
    .map((cell) => cell.batchSize);
  const ratios = cells.flatMap((cell) => ratioOf(cell, kept));
  const service = withDeviceWork(
    kept.map(servicePoint),
    cells
      .filter(({ processes }) => processes <= MOST_FITTED)
      .map(({ batchSize, processes, ms }) => ({ batchSize, count: processes, inferMs: ms })),
    rule,
  ).map(roundedPoint);
  return publishedProfile(model, `A100-80GB MIG ${mig}`, {
    provenance: {
      source: 'MunQ-Lee/ParvaGPU_SC24@5f3de1e, profiles of one A100-80GB',
      licence: 'MIT',
      date: '2024',
      gpu: `NVIDIA A100 80GB, MIG ${mig}`,
      serverVersion: 'none (model processes under MPS)',
      notes: notes(left),
    },
    service,
    region: {
      batchSizes: kept.map((cell) => cell.batchSize),
      maxUtilization: 1,
      maxInstances: Math.max(...cells.map((cell) => cell.processes)),
      sharing: ['exclusive', 'streams', 'mig'],
    },
    ...(ratios.length > 0 && { fit: summarize(ratios, service) }),
  });
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

export function servicePoint({ batchSize, ms }: Cell): ServicePoint {
  return { batchSize, inputMs: 0, inferMs: round4(ms), outputMs: 0, executions: 0, relativeError: 0 };
}

function ratioOf({ batchSize, processes, ms }: Cell, alone: readonly Cell[]): readonly Ratio[] {
  const solo = alone.find((cell) => cell.batchSize === batchSize);
  return processes === 1 || solo === undefined ? [] : [{ batchSize, processes, ratio: ms / solo.ms }];
}

/** How well the work of the device describes what was measured, the held-out numbers of processes among it. */
function summarize(ratios: readonly Ratio[], service: readonly ServicePoint[]): FitSummary {
  const isFitted = ({ processes }: Ratio) => processes <= MOST_FITTED;
  const errors = ratios.map(({ batchSize, processes, ratio }) => {
    const fill = fillOf({ service }, batchSize);
    return Math.abs(crowdedTimes(fill, processes * fill) / ratio - 1) * 100;
  });
  return {
    method: `device's work for each batch size from up to ${MOST_FITTED} processes side by side; more processes held out; errors of the slowdown over both`,
    points: ratios.filter(isFitted).length,
    heldOut: ratios.filter((ratio) => !isFitted(ratio)).length,
    meanErrorPercent: round4(errors.reduce((sum, error) => sum + error, 0) / errors.length),
    maxErrorPercent: round4(Math.max(...errors)),
  };
}

function notes(leftOut: readonly number[]): string {
  return [
    'Closed loop of model processes on a MIG slice; time per execution is batch size over the throughput of one process. No server, no client and no split of the time: all of it counts as infer.',
    'What the slice works for an execution (deviceMs) comes from up to three processes side by side (see fit).',
    leftOut.length > 0
      ? `Batch ${leftOut.join(', ')} is left out: it costs hardly more than half of it although the slice is full.`
      : '',
    'The spread of single executions, memory and load times are not in the source.',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
