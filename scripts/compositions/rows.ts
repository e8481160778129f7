import { mean } from 'simple-statistics';
import { compareWithLive } from '../../src/node/calibrate/validate-scenario.js';
import { besideSimulated } from '../live/cross-check-compare.js';
import { latencyFigures } from '../support/latencies.js';
import { errorPercent, marginOf } from '../support/points.js';
import type { MeasuredLoad } from './measure.js';

/** A figure of a load that its calibration has not seen. */
export interface Row {
  readonly name: string;
  readonly ratePerS: number;
  readonly by: 'perseus live' | 'perf_analyzer';
  readonly runs: number;
  readonly metric: Metric;
  /** Mean over the runs. */
  readonly measured: number;
  /** How far the runs lie apart, most less least, percent of their mean. */
  readonly spreadPercent: number;
  readonly predicted: number;
  /** 95 % interval; null where none is made, as of perf_analyzer's loads. */
  readonly low: number | null;
  readonly high: number | null;
  readonly errorPercent: number;
  readonly askedPercent: number;
  /** How far the error is beyond what is asked and beyond the spread, in units of what is asked; negative within. */
  readonly margin: number;
  /** Of the machine in the minutes of the runs, least and most. */
  readonly loadAverage: readonly [number, number];
}

/** What issue 39 asks for, percent. */
export const ASKED = { throughputPerS: 1, p50Ms: 3, p99Ms: 10 } as const;

export type Metric = keyof typeof ASKED;

const METRICS = Object.keys(ASKED) as Metric[];
const REPLICATIONS = 6;

interface Figures extends Pick<Row, 'measured' | 'predicted' | 'low' | 'high'> {
  /** Most less least of the runs. */
  readonly spread: number;
}

/** All figures of a load. */
export function rowsOf(load: MeasuredLoad): Row[] {
  const { of, ratePerS, isByPerfAnalyzer, loadAverages } = load;
  const figures = isByPerfAnalyzer ? crossChecked(load) : validated(load);
  return METRICS.map((metric) => {
    const { measured, spread, predicted, low, high } = figures(metric);
    const spreadPercent = (100 * spread) / measured;
    const error = errorPercent(predicted, measured);
    const askedPercent = ASKED[metric];
    return {
      ...{ name: of.name, ratePerS, runs: loadAverages.length, metric, measured, spreadPercent },
      ...{ predicted, low, high },
      by: isByPerfAnalyzer ? 'perf_analyzer' : 'perseus live',
      errorPercent: error,
      askedPercent,
      margin: marginOf(error, askedPercent, spreadPercent),
      loadAverage: [Math.min(...loadAverages), Math.max(...loadAverages)],
    };
  });
}

/** As `perseus validate` compares. */
function validated({ of, scenario, runs }: MeasuredLoad): (metric: Metric) => Figures {
  const { figures } = compareWithLive(scenario, runs, { replications: REPLICATIONS });
  return (metric) => {
    const found = figures.find((each) => each.subject === of.asked && each.metric.name === metric)!;
    const { measured, measuredSpread, predicted, low, high } = found;
    const spread = Number.isNaN(measuredSpread) ? 0 : measuredSpread;
    return { measured, spread, predicted, low, high };
  };
}

/** On the arrivals that perf_analyzer sent. */
function crossChecked({ scenario, crossChecks }: MeasuredLoad): (metric: Metric) => Figures {
  const runs = crossChecks.map((requests) => {
    const { seconds, tenants } = besideSimulated(scenario, requests);
    const { liveUs, simulatedUs } = tenants[0]!;
    const of = (us: number[]) => ({ ...latencyFigures(us), throughputPerS: us.length / seconds });
    return { live: of(liveUs), simulated: of(simulatedUs) };
  });
  return (metric) => {
    const measured = runs.map(({ live }) => live[metric]);
    return {
      measured: mean(measured),
      spread: Math.max(...measured) - Math.min(...measured),
      predicted: mean(runs.map(({ simulated }) => simulated[metric])),
      ...{ low: null, high: null },
    };
  };
}
