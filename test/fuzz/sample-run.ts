import { buildReport, type SimulatedRun } from '../../src/report/build-report.js';
import { reportToJson } from '../../src/report/json.js';
import type { RunReport } from '../../src/report/run-report.js';
import { checkScenario } from '../../src/scenario/check.js';
import { parseScenarioSpec } from '../../src/scenario/spec.js';
import { simulate } from '../../src/simulator/simulate.js';
import type { RequestLog } from '../../src/trace/request-log.js';
import type { ShippedScenarios } from './shipped-scenarios.js';
import { SMALL_SCENARIOS } from './small-scenarios.js';

/** One run of a small scenario that uses most features: the sample of reports and request logs. */
export function sampleRun({ resources }: ShippedScenarios): SimulatedRun {
  const { scenario } = checkScenario(parseScenarioSpec(SMALL_SCENARIOS[0]!), resources);
  return { scenario, result: simulate(scenario) };
}

/** The JSON of a report on the run, with everything that a report may hold. */
export function sampleReport(run: SimulatedRun): string {
  const tenant = run.scenario.tenants[0]!.name;
  const source = 'made up';
  const report = buildReport([run], {
    version: '0',
    commit: 'abc',
    scenarioFile: 'scenario.yaml',
    bounds: [{ tenant, bound: 'unlimited devices', p50Ms: 1, p99Ms: 2 }],
  });
  const measured = [{ tenant, metric: 'p50 ms', predicted: 2, measured: 1, errorPercent: 100, source }];
  return reportToJson({ ...report, measured, series: shortSeries(report.series) });
}

const POINTS = 3;

/** Charts with a few points each. */
function shortSeries({ cdfs, timelines, deviceTimelines }: RunReport['series']): RunReport['series'] {
  return {
    cdfs: cdfs.map((cdf) => ({ ...cdf, points: cdf.points.slice(0, POINTS) })),
    timelines: timelines.map((line) => ({ ...line, bins: line.bins.slice(0, POINTS) })),
    deviceTimelines: deviceTimelines.map((line) => ({ ...line, bins: line.bins.slice(0, POINTS) })),
  };
}

/** The first requests of a log, each with its one call. */
export function firstRows(log: RequestLog, rows: number): RequestLog {
  return { ...firstOf(log, rows), calls: firstOf(log.calls, rows) };
}

function firstOf<Table extends object>(table: Table, rows: number): Table {
  const columns = Object.entries(table).map(([key, value]) => [
    key,
    ArrayBuffer.isView(value) ? (value as Float64Array).slice(0, rows) : value,
  ]);
  return Object.fromEntries(columns) as Table;
}
