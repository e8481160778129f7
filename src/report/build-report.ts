import type { Warning } from '../base/warning.js';
import { costOfScenario } from '../cost/scenario-cost.js';
import { latencyCdfs } from '../metrics/latency-cdf.js';
import { measuredTenants } from '../metrics/measured-tenant.js';
import { replicationFigures } from '../metrics/replication-figures.js';
import { summarizeReplications } from '../metrics/replications.js';
import { type MeasuredRun, summarize, summarizeWithLatencies } from '../metrics/summarize.js';
import type { Summary } from '../metrics/summary.js';
import { timelines } from '../metrics/timeline.js';
import type { Scenario } from '../scenario/scenario.js';
import type { SimulationResult } from '../simulator/result.js';
import { compareMeasured, type MeasuredFigure } from './compare-measured.js';
import type { ReportProvenance, ReportSeries, RunReport, TenantBound } from './run-report.js';

const CDF_POINTS = 101;
const TIMELINE_SLICES = 60;

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

/**
 * The report of one or more replications of a scenario. Charts show the first; figures are those of
 * all.
 */
export function buildReport(runs: readonly SimulatedRun[], options: ReportOptions): RunReport {
  const first = runs[0]!;
  const summarized = runs.map((run) => summarizeWithLatencies(measuredRunOf(run)));
  const summary = summarizeReplications(summarized);
  return {
    summary,
    ...(runs.length > 1 && { replications: replicationFigures(summarized.map((one) => one.summary)) }),
    cost: costOfScenario(first.scenario, summary),
    warnings: [...(options.warnings ?? []), ...summary.warnings],
    provenance: provenanceOf(first.scenario, summary, options),
    series: options.series === false ? NO_SERIES : seriesOf(first),
    ...(options.measured === undefined ? {} : { measured: compareMeasured(runs, summary, options.measured) }),
    ...(options.bounds === undefined ? {} : { bounds: options.bounds }),
  };
}

const NO_SERIES: ReportSeries = { cdfs: [], timelines: [], deviceTimelines: [] };

function seriesOf({ scenario, result }: SimulatedRun): ReportSeries {
  const tenants = measuredTenants(scenario.tenants);
  const { log } = result;
  return {
    cdfs: latencyCdfs({ log, tenants, warmUpUs: scenario.warmUpUs }, CDF_POINTS),
    timelines: timelines({ log, tenants }, TIMELINE_SLICES),
    deviceTimelines: result.devices.map(({ server, device, timeline }) => ({
      server,
      device,
      bins: timeline.map((busyShare, i) => ({
        timeS: (i * scenario.durationUs) / 1e6 / timeline.length,
        busyShare,
      })),
    })),
  };
}

/** The summary of one simulated run. */
export function summarizeRun(run: SimulatedRun): Summary {
  return summarize(measuredRunOf(run));
}

function measuredRunOf({ scenario, result }: SimulatedRun): MeasuredRun {
  return {
    scenarioName: scenario.name,
    seed: scenario.seed,
    warmUpUs: scenario.warmUpUs,
    tenants: measuredTenants(scenario.tenants),
    ...result,
  };
}

function provenanceOf(scenario: Scenario, summary: Summary, options: ReportOptions): ReportProvenance {
  const sources = new Map<string, ReportProvenance['profileSources'][number]>();
  for (const server of scenario.servers) {
    for (const model of server.models) {
      for (const { profile } of model.instances) {
        const { source, licence } = profile.provenance;
        sources.set(`${profile.model} ${profile.device}`, {
          model: profile.model,
          device: profile.device,
          source,
          licence,
        });
      }
    }
  }
  const traces = scenario.tenants.flatMap(({ name, load }) =>
    load.mode === 'closed' || load.trace.source === undefined ? [] : [`${name}: ${load.trace.source}`],
  );
  return {
    version: options.version,
    ...(options.commit === undefined ? {} : { commit: options.commit }),
    scenarioFile: options.scenarioFile,
    seed: summary.seed,
    profileSources: [...sources.values()],
    traceSources: traces,
  };
}
