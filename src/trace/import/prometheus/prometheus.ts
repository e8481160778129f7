import { InputError, readAll } from '../../../base/problem.js';
import { RandomStreams } from '../../../base/random.js';
import { placeOf } from '../../collect.js';
import { quoteValue, RowProblems } from '../../row-problems.js';
import type { Trace } from '../../trace.js';
import { Arrivals } from '../arrivals.js';
import { checkRequestCount } from '../limit.js';
import type { ImportedTrace, ImportOptions, SourceFile } from '../options.js';
import { type BinRange, binRange, MAX_BIN_US, spreadCount } from '../spread.js';
import { addEvenly, amountBetween, binsOf, type Grid, makeWhole } from './expected-counts.js';
import { increasesOfCounter, increasesOfRate, type SeriesIncreases } from './increases.js';
import { namesOf, valuesOf } from './meaning.js';
import { notesOn } from './notes.js';
import { readRangeAnswer } from './range-answer.js';
import { type JoinedSeries, joinSeries, type Series } from './series.js';
import { batchSizeOf, type TenantLoad, tenantLoads } from './tenant-loads.js';

/**
 * Load as Prometheus has stored it: what it answers to a range query of counters of requests (Triton's
 * `nv_inference_request_success`, say), or of their `rate` or `increase`. The series of a tenant (by default that
 * of their label `model`) are added, interval by interval; time 0 is the first one that is known. Intervals are as
 * long as the query's step unless `binUs` says otherwise. Where the arrivals of an interval lie in it is not
 * known: they are drawn anywhere in it (`uniform`) unless `spread` says otherwise, since intervals are long and
 * evenly spaced tenants would all arrive together.
 *
 * A request is counted when it has been answered, which is soon after its arrival. Triton counts the steps of an
 * ensemble as requests of their models, too, and those that a full queue refuses nowhere (seen of release 24.10).
 *
 * @throws InputError with every problem of all files
 */
export function importPrometheus(files: readonly SourceFile[], options: ImportOptions = {}): ImportedTrace {
  const answers = readAll(files, readRangeAnswer);
  const problems = new RowProblems(placeOf({ file: files[0]?.file }));
  const joined = joinSeries(answers, problems);
  if (joined.series.length === 0)
    problems.add({ what: 'there are no series with values', remedy: 'check the query and its time' });
  const values = valuesOf(joined.series, options, problems);
  const tenants = joined.series.map((each) => tenantOf(each, options, problems));
  problems.throwIfAny();
  const told = joined.series.map((each) =>
    values === 'counter'
      ? increasesOfCounter(each, problems)
      : increasesOfRate(each, { values, windowUs: options.windowUs }),
  );
  problems.throwIfAny();
  const loads = tenantLoads(told.map((each, i) => ({ tenant: tenants[i] as string, told: each })));
  const first = { ...options, file: files[0]?.file };
  const { grid, range } = gridOf(joined, told, { options: first, tenants: loads.length });
  const source = `${sourceOf(joined.series, values, grid)}${files.length > 1 ? `, ${files.length} files` : ''}`;
  const trace = drawTrace(loads, { grid, range, source, options: first });
  const notes = notesOn({ files, answers, joined, told, loads, grid, values, options });
  return { trace, notes };
}

function tenantOf({ labels, place }: Series, options: ImportOptions, problems: RowProblems): string {
  const { tenantBy = 'model', tenant } = options;
  const name = labels.get(tenantBy) || tenant;
  if (name !== undefined) return name;
  const present = [...labels.keys()].filter((label) => label !== '__name__');
  problems.add({
    ...place,
    what: `has no label ${quoteValue(tenantBy)} that could name the tenant (${present.length === 0 ? 'it has none' : `it has ${quoteValue(present.join(', '))}`})`,
    remedy: 'query by (model), name another label (--tenant-by), or the tenant itself (--tenant)',
  });
  return '';
}

/** Ten years of minutes, for one tenant. */
const MOST_INTERVALS = 5_000_000;
/** Of all tenants together: 300 of them with two months of 15 s. */
const MOST_INTERVALS_IN_ALL = 100_000_000;

