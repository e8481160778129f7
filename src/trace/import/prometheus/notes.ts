import { plural } from '../../../base/plural.js';
import { printable } from '../../../base/printable.js';
import type { ImportOptions, SeriesValues, SourceFile } from '../options.js';
import { tellsWhose } from '../unused-columns.js';
import type { Grid } from './expected-counts.js';
import type { SeriesIncreases } from './increases.js';
import type { RangeAnswer } from './range-answer.js';
import type { JoinedSeries } from './series.js';
import type { TenantLoad } from './tenant-loads.js';

/** All that was found out on the way from answers to a trace. */
export interface Findings {
  readonly files: readonly SourceFile[];
  /** By file. */
  readonly answers: readonly RangeAnswer[];
  readonly joined: JoinedSeries;
  readonly told: readonly SeriesIncreases[];
  readonly loads: readonly TenantLoad[];
  readonly grid: Grid;
  readonly values: SeriesValues;
  readonly options: ImportOptions;
}

/** Sentences on what the values were taken for, and on everything that they do not tell. */
export function notesOn(found: Findings): string[] {
  return [
    takenFor(found),
    ...onLabels(found),
    ...when(
      found.values === 'counter' ? 0 : 1,
      "each value is a mean over the time in the query's brackets: bursts shorter than that are gone, which counters keep",
    ),
    ...onAnswers(found),
    ...onResets(found),
    ...onGaps(found),
    ...onLateCounters(found),
    ...onSilentTenants(found),
    ...onInferences(found),
    ...onIntervals(found),
  ].map((note) => printable(note));
}

const KINDS: Readonly<Record<SeriesValues, string>> = {
  counter: 'counters',
  rate: 'requests per second',
  increase: 'increases',
};

function takenFor({ told, loads, values, options, grid }: Findings): string {
  const over = values === 'increase' ? ` over ${seconds(options.windowUs ?? 0)}` : '';
  const label = options.tenantBy ?? 'model';
  return `${told.length} series taken as ${KINDS[values]}${over}, added by ${label} to ${loads.length} ${plural(loads.length, 'tenant')}, per ${seconds(grid.binUs)}`;
}

/** Labels that tell whose a request is, too, and of which one tenant has several values. */
function onLabels({ loads, options }: Findings): string[] {
  const labels = loads.flatMap(({ requests }) => {
    const [first, ...others] = requests.map(({ series }) => series.labels);
    const names = new Set([first, ...others].flatMap((each) => [...(each?.keys() ?? [])]));
    return [...names].filter((name) => others.some((each) => each.get(name) !== first?.get(name)));
  });
  const unused = new Set(labels.filter((name) => tellsWhose(name) && name !== (options.tenantBy ?? 'model')));
  return when(
    unused.size,
    `series that differ in ${listed([...unused])} are added; --tenant-by makes tenants of another label`,
  );
}

function onAnswers({ files, answers, joined }: Findings): string[] {
  const warnings = new Set(answers.flatMap((answer) => answer.warnings));
  const empty = answers.flatMap(({ series }, i) =>
    series.length === 0 ? [files[i]?.file ?? `file ${i + 1}`] : [],
  );
  const missing = sum(
    answers.flatMap(({ series }) => series),
    (each) => each.missing,
  );
  return [
    ...[...warnings].map((warning) => `Prometheus warned: ${warning}`),
    ...when(empty.length, `without any series: ${listed(empty)}`),
    ...when(missing, `values that are no numbers (NaN or Inf), taken as missing samples: ${missing}`),
    ...when(
      joined.differing,
      `values told differently by two files, of which the one named last counts: ${joined.differing}`,
    ),
  ];
}

function onResets({ told }: Findings): string[] {
  const resets = sum(told, (each) => each.resets);
  return when(
    resets,
    `counters that began again at 0: ${resets}; what came between the last sample before and that is not known and left out`,
  );
}

