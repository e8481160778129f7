import { mean } from 'simple-statistics';
import { computeMs, type SummaryObservation } from '../../src/calibrate/summary/observation.js';
import type { NvidiaTable } from '../nvidia/tables.js';

/** Laws by which an offline table's input times become those of the online table; milliseconds of one execution. */
export const LAWS = ['none', 'bus', 'bytes'] as const;
export type Law = (typeof LAWS)[number];

/** Input time of an execution under many clients, beside what each law makes of the lone client's. */
export interface CopiedRow {
  readonly concurrency: number;
  readonly measuredMs: number;
  readonly predictedMs: Readonly<Record<Law, number>>;
}

/** Tables print hundredths of a millisecond, or tenths. */
const LEAST_MS = 0.01;

/** Rows of an online table; none where the offline table does not tell what copies take, or the size of requests is not known. */
export function copiedRows(table: NvidiaTable, usPerKilobyte: number): readonly CopiedRow[] {
  const { offline, online, setups } = table;
  const { instances, payload } = setups[0]!;
  const alone = offline.flatMap(({ requestBatch, splitMs }) =>
    splitMs === undefined ? [] : [{ batch: requestBatch, ms: splitMs.input }],
  );
  if (alone.length < offline.length || payload.requestBytes === 0) return [];
  alone.sort((a, b) => a.batch - b.batch);
  return online.flatMap((row) => {
    const { splitMs, concurrency } = row;
    if (splitMs === undefined) return [];
    const batch = meanBatch(row, instances, alone.at(-1)!.batch);
    const noneMs = Math.max(LEAST_MS, interpolate(alone, batch));
    const restMs = splitMs.infer + splitMs.output;
    const bytesMs = (usPerKilobyte * payload.requestBytes * batch) / 1024 / 1000;
    const bus = onOneBus(noneMs, restMs, instances);
    const predictedMs = { none: noneMs, bus, bytes: noneMs + bytesMs };
    return [{ concurrency, measuredMs: Math.max(LEAST_MS, splitMs.input), predictedMs }];
  });
}

/** Inferences of an execution where instances are never without work, in the units of the table. */
function meanBatch(
  { inferencesPerS, splitMs, requestBatch, concurrency }: SummaryObservation,
  instances: number,
  largest: number,
): number {
  const batch = (inferencesPerS * computeMs(splitMs!)) / 1000 / instances;
  return Math.max(requestBatch, Math.min(batch, largest, concurrency * requestBatch));
}

/** Copies of other instances halve the bus's speed for the part of the time in which they copy. */
function onOneBus(aloneMs: number, restMs: number, instances: number): number {
  let ms = aloneMs;
  for (let i = 0; i < ROUNDS; i++) ms = aloneMs * (1 + ((instances - 1) * ms) / (restMs + ms));
  return ms;
}

/** After so many nothing changes in a table's digits. */
const ROUNDS = 50;

function interpolate(
  points: readonly { readonly batch: number; readonly ms: number }[],
  batch: number,
): number {
  const right = Math.max(
    1,
    points.findIndex((point) => point.batch >= batch),
  );
  const [a, b] = [points[right - 1]!, points[right] ?? points[right - 1]!];
  if (a.batch === b.batch) return a.ms;
  return a.ms + ((b.ms - a.ms) * (batch - a.batch)) / (b.batch - a.batch);
}

/** Mean of the logarithms of predicted / measured, as a factor, and of their sizes. */
export function offBy(
  rows: readonly CopiedRow[],
  law: Law,
): { readonly factor: number; readonly size: number } {
  const logs = rows.map(({ predictedMs, measuredMs }) => Math.log(predictedMs[law] / measuredMs));
  return { factor: Math.exp(mean(logs)), size: Math.exp(mean(logs.map(Math.abs))) };
}
