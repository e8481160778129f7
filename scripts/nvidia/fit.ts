import {
  computeMs,
  type SummaryObservation,
  type SummarySetup,
} from '../../src/calibrate/summary/observation.js';
import { isLargePayload } from '../../src/calibrate/summary/table-rows.js';
import { withoutWindow } from './count-windows.js';
import { type FrontEndFit, fitFrontEnd, underFrontEnd } from './fit-front-end.js';
import type { SharedFrontEnd } from './front-end.js';
import type { NvidiaTable } from './tables.js';

/** How a table is predicted, and which of its rows the front end saw. */
export interface TableFit {
  readonly table: NvidiaTable;
  /** With the number of instances that was taken where the source gives several. */
  readonly setup: SummarySetup;
  /** Callers of this table's online rows that took part: no points. */
  readonly fittedConcurrencies: readonly number[];
}

/** The one front end of a GPU, and the tables that are predicted with it. */
export interface GpuFit {
  readonly device: string;
  readonly front: FrontEndFit;
  readonly tables: readonly TableFit[];
}

/**
 * The tables of a GPU of which its front-end fit may see online rows: those that send known, large inputs, through
 * which a front end shows. Where a GPU has none, the first table of each page, by name.
 */
export function tablesToFit(own: readonly NvidiaTable[]): readonly NvidiaTable[] {
  const large = own.filter(sendsLargeInputs);
  if (large.length > 0) return large;
  const sorted = [...own].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.filter(({ page }, i) => sorted.findIndex((table) => table.page === page) === i);
}

/**
 * Front ends by GPU that tell how long bytes take: of fits that saw large requests.
 */
export function toldFrontEnds(gpus: readonly GpuFit[]): Readonly<Record<string, SharedFrontEnd>> {
  return Object.fromEntries(gpus.filter(isTold).map(({ device, front }) => [device, front.frontEnd]));
}

/** Whether a fit saw large requests, which tell how long bytes take. */
export function isTold({ tables }: GpuFit): boolean {
  return seenTables(tables).some(({ table }) => sendsLargeInputs(table));
}

/** Those of which the fit saw a row. */
export function seenTables(tables: readonly TableFit[]): readonly TableFit[] {
  return tables.filter(({ fittedConcurrencies }) => fittedConcurrencies.length > 0);
}

/** Judged by an inference, as profiles are. */
export function sendsLargeInputs({ setups, unit }: NvidiaTable): boolean {
  const { payload } = setups[0]!;
  return isLargePayload({
    ...setups[0]!,
    payload: { ...payload, requestBytes: payload.requestBytes / unit },
  });
}

/** Of those tables: the row of the fewest clients and that of the most, so that all others lie between them; none where no other is left. */
export function rowsToFit(table: NvidiaTable): readonly SummaryObservation[] {
  if (table.online.length < 3) return [];
  const sorted = [...table.online].sort((a, b) => a.concurrency - b.concurrency);
  const ends = [...new Set([sorted[0]!, sorted.at(-1)!])].filter(({ splitMs }) => splitMs !== undefined);
  return table.countedRequests === undefined ? ends : ends.map(withoutWindow);
}

/**
 * One front end per GPU; service times from the offline tables alone.
 * @param isLeftOut tables of whose online rows no fit may see any
 */
export function fitGpus(
  tables: readonly NvidiaTable[],
  isLeftOut: (table: NvidiaTable) => boolean,
  onProgress: (what: string) => void,
): readonly GpuFit[] {
  return [...new Set(tables.map(({ device }) => device))].map((device) => {
    onProgress(`front end of ${device}`);
    const own = tables.filter((table) => table.device === device);
    return fitGpu(device, own, new Set(tablesToFit(own.filter((table) => !isLeftOut(table)))));
  });
}

/**
 * Requests pass a part of the request path one after another. What it is (the sending side, the kernel, memory) is not
 * known; that they do not all share it at once was concluded from these tables, see the page of the results.
 */
const SERIAL_THREADS = 1;

/** @param known a front end that an earlier fit of the same rows found */
export function fitGpu(
  device: string,
  own: readonly NvidiaTable[],
  seen: ReadonlySet<NvidiaTable>,
  known?: SharedFrontEnd,
): GpuFit {
  const inputs = own.map((table) => {
    const rows = seen.has(table) ? rowsToFit(table) : [];
    return { table, rows, setup: { ...setupOf(table, rows), frontEndThreads: SERIAL_THREADS } };
  });
  const served = inputs.map(({ table, rows, setup }) => ({
    setup,
    observations: [...table.offline, ...rows],
  }));
  const front = known === undefined ? fitFrontEnd(served) : underFrontEnd(known, served);
  const tables = inputs.map(({ table, rows, setup }) => {
    const fittedConcurrencies = rows.map(({ concurrency }) => concurrency);
    return { table, setup, fittedConcurrencies };
  });
  return { device, front, tables };
}

/**
 * Where the offline and the online table name different numbers of instances, the one nearer to what the fitted
 * row of the most clients shows: requests that arrive while n instances take turns wait an n-th of half an
 * execution. Without such a row, the online table's number.
 */
export function setupOf({ setups }: NvidiaTable, rows: readonly SummaryObservation[]): SummarySetup {
  const split = rows.at(-1)?.splitMs;
  if (split === undefined || setups.length === 1) return setups[0]!;
  const told = computeMs(split) / (2 * split.queue);
  const distance = ({ instances }: SummarySetup) => Math.abs(Math.log(instances / told));
  return [...setups].sort((a, b) => distance(a) - distance(b))[0]!;
}