function onGaps({ told, values }: Findings): string[] {
  const gaps = sum(told, (each) => each.gaps);
  if (gaps === 0) return [];
  const share = (100 * sum(told, ({ gapUs }) => gapUs)) / sum(told, ({ fromUs, toUs }) => toUs - fromUs);
  const meaning =
    values === 'counter'
      ? 'the counters tell how many requests came meanwhile, not when: they are spread over it'
      : 'taken as time without requests';
  const series = told.filter((each) => each.gaps > 0).length;
  return [
    `${gaps} ${plural(gaps, 'gap')} in ${series} of ${told.length} series, ${figure(share)} % of their time: ${meaning}`,
  ];
}

/** A series that begins late: its server did, or it was not asked before. */
function isLate({ series, fromUs }: SeriesIncreases, grid: Grid): boolean {
  return fromUs - grid.fromUs > 1.5 * (series.stepsUs[0] as number);
}

function onLateCounters({ told, values, grid }: Findings): string[] {
  const single = told.filter(({ increases }) => increases.length === 0).length;
  const late = told.filter((each) => isLate(each, grid) && (each.series.values[0] as number) > 0);
  const before = Math.round(sum(late, ({ series }) => series.values[0] as number));
  return [
    ...when(single, `${single} series with one value only: of the time between two nothing is known`),
    ...when(
      values === 'counter' ? late.length : 0,
      `counters that appear later than the first: ${late.length}; nobody knows when the ${before} ${plural(before, 'request')} came that they held then, which are left out`,
    ),
  ];
}

const MOST_NAMED = 3;

/** Tenants of whom nothing is known at the beginning or the end. */
function onSilentTenants({ loads, grid }: Findings): string[] {
  const silent = loads.flatMap(({ tenant, requests }) => {
    const known = requests.filter(({ increases }) => increases.length > 0);
    if (known.length === 0) return [`${tenant} (never)`];
    const fromUs = known.reduce((first, each) => Math.min(first, each.fromUs), Number.POSITIVE_INFINITY);
    const toUs = known.reduce((last, each) => Math.max(last, each.toUs), fromUs);
    const mostUs = 1.5 * (known[0]?.series.stepsUs[0] ?? 0);
    if (fromUs - grid.fromUs <= mostUs && grid.toUs - toUs <= mostUs) return [];
    return [`${tenant} (${figure((fromUs - grid.fromUs) / 1e6)} to ${seconds(toUs - grid.fromUs)})`];
  });
  return when(silent.length, `known for a part of the time, else taken as silent: ${listed(silent)}`);
}

function onInferences({ loads }: Findings): string[] {
  const counted = loads.filter((load) => load.countsInferences).map(({ tenant }) => tenant);
  const mixed = loads
    .filter(({ inferencesEach = 1 }) => !Number.isInteger(inferencesEach))
    .map(({ tenant, inferencesEach = 1 }) => `${tenant} ${figure(inferencesEach)}`);
  return [
    ...when(
      counted.length,
      `nv_inference_count counts inferences, each of which is taken as a request: ${listed(counted)}`,
    ),
    ...when(
      mixed.length,
      `inferences in a request, of which only the mean is known: ${listed(mixed)}; the sizes next to it take turns`,
    ),
  ];
}

function onIntervals({ told, grid }: Findings): string[] {
  const stepped = told.filter(({ isStepped }) => isStepped).length;
  const isBeside = told.some(
    ({ series, increases }) =>
      series.stepsUs.some((us) => us > grid.binUs) ||
      increases.some(({ fromUs }) => (fromUs - grid.fromUs) % grid.binUs !== 0),
  );
  return [
    ...when(
      stepped,
      `counters that never moved in two steps on end: ${stepped}; where the step is shorter than the time between scrapes, take a multiple of that time (--bin), or bursts are imported that there were not`,
    ),
    ...when(
      isBeside ? 1 : 0,
      `samples lie beside the intervals of ${seconds(grid.binUs)}: what came between two is spread evenly over the time between them`,
    ),
  ];
}

function when(count: number, note: string): string[] {
  return count === 0 ? [] : [note];
}

function sum<Value>(values: readonly Value[], figureOf: (value: Value) => number): number {
  return values.reduce((total, value) => total + figureOf(value), 0);
}

function listed(names: readonly string[]): string {
  const hidden = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function seconds(us: number): string {
  return `${figure(us / 1e6)} s`;
}
