import { groupBy } from '../../src/base/group-by.js';
import { type WorkRule, withDeviceWork } from '../../src/calibrate/device-work.js';
import { crowdedTimes } from '../../src/profile/crowded.js';
import type { FitSummary, ModelProfile, ServicePoint } from '../../src/profile/profile.js';
import { fillOf } from '../../src/profile/service-time.js';
import { plainPoint } from '../support/made-scenario.js';
import { oneOf, POSITIVE, type RowOf, readRowsOf, round4, TEXT, WHOLE } from '../support/source-table.js';
import { errorSummary, publishedProfile, roundedPoint, sentences } from './published.js';
import { A100_SLICES, PARVAGPU_SOURCE, sliceKind } from './source-names.js';

/** Processes side by side on which the device's work is fitted; larger numbers are held out. */
export const MOST_FITTED = 3;

/** One measured cell: batch size, processes on the slice, time of one execution in one of them. */
export interface Cell {
  readonly batchSize: number;
  readonly processes: number;
  /** By the throughput of the process: its latency is rounded to milliseconds. */
  readonly ms: number;
  readonly perS: number;
  readonly latencyMs: number;
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

const COLUMNS = {
  ...{ model: TEXT, mig_gpcs: oneOf(A100_SLICES), batch: WHOLE, processes: WHOLE },
  ...{ throughput_per_s: POSITIVE, latency_s: POSITIVE },
};

/** @throws InputError with every row that cannot be used */
export function parvaCells(file: string): readonly SliceCells[] {
  const seen = new Set<string>();
  const rows = readRowsOf(file, COLUMNS, (row, wrong) => {
    const cell = JSON.stringify([row.model, row.mig_gpcs, row.batch, row.processes]);
    if (seen.has(cell)) wrong('is of a cell that an earlier row has', 'processes');
    seen.add(cell);
    const { ms, latencyMs } = cellOf(row);
    if (Math.abs(ms - latencyMs) > LEAST_AGREEMENT_MS + AGREEMENT * latencyMs)
      wrong(`gives ${ms} ms by throughput (of one process), ${latencyMs} ms by latency`, 'throughput_per_s');
  });
  return [...groupBy(rows, ({ model, mig_gpcs: slice }) => `${slice}/${model}`)].map(([place, own]) => {
    const { model, mig_gpcs: slice } = own[0]!;
    return { model, slice, file: `a100-80gb-mig-${place}.profile.json`, cells: own.map(cellOf) };
  });
}

function cellOf(row: RowOf<typeof COLUMNS>): Cell {
  const { batch: batchSize, processes, throughput_per_s: perS } = row;
  return { batchSize, processes, perS, ms: (1000 * batchSize) / perS, latencyMs: 1000 * row.latency_s };
}

/** Half of a millisecond of rounding, and one percent. */
const LEAST_AGREEMENT_MS = 0.5;
const AGREEMENT = 0.01;

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
  const service = withDeviceWork(
    kept.map(servicePoint),
    cells
      .filter(({ processes }) => processes <= MOST_FITTED)
      .map(({ batchSize, processes, ms }) => ({ batchSize, count: processes, inferMs: ms })),
    rule,
  ).map(roundedPoint);
  const fit = fitSummary(cells, kept, service);
  return publishedProfile(model, sliceKind(mig), {
    provenance: {
      source: `${PARVAGPU_SOURCE}, profiles of one A100-80GB`,
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
    ...(fit !== undefined && { fit }),
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
  return plainPoint(batchSize, round4(ms));
}

/** How well the work of the device describes slowdowns that were measured, the held-out numbers of processes among them. */
function fitSummary(
  cells: readonly Cell[],
  alone: readonly Cell[],
  service: readonly ServicePoint[],
): FitSummary | undefined {
  const beside = cells.filter(
    ({ processes, batchSize }) => processes > 1 && alone.some((cell) => cell.batchSize === batchSize),
  );
  const fitted = beside.filter(({ processes }) => processes <= MOST_FITTED).length;
  const errors = beside.map(({ batchSize, processes, ms }) => {
    const ratio = ms / alone.find((cell) => cell.batchSize === batchSize)!.ms;
    const fill = fillOf({ service }, batchSize);
    return Math.abs(crowdedTimes(fill, processes * fill) / ratio - 1) * 100;
  });
  if (errors.length === 0) return undefined;
  return {
    method: `device's work for each batch size from up to ${MOST_FITTED} processes side by side; more processes held out; errors of the slowdown over both`,
    points: fitted,
    heldOut: beside.length - fitted,
    ...errorSummary(errors),
  };
}

function notes(leftOut: readonly number[]): string {
  return sentences(
    'Closed loop of model processes on a MIG slice; time per execution is batch size over the throughput of one process. No server, no client and no split of the time: all of it counts as infer.',
    'What the slice works for an execution (deviceMs) comes from up to three processes side by side (see fit).',
    leftOut.length > 0 &&
      `Batch ${leftOut.join(', ')} is left out: it costs hardly more than half of it although the slice is full.`,
    'The spread of single executions, memory and load times are not in the source.',
  );
}
