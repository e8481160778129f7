import { WEIBULL_CV_RANGE } from '../../base/distributions.js';
import { remembered } from '../../base/remembered.js';
import { placeOf } from '../collect.js';
import { DEFAULT_TENANT } from '../columns.js';
import { forEachCsvRow } from '../csv-rows.js';
import { parseNumber } from '../number.js';
import { quoteValue, RowProblems } from '../row-problems.js';
import type { ImportOptions } from './options.js';
import { forEachTableRow } from './table.js';

/** How one client behaved in one window of time. */
export interface ServeGenWindow {
  readonly client: string;
  readonly startUs: number;
  /** Arrivals per microsecond; 0 in a window without any. */
  readonly ratePerUs: number;
  readonly distribution: 'Gamma' | 'Weibull';
  /** Coefficient of variation of the gaps. */
  readonly cv: number;
}

/**
 * Reads ServeGen windows, in order of time for every client. Two forms: the originals,
 * `chunk-N-trace.csv`, have one client, no header and the columns start in seconds, rate per
 * second, CV, distribution, shape, scale; a table of many clients has a header with
 * `client,t_s,rate_per_s,iat_cv,iat_dist`. A window without a distribution had too few arrivals for
 * one and is taken for Poisson.
 *
 * @throws InputError with the line of every problem
 */
export function readServeGenWindows(
  text: string,
  windowUs: number,
  options: ImportOptions,
): ServeGenWindow[] {
  const problems = new RowProblems(placeOf(options));
  if (!Number.isSafeInteger(windowUs) || windowUs < 1)
    problems.add({ what: `a window of ${windowUs} microseconds` });
  const windows: ServeGenWindow[] = [];
  const startsOf = new Map<string, Set<number>>();
  for (const cells of readCells(text, options, problems)) {
    const window = toWindow(cells, options, problems);
    if (window === undefined) continue;
    remembered(startsOf, window.client, () => new Set()).add(window.startUs);
    if (Number.isSafeInteger(window.startUs) && window.startUs % windowUs !== 0) {
      problems.add({
        line: cells.line,
        what: `${quoteValue(cells.start)} is not the start of a window of ${windowUs / 1e6} s`,
      });
    }
    windows.push(window);
  }
  addRepeated(windows.length, startsOf, problems);
  problems.throwIfAny();
  return windows.sort((a, b) => a.startUs - b.startUs);
}

interface WindowCells {
  readonly line: number;
  readonly client: string;
  readonly start: string;
  readonly rate: string;
  readonly cv: string;
  readonly distribution: string;
}

const COLUMNS = ['client', 't_s', 'rate_per_s', 'iat_cv', 'iat_dist'] as const;

function readCells(text: string, options: ImportOptions, problems: RowProblems): WindowCells[] {
  const read: WindowCells[] = [];
  if (/^\uFEFF?\s*[\d.]/.test(text)) {
    const client = options.tenant ?? DEFAULT_TENANT;
    const row = ([start = '', rate = '', cv = '', distribution = '']: string[], line: number) => {
      read.push({ line, client, start, rate, cv, distribution });
    };
    forEachCsvRow(text, { row }, placeOf(options));
    return read;
  }
  const onRow = ({ line, get }: { line: number; get: (column: string) => string | undefined }) => {
    const [client = '', start = '', rate = '', cv = '', distribution = ''] = COLUMNS.map(get);
    read.push({ line, client: client.trim(), start, rate, cv, distribution });
  };
  forEachTableRow(text, [COLUMNS], onRow, problems, placeOf(options));
  return read;
}

function toWindow(
  cells: WindowCells,
  options: ImportOptions,
  problems: RowProblems,
): ServeGenWindow | undefined {
  const { line, client } = cells;
  const startUs = Math.round(parseNumber(cells.start) * 1e6);
  const rate = parseNumber(cells.rate) * (options.rateScale ?? 1);
  if (!Number.isSafeInteger(startUs) || startUs < 0) {
    problems.add({ line, path: 't_s', what: `${quoteValue(cells.start)} is not a time in seconds` });
  }
  if (!(rate >= 0 && Number.isFinite(rate))) {
    problems.add({ line, path: 'rate_per_s', what: `${quoteValue(cells.rate)} is not a rate` });
  }
  if (rate === 0) return { client, startUs, ratePerUs: 0, distribution: 'Gamma', cv: 1 };
  if (!(rate > 0)) return undefined;
  const distribution = cells.distribution.trim();
  const cv = distribution === '' ? 1 : parseNumber(cells.cv);
  if (distribution !== '' && distribution !== 'Gamma' && distribution !== 'Weibull') {
    problems.add({ line, path: 'iat_dist', what: `${quoteValue(distribution)} is not Gamma or Weibull` });
    return undefined;
  }
  const { min, max } = WEIBULL_CV_RANGE;
  if (!(cv >= min && cv <= max)) {
    problems.add({
      line,
      path: 'iat_cv',
      what: `${quoteValue(cells.cv)} is not a number from ${min} to ${max}`,
    });
    return undefined;
  }
  return {
    client,
    startUs,
    ratePerUs: rate / 1e6,
    distribution: distribution === '' ? 'Gamma' : distribution,
    cv,
  };
}

function addRepeated(
  windows: number,
  startsOf: ReadonlyMap<string, ReadonlySet<number>>,
  problems: RowProblems,
): void {
  let distinct = 0;
  for (const starts of startsOf.values()) distinct += starts.size;
  if (distinct === windows) return;
  problems.add({
    what: `${windows - distinct} windows have the client and start of another`,
    remedy: 'import one file at a time',
  });
}
