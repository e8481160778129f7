import { plural } from '../../base/plural.js';
import type { Place } from '../../base/problem.js';
import { placeOf } from '../../trace/collect.js';
import { forEachCsvRow } from '../../trace/csv-rows.js';
import { quoteValue, RowProblems } from '../../trace/row-problems.js';
import {
  computeMs,
  type OpenLoop,
  type SummaryObservation,
  type SummarySplit,
} from '../summary/observation.js';

/** A row of a result table, by the names of its columns. */
export interface MetricRow {
  readonly place: Place;
  /** Text of a cell without blanks around it; undefined where the table has no such column or the cell is empty. */
  readonly text: (column: string) => string | undefined;
}

/** An observation and the line it was read from. */
export interface SummaryRow {
  readonly observation: SummaryObservation;
  readonly place: Place;
}

/**
 * Rows of a CSV text whose first line names the columns; a line that names them again (files put together)
 * begins another table. Lines with another number of cells become problems.
 *
 * @param tool what wrote such a table, for messages
 * @param read undefined where a row tells nothing, or something wrong
 * @throws InputError with the problems of all lines
 */
export function readMetricRows<Read>(
  text: string,
  { file, tool }: { readonly file?: string | undefined; readonly tool: string },
  read: (row: MetricRow, numbers: NumberReader) => Read | undefined,
): Read[] {
  const place = placeOf({ file });
  const problems = new RowProblems(place);
  const rows = metricRows(text, place, problems);
  if (rows.length === 0 && problems.count === 0)
    problems.add({ what: 'there are no results', remedy: `give ${tool}` });
  const found = rows.flatMap((row) => read(row, new NumberReader(row, problems)) ?? []);
  problems.throwIfAny();
  return found;
}

function metricRows(text: string, place: Place, problems: RowProblems): MetricRow[] {
  const rows: MetricRow[] = [];
  if (refusesJson(text, problems) || refusesDividers(text, problems)) return rows;
  let names: readonly string[] | undefined;
  let isTable = true;
  const row = (cells: string[], line: number) => {
    const trimmed = cells.map((cell) => cell.trim());
    if (!isTable) return;
    if (names === undefined || isHead(trimmed)) {
      names = trimmed.map((name) => name.toLowerCase());
      isTable = namesLoad(names, line, problems);
    } else if (trimmed.length !== names.length) {
      problems.add({
        line,
        what: `${trimmed.length} ${plural(trimmed.length, 'cell')} where the head has ${names.length}`,
        remedy: 'is the line cut off?',
      });
    } else {
      rows.push(metricRow(names, trimmed, { ...place, line }));
    }
  };
  forEachCsvRow(text, { row }, place);
  return rows;
}

/** What perf_analyzer and genai-perf export as JSON has no rows. */
function refusesJson(text: string, problems: RowProblems): boolean {
  if (!/^\uFEFF?\s*[{[]/.test(text)) return false;
  problems.add({
    what: 'this is JSON',
    remedy:
      'give the CSV that the tool wrote (perf_analyzer: -f FILE); an export of single requests is a trace: perseus trace import',
  });
  return true;
}

/** Tables of other tools (genai-perf): one problem, not some for each line. */
function namesLoad(names: readonly string[], line: number, problems: RowProblems): boolean {
  if (LOAD_COLUMNS.some((name) => names.includes(name))) return true;
  problems.add({
    line,
    what: 'the head names neither Concurrency nor Request Rate',
    remedy: 'give the CSV that perf_analyzer or Model Analyzer wrote, with its head',
  });
  return false;
}

const LOAD_COLUMNS = ['concurrency', 'request rate'];

/** Spreadsheets of some countries save tables with semicolons, and then with commas in the numbers: one problem, not one for each line. */
function refusesDividers(text: string, problems: RowProblems): boolean {
  const [, first, divider] = /^\uFEFF?"?([^;\t,\n"]+)"?([;\t])/.exec(text) ?? [];
  if (!FIRST_COLUMNS.includes(first?.trim().toLowerCase() ?? '')) return false;
  problems.add({
    line: 1,
    what: `the cells are divided by ${divider === ';' ? 'semicolons' : 'tabs'}`,
    remedy: 'give the file as the tool wrote it: commas between cells, points in numbers',
  });
  return true;
}

/** Names of first columns that result tables begin with. */
const FIRST_COLUMNS = [...LOAD_COLUMNS, 'model'];

/** A model may be called "model": a row of it has numbers, and no column is named by one. */
function isHead(cells: readonly string[]): boolean {
  const isNumber = (cell: string) => cell !== '' && !Number.isNaN(Number(cell));
  return FIRST_COLUMNS.includes(cells[0]?.toLowerCase() ?? '') && cells.length > 1 && !cells.some(isNumber);
}

function metricRow(names: readonly string[], cells: readonly string[], place: Place): MetricRow {
  return {
    place,
    text: (column) => {
      const cell = cells[names.indexOf(column.toLowerCase())];
      return cell === '' ? undefined : cell;
    },
  };
}

/** Reads numbers out of a row; what is wrong with them goes to the problems. */
export class NumberReader {
  readonly #row: MetricRow;
  readonly #problems: RowProblems;
  /** Whether anything was wrong so far. */
  failed = false;

  constructor(row: MetricRow, problems: RowProblems) {
    this.#row = row;
    this.#problems = problems;
  }