/** @throws InputError where a grid cannot be, or nothing is known between any two times */
function gridOf(
  { isGrid, series }: JoinedSeries,
  told: readonly SeriesIncreases[],
  { options, tenants }: { readonly options: ImportOptions; readonly tenants: number },
): { readonly grid: Grid; readonly range: BinRange } {
  const known = told.filter(({ fromUs, toUs }) => toUs > fromUs);
  if (known.length === 0) {
    throw InputError.of(
      'every series has one value only: nothing is known of the time between two',
      'ask for a range of several steps',
      placeOf(options),
    );
  }
  const fromUs = known.reduce((first, each) => Math.min(first, each.fromUs), Number.POSITIVE_INFINITY);
  const toUs = known.reduce((last, each) => Math.max(last, each.toUs), 0);
  const range = binRange(options, usualBinUs(series, isGrid));
  const grid = { fromUs, toUs, binUs: range.binUs };
  const bins = binsOf(grid);
  if (bins <= MOST_INTERVALS && bins * tenants <= MOST_INTERVALS_IN_ALL) return { grid, range };
  throw InputError.of(
    `the samples are ${((toUs - fromUs) / 86_400e6).toFixed(1)} days apart: that is ${bins} intervals of ${range.binUs / 1e6} s`,
    'take longer intervals (--bin), or files of a shorter time',
    placeOf(options),
  );
}

/** The shortest step. Scrapes are not punctual: of theirs whole seconds, which are easier to name. */
function usualBinUs(series: readonly Series[], isGrid: boolean): number {
  let leastUs = Number.POSITIVE_INFINITY;
  for (const { stepsUs } of series) for (const us of stepsUs) leastUs = Math.min(leastUs, us);
  const binUs = isGrid || leastUs < 1e6 ? leastUs : Math.round(leastUs / 1e6) * 1e6;
  return Math.round(binUs / Math.ceil(binUs / MAX_BIN_US));
}

function sourceOf(series: readonly Series[], values: string, { fromUs, binUs }: Grid): string {
  const names = namesOf(series);
  const what = names.length === 0 ? `${values}s` : names.join(' and ');
  return `Prometheus ${what} per ${binUs / 1e6} s since ${fromUs / 1e6}`;
}

interface Drawing {
  readonly grid: Grid;
  readonly range: BinRange;
  /** With the first file. */
  readonly options: ImportOptions;
  readonly source: string;
}

function drawTrace(loads: readonly TenantLoad[], drawing: Drawing): Trace {
  const { grid, range, options, source } = drawing;
  const startUs = range.from * grid.binUs;
  const endUs = Math.min(grid.toUs - grid.fromUs, range.to * grid.binUs);
  checkRequestCount(leastRequests(loads, grid.fromUs + startUs, grid.fromUs + endUs), options);
  const arrivals = new Arrivals();
  const streams = new RandomStreams(options.seed ?? 0);
  const hasBatches = loads.some(({ inferencesEach = 1 }) => inferencesEach !== 1);
  const counts = new Float64Array(binsOf(grid));
  for (const load of loads) {
    const each = hasBatches ? (load.inferencesEach ?? 0) : 0;
    const tenant = arrivals.tenant(load.tenant);
    const random = streams.get(`prometheus/${load.tenant}`);
    countInto(counts, load, grid);
    let request = 0;
    for (let bin = 0; bin < Math.min(range.to, counts.length); bin++) {
      const count = counts[bin] as number;
      const [fromUs, toUs] = [bin * grid.binUs, Math.min((bin + 1) * grid.binUs, endUs)];
      if (bin >= range.from && count > 0) {
        checkRequestCount(arrivals.count + count, options);
        const times = spreadCount(
          count,
          fromUs - startUs,
          toUs - fromUs,
          options.spread ?? 'uniform',
          random,
        );
        times.forEach((us, i) => {
          arrivals.add(us, tenant, { batchSize: batchSizeOf(request + i, each) });
        });
      }
      request += count;
    }
  }
  return arrivals.toTrace(source, options, Math.max(0, endUs - startUs));
}

/** Requests that there will be between two times, less what rounding may take; counted before any is drawn. */
function leastRequests(loads: readonly TenantLoad[], fromUs: number, toUs: number): number {
  let expected = 0;
  for (const { requests } of loads) {
    for (const { increases } of requests) {
      for (const increase of increases) expected += amountBetween(increase, fromUs, toUs);
    }
  }
  return expected - 2 * loads.length;
}

function countInto(counts: Float64Array, { requests }: TenantLoad, grid: Grid): void {
  counts.fill(0);
  for (const { increases } of requests) {
    for (const increase of increases) addEvenly(counts, increase, grid);
  }
  makeWhole(counts);
}
