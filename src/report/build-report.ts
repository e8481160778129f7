import type { Warning } from '../base/warning.js';
import { costOfScenario } from '../cost/scenario-cost.js';
import { measuredRun } from '../measure/measured-run.js';
import { replicationFigures } from '../metrics/replication-figures.js';
import { summarizeReplications } from '../metrics/replications.js';
import { type SummaryWithLatencies, summarize, summarizeWithLatencies } from '../metrics/summarize.js';
import type { Summary } from '../metrics/summary.js';
import type { ModelProfile } from '../profile/profile.js';
import { errorsText } from '../profile/validation.js';
import { knowsMemory } from '../scenario/loading.js';
import type { Scenario } from '../scenario/scenario.js';
import { guessesIn } from '../scenario/starter/model-points.js';
import { profilesIn } from '../scenario/with-profiles.js';
import type { SimulationResult } from '../simulator/result.js';
import type { Trace } from '../trace/trace.js';
import { compareMeasured, type MeasuredFigure } from './compare-measured.js';
import type { ReportProvenance, ReportSeries, RunReport, TenantBound } from './run-report.js';

/** How fine the charts are. */
export const SERIES_SIZE = { cdfPoints: 101, slices: 60 };

/** One replication: the scenario (under its own seed) and what came of it. */
export interface SimulatedRun {
  readonly scenario: Scenario;
  readonly result: SimulationResult;
}

export interface ReportOptions {
  readonly version: string;
  readonly commit?: string;
  readonly scenarioFile: string;
  /** Warnings of reading the scenario, put first. */
  readonly warnings?: readonly Warning[];
  /** Figures measured elsewhere, to be shown beside the predicted ones. */
  readonly measured?: readonly MeasuredFigure[] | undefined;
  /** What charts are drawn from; false where none will be. Default true. */
  readonly series?: boolean;
  readonly bounds?: readonly TenantBound[];
}

/** A replication of which nothing is kept but its figures. */
export interface MeasuredScenario {
  readonly scenario: Scenario;
  readonly figures: SummaryWithLatencies;
}

/**
 * The report of one or more replications of a scenario. Charts show the first; figures are those of
 * all.
 */
export function buildReport(runs: readonly SimulatedRun[], options: ReportOptions): RunReport {
  return reportOf(
    runs.map((run, i) => measured(run, i === 0 && options.series !== false)),
    options,
  );
}

/** The figures of a simulated run, as {@link reportOf} takes them. */
export function measured(run: SimulatedRun, hasSeries: boolean): MeasuredScenario {
  const series = hasSeries ? SERIES_SIZE : undefined;
  return {
    scenario: run.scenario,
    figures: summarizeWithLatencies(measuredRun(run.scenario, run.result), series),
  };
}

/** As {@link buildReport}, from what was measured of each replication. */
export function reportOf(runs: readonly MeasuredScenario[], options: ReportOptions): RunReport {
  const first = runs[0]!;
  const summarized = runs.map(({ figures }) => figures);
  const summary = withKnownMemory(summarizeReplications(summarized), first.scenario);
  return {
    summary,
    ...(runs.length > 1 && { replications: replicationFigures(summarized.map((one) => one.summary)) }),
    cost: costOfScenario(first.scenario, summary),
    warnings: [...(options.warnings ?? []), ...summary.warnings],
    provenance: provenanceOf(
      runs.map(({ scenario }) => scenario),
      summary,
      options,
    ),
    series: options.series === false ? NO_SERIES : chartsOf(first),
    ...(options.measured === undefined ? {} : { measured: compareMeasured(runs, summary, options.measured) }),
    ...(options.bounds === undefined ? {} : { bounds: options.bounds }),
  };
}

function withKnownMemory(summary: Summary, { servers }: Scenario): Summary {
  const devices = summary.devices.map((device) => {
    const server = servers.find(({ name }) => name === device.server);
    const isKnown = server === undefined || knowsMemory(server, device.device);
    return isKnown ? device : { ...device, memoryUnknown: true as const };
  });
  return { ...summary, devices };
}

const NO_SERIES: ReportSeries = { cdfs: [], timelines: [], deviceTimelines: [] };

function chartsOf({ scenario, figures }: MeasuredScenario): ReportSeries {
  const { summary, series } = figures;
  return {
    cdfs: series.map(({ cdf }) => cdf),
    timelines: series.map(({ timeline }) => timeline),
    deviceTimelines: summary.devices.map(({ server, device, timeline }) => ({
      server,
      device,
      bins: timeline.map((busyShare, i) => ({
        timeS: (i * scenario.durationUs) / 1e6 / timeline.length,
        busyShare,
      })),
    })),
  };
}

export function summarizeRun({ scenario, result }: SimulatedRun): Summary {
  return summarize(measuredRun(scenario, result));
}

function provenanceOf(
  scenarios: readonly Scenario[],
  summary: Summary,
  options: ReportOptions,
): ReportProvenance {
  const scenario = scenarios[0]!;
  const shared = scenarios.length > 1 ? sharedArrivals(scenario, scenarios[1]!) : [];
  const profiles = new Map<string, ModelProfile>();
  for (const server of scenario.servers)
    for (const profile of profilesIn(server)) profiles.set(`${profile.model} ${profile.device}`, profile);
  const profileErrors = errorsText([...profiles.values()]);
  const profileGuesses = guessesIn(scenario);
  const traces = scenario.tenants.flatMap(({ name, load }) =>
    load.mode === 'closed' || load.trace.source === undefined ? [] : [`${name}: ${load.trace.source}`],
  );
  return {
    version: options.version,
    ...(options.commit === undefined ? {} : { commit: options.commit }),
    scenarioFile: options.scenarioFile,
    seed: summary.seed,
    profileSources: [...profiles.values()].map(({ model, device, provenance: { source, licence } }) => ({
      model,
      device,
      source,
      licence,
    })),
    ...(profileErrors !== undefined && { profileErrors }),
    ...(profileGuesses !== undefined && { profileGuesses }),
    traceSources: traces,
    ...(shared.length > 0 && { sharedArrivals: shared }),
  };
}

/** Tenants whose plans are the same under two seeds: traces, and whatever draws nothing. */
function sharedArrivals(a: Scenario, b: Scenario): string[] {
  return a.tenants
    .filter(({ load }, i) => {
      const other = b.tenants[i]!.load;
      return load.mode !== 'closed' && other.mode !== 'closed' && hasSameArrivals(load.trace, other.trace);
    })
    .map(({ name }) => name);
}

function hasSameArrivals({ arrivalUs: a }: Trace, { arrivalUs: b }: Trace): boolean {
  return a.length > 0 && a.length === b.length && (a === b || a.every((us, i) => us === b[i]));
}