  /** The number at least `least` in a cell; undefined for an empty one. */
  optional(column: string, least = 0): number | undefined {
    const cell = this.#row.text(column);
    if (cell === undefined) return undefined;
    const value = Number(cell);
    if (Number.isFinite(value) && value >= least) return value;
    this.fail(
      column,
      `${quoteValue(cell)} is not a number of ${least} or more`,
      'correct it or leave out the row',
    );
    return undefined;
  }

  /** As `optional`, above 0, and a problem where it is missing. */
  required(column: string): number {
    const value = this.optional(column);
    if (value !== undefined && value > 0) return value;
    if (value === 0) this.fail(column, 'is 0', 'leave out rows in which no request was answered');
    else if (this.#row.text(column) === undefined)
      this.fail(column, 'is missing', 'keep the columns that the tool wrote');
    return Number.NaN;
  }

  /** Time in each part of the server; none where a cell is empty. */
  phases(columns: Readonly<Record<Phase, string>>): Record<Phase, number> {
    const of = (phase: Phase) => this.optional(columns[phase]) ?? 0;
    return { queue: of('queue'), input: of('input'), infer: of('infer'), output: of('output') };
  }

  /** The percentiles of latency that the table tells. */
  percentiles(percents: readonly number[], columnOf: (percent: number) => string): RowFigures['percentiles'] {
    return percents.flatMap((percentile) => {
      const latency = this.optional(columnOf(percentile));
      return latency === undefined ? [] : [{ percentile, latency }];
    });
  }

  fail(path: string, what: string, remedy: string): void {
    this.failed = true;
    this.#problems.add({ ...this.#row.place, path, what, remedy });
  }
}

/** How requests were sent in request-rate mode, which the tables do not say. */
export type ArrivalLaw = 'constant' | 'poisson';

/** Clients, or the planned rate in request-rate mode; undefined with a problem where the row has neither. */
export function loadOf(
  numbers: NumberReader,
  arrivals: ArrivalLaw,
): { readonly concurrency: number } | { readonly openLoop: OpenLoop } | undefined {
  const concurrency = numbers.optional('Concurrency') ?? 0;
  if (concurrency > 0) return { concurrency };
  const requestsPerS = numbers.optional('Request Rate') ?? 0;
  if (requestsPerS > 0) return { openLoop: { requestsPerS, arrivals } };
  numbers.fail('Concurrency', 'neither clients nor a request rate', 'keep the columns that the tool wrote');
  return undefined;
}

export type Phase = Exclude<keyof SummarySplit, 'outside'>;

export interface RowFigures {
  /** Times of the table that make a millisecond. */
  readonly perMs: number;
  readonly load: { readonly concurrency: number } | { readonly openLoop: OpenLoop };
  readonly requestBatch: number;
  readonly inferencesPerS: number;
  /** Undefined where the table does not tell it. */
  readonly meanLatency: number | undefined;
  readonly phases: Readonly<Record<Phase, number>> | undefined;
  readonly percentiles: readonly { readonly percentile: number; readonly latency: number }[];
}

/** Puts a row together: clients, throughput and latency tell each other by Little's law. */
export function observationOfRow(figures: RowFigures): SummaryObservation {
  const { perMs, load, requestBatch, inferencesPerS, meanLatency, phases } = figures;
  const requestsPerS = inferencesPerS / requestBatch;
  const closedLoopClients = 'concurrency' in load ? load.concurrency : undefined;
  const meanLatencyMs =
    meanLatency === undefined ? (1000 * (closedLoopClients ?? 0)) / requestsPerS : meanLatency / perMs;
  const phasesMs = phases && {
    queue: phases.queue / perMs,
    input: phases.input / perMs,
    infer: phases.infer / perMs,
    output: phases.output / perMs,
  };
  const percentilesMs = figures.percentiles.map(({ percentile, latency }) => ({
    percentile,
    ms: latency / perMs,
  }));
  const inPhases = phasesMs && phasesMs.queue + computeMs(phasesMs);
  return {
    ...loopOf(load, requestsPerS, meanLatencyMs),
    requestBatch,
    inferencesPerS,
    meanLatencyMs,
    ...(phasesMs && { splitMs: { outside: Math.max(0, meanLatencyMs - inPhases!), ...phasesMs } }),
    ...(percentilesMs.length > 0 && { percentilesMs }),
  };
}

/** Who sent, and how many requests were in flight. */
function loopOf(
  load: RowFigures['load'],
  requestsPerS: number,
  meanLatencyMs: number,
): Pick<SummaryObservation, 'concurrency' | 'openLoop' | 'overload'> {
  if ('concurrency' in load) return load;
  const { openLoop } = load;
  const inFlight = (requestsPerS * meanLatencyMs) / 1000;
  const leastDone = LEAST_DONE[openLoop.arrivals] * openLoop.requestsPerS;
  const isOverload = requestsPerS < leastDone && inFlight >= LEAST_IN_FLIGHT;
  return isOverload
    ? { concurrency: Math.round(inFlight), overload: openLoop }
    : { concurrency: inFlight, openLoop };
}

/** With fewer of the planned requests the others did not come through; of random ones a few may be missing by chance. */
const LEAST_DONE: Readonly<Record<ArrivalLaw, number>> = { constant: 0.97, poisson: 0.9 };
/** With fewer at a time nothing has to wait for long. */
const LEAST_IN_FLIGHT = 2;
