import { errorFunction, max, mean, median } from 'simple-statistics';
import { NORMAL_95 } from '../../src/metrics/statistics/normal-interval.js';
import { coverage } from '../support/errors-by.js';
import { type Column, type Table, tableOf } from '../support/table.js';
import { LATENCIES, type Latency } from './calibrations.js';
import { type Forecast, logError } from './replay.js';

/** How a set of figures is predicted by something. Errors and scores are percent of the logarithm. */
interface Score {
  readonly cases: string;
  readonly predictor: string;
  readonly medians: Readonly<Record<Latency, number>>;
  readonly worst: Readonly<Record<Latency, number>>;
  /** Of whatever gives an interval: a lone number has the CRPS of its absolute error. */
  readonly crps: number;
  readonly coverage?: number;
  readonly halfWidth?: number;
}

/** What the two groups of cases are. */
export const GROUPS = { sleeping: 'models that wait', onnx: 'networks that compute' } as const;

/** By group, and one tenant apart from several. */
function setsOf(forecasts: readonly Forecast[]): readonly (readonly [string, readonly Forecast[]])[] {
  return Object.entries(GROUPS).flatMap(([group, name]) =>
    [true, false].map((isLone) => {
      const own = forecasts.filter((each) => each.group === group && (each.tenants === 1) === isLone);
      return [`${name}, ${isLone ? 'one tenant' : 'two or three tenants'}`, own] as const;
    }),
  );
}

/** The model and simpler ones beside what live runs tell of each other. */
export function scoreTable(forecastsOf: ReadonlyMap<string, readonly Forecast[]>): Table {
  const [first = []] = forecastsOf.values();
  const scores = setsOf(first).flatMap(([cases, figures]) => [
    ...[...forecastsOf].map(([predictor, forecasts]) => {
      const own = setsOf(forecasts).find(([name]) => name === cases)![1];
      return scoreOf(cases, predictor, own);
    }),
    sameHour(cases, figures),
    otherDay(cases, figures),
  ]);
  const each = (of: Readonly<Record<Latency, number>>) =>
    LATENCIES.map((key) => of[key].toFixed(1)).join(' / ');
  const columns: Column<Score>[] = [
    ['cases', ({ cases }) => cases],
    ['predicted by', ({ predictor }) => predictor],
    ['mean / p50 / p95 / p99: median error %', ({ medians }) => each(medians)],
    ['worst', ({ worst }) => each(worst)],
    ['CRPS, %', ({ crps }) => crps.toFixed(1)],
    ['in 95 % interval, %', ({ coverage }) => coverage?.toFixed(0) ?? '–'],
    ['half-width, %', ({ halfWidth }) => halfWidth?.toFixed(0) ?? '–'],
  ];
  return tableOf(scores, columns);
}

function scoreOf(cases: string, predictor: string, forecasts: readonly Forecast[]): Score {
  return {
    cases,
    predictor,
    ...errorsOf(forecasts, (each) => Math.abs(logError(each))),
    crps: mean(forecasts.map(crpsOf)),
    coverage: coverage(forecasts),
    halfWidth: median(forecasts.map((each) => 100 * deviationOf(each) * NORMAL_95)),
  };
}

/** What two of three runs on the same arrivals are apart on average: 1.128 standard deviations of a normal figure. */
const APART = 2 / Math.sqrt(Math.PI);

/** One live run by another of the same hour. A normal forecast that knows its spread has a CRPS of that over the root of two. */
function sameHour(cases: string, forecasts: readonly Forecast[]): Score {
  const apart = ({ deviation }: Forecast) => 100 * deviation * APART;
  const crps = mean(forecasts.map(apart)) / Math.SQRT2;
  return { cases, predictor: 'a live run of the same hour', ...errorsOf(forecasts, apart), crps };
}

/** The live runs of one calibration by those of another, on the same arrivals. */
function otherDay(cases: string, forecasts: readonly Forecast[]): Score {
  const pairs = forecasts.flatMap((one) =>
    forecasts
      .filter(
        ({ commit, scenario, tenant, latency }) =>
          commit !== one.commit &&
          scenario === one.scenario &&
          tenant === one.tenant &&
          latency === one.latency,
      )
      .map((other) => ({ ...one, predicted: other.measured })),
  );
  const error = (each: Forecast) => Math.abs(logError(each));
  return {
    cases,
    predictor: 'live runs of another day',
    ...errorsOf(pairs, error),
    crps: mean(pairs.map(error)),
  };
}

function errorsOf(forecasts: readonly Forecast[], errorOf: (each: Forecast) => number) {
  const by = (of: (values: number[]) => number) =>
    Object.fromEntries(
      LATENCIES.map((key) => [key, of(forecasts.filter(({ latency }) => latency === key).map(errorOf))]),
    ) as Record<Latency, number>;
  return { medians: by(median), worst: by(max) };
}

/** Standard deviation of the prediction's logarithm, as its interval tells it. */
function deviationOf({ predicted, low, high }: Forecast): number {
  return (high - low) / 2 / NORMAL_95 / predicted;
}

/** Of a normal forecast of the logarithm (Gneiting and Raftery 2007, equation 21), percent. */
export function crpsOf(forecast: Forecast): number {
  const deviation = 100 * deviationOf(forecast);
  if (!(deviation > 0)) return Math.abs(logError(forecast));
  const z = -logError(forecast) / deviation;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return deviation * (z * errorFunction(z / Math.SQRT2) + 2 * density - 1 / Math.sqrt(Math.PI));
}
