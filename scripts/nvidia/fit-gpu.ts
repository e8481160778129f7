import { type FrontEndFit, fitFrontEnd } from '../../src/calibrate/summary/fit-front-end.js';
import {
  computeMs,
  type SummaryObservation,
  type SummarySetup,
} from '../../src/calibrate/summary/observation.js';
import { isLargePayload } from '../../src/calibrate/summary/table-rows.js';
import type { TableFit } from './fit.js';
import type { NvidiaTable } from './tables.js';

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
  const large = own.filter(({ setups }) => isLargePayload(setups[0]!));
  if (large.length > 0) return large;
  const byPage = new Map<string, NvidiaTable>();
  for (const table of [...own].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!byPage.has(table.page)) byPage.set(table.page, table);
  }
  return [...byPage.values()];
}

/** Of those tables: the row of the fewest callers and that of the most, so that all others lie between them. */
export function rowsToFit({ online }: NvidiaTable): readonly SummaryObservation[] {
  const sorted = [...online].sort((a, b) => a.concurrency - b.concurrency);
  return [...new Set([sorted[0]!, sorted[sorted.length - 1]!])].filter(
    ({ splitMs }) => splitMs !== undefined,
  );
}

/** One front end per GPU; service times from the offline tables alone. */
export function fitGpus(
  tables: readonly NvidiaTable[],
  onProgress: (what: string) => void = () => {},
): readonly GpuFit[] {
  return [...new Set(tables.map(({ device }) => device))].map((device) => {
    onProgress(`front end of ${device}`);
    return fitGpu(
      device,
      tables.filter((table) => table.device === device),
    );
  });
}

/**
 * Requests pass a part of the request path one after another. What it is (the sending side, the kernel, memory) is not
 * known; that they do not all share it at once was concluded from these tables, see the page of the results.
 */
const SERIAL_THREADS = 1;

function fitGpu(device: string, own: readonly NvidiaTable[]): GpuFit {
  const seen = new Set(tablesToFit(own));
  const inputs = own.map((table) => {
    const rows = seen.has(table) ? rowsToFit(table) : [];
    return { table, rows, setup: { ...setupOf(table, rows), frontEndThreads: SERIAL_THREADS } };
  });
  const front = fitFrontEnd(
    inputs.map(({ table, rows, setup }) => ({ setup, observations: [...table.offline, ...rows] })),
  );
  const residuals = front.tables.flatMap((each) => each.residuals);
  const fits = inputs.map(({ table, rows, setup }, i) => ({
    table,
    setup,
    parameters: front.tables[i]!.parameters,
    spread: front.tables[i]!.spread,
    residuals,
    fittedConcurrencies: rows.map(({ concurrency }) => concurrency),
  }));
  return { device, front, tables: fits };
}

/**
 * Where the offline and the online table name different numbers of instances, the one nearer to what the fitted
 * row of the most callers shows: requests that arrive while n instances take turns wait an n-th of half an
 * execution. Without such a row, the online table's number.
 */
function setupOf({ setups }: NvidiaTable, rows: readonly SummaryObservation[]): SummarySetup {
  const split = rows[rows.length - 1]?.splitMs;
  if (split === undefined || setups.length === 1) return setups[0]!;
  const told = computeMs(split) / (2 * split.queue);
  const distance = ({ instances }: SummarySetup) => Math.abs(Math.log(instances / told));
  return [...setups].sort((a, b) => distance(a) - distance(b))[0]!;
}
