import { diffRuns, type RunDiff } from '../diff/diff-runs.js';
import type { RunSnapshot } from '../diff/snapshot.js';
import type { ExportWindow } from '../emit/telemetry/log-rows.js';
import { logToPerfetto } from '../emit/telemetry/perfetto.js';
import { measureRun } from '../measure/measure-run.js';
import type { Summary } from '../metrics/summary.js';
import { buildReport } from '../report/build-report.js';
import { doubtFrom, type Range } from '../report/doubt.js';
import { type ExplainedTenant, explainTenant } from '../report/explain-tenant.js';
import { headroomPoint, headroomSearch } from '../report/headroom.js';
import type { Headroom, RunDoubt } from '../report/run-report.js';
import { loadTimes } from '../scenario/load-times.js';
import type { ScenarioResources } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import { atTimeErrors, timeErrorsIn } from '../scenario/time-errors.js';
import { simulate } from '../simulator/simulate.js';
import type { RequestLog } from '../trace/request-log.js';
import { type CarriedScenario, resourcesOf, type ScenarioData } from './carried.js';
import { type Executions, executionsFrom } from './executions.js';
import { type Exported, exported } from './export.js';
import { type DroppedFile, type Taken, takeFiles } from './open-files.js';
import { carriedFromLink } from './open-link.js';
import { checkSpec, measure, specOf } from './simulate-carried.js';
import { type TraceTenants, tenantsOfTraces } from './trace-tenants.js';

/** What the page asks for besides the run itself, because it takes longer. */
export type Job =
  | { readonly kind: 'explain'; readonly tenant: string }
  | { readonly kind: 'headroom' }
  /** What is left open by what is not known of the profiles, beside what the run gave as it is. */
  | { readonly kind: 'doubt'; readonly usual: Summary }
  /** The scenario against another one, request by request where both have the same. */
  | { readonly kind: 'diff'; readonly before: CarriedScenario }
  /** Which instance executed what, from a time on. */
  | { readonly kind: 'executions'; readonly fromUs: number }
  /** A time of the run as a trace that Perfetto opens. */
  | { readonly kind: 'perfetto'; readonly window: ExportWindow }
  /** What reads and writes files is here because it takes libraries that the page itself does without. */
  | { readonly kind: 'link'; readonly fragment: string }
  | { readonly kind: 'take'; readonly dropped: readonly DroppedFile[]; readonly open: CarriedScenario }
  | { readonly kind: 'tenants'; readonly traces: CarriedScenario['traces'] }
  | { readonly kind: 'export'; readonly open: CarriedScenario };

export interface JobResults {
  readonly explain: ExplainedTenant;
  readonly headroom: Headroom;
  readonly doubt: PageDoubt;
  readonly diff: RunDiff;
  readonly executions: Executions;
  readonly perfetto: string;
  readonly link: CarriedScenario;
  readonly take: Taken;
  readonly tenants: TraceTenants;
  readonly export: Exported;
}

/** What a run may also come to: the figures of tenants, and how busy devices are. */
export interface PageDoubt extends RunDoubt {
  readonly devices: readonly (Range & { readonly server: string; readonly device: string })[];
}

/** What a page can hold and look through at once. */
const MOST_EXECUTIONS = 50_000;

export interface JobSetting {
  readonly spec: ScenarioData;
  readonly resources: ScenarioResources;
  readonly version: string;
  /** Told what is done now. */
  readonly onStep: (step: string) => void;
}

/** @throws InputError with what is wrong in the scenario */
export function runJob(job: Job, setting: JobSetting): JobResults[Job['kind']] {
  switch (job.kind) {
    case 'explain':
      return explainTenant(scenarioOf(setting.spec, setting.resources), job.tenant, setting.onStep);
    case 'headroom':
      return headroomOf(setting);
    case 'doubt':
      return doubtOf(job.usual, setting);
    case 'diff':
      return diffWith(job.before, setting);
    case 'executions':
      return executionsFrom(logOf(setting), job.fromUs, MOST_EXECUTIONS);
    case 'perfetto':
      return [...logToPerfetto(logOf(setting), job.window)].join('');
    case 'link':
      return carriedFromLink(job.fragment);
    case 'take':
      return takeFiles(job.dropped, job.open);
    case 'tenants':
      return tenantsOfTraces(job.traces);
    case 'export':
      return exported(job.open);
  }
}

function scenarioOf(data: ScenarioData, resources: ScenarioResources): Scenario {
  return checkSpec(specOf(data), resources).scenario;
}

function headroomOf({ spec: data, resources, onStep }: JobSetting): Headroom {
  const spec = specOf(data);
  const search = headroomSearch();
  let step = search.next();
  while (step.done !== true) {
    const factor = step.value;
    onStep(`${factor} times the load`);
    const tenants = spec.tenants.map((tenant) => ({ ...tenant, load: loadTimes(tenant.load, factor) }));
    const { summary } = measureRun(checkSpec({ ...spec, tenants }, resources).scenario);
    step = search.next(headroomPoint(factor, summary));
  }
  return step.value;
}

/** Two more runs, with all profiles as fast and as slow as may be. */
function doubtOf(usual: Summary, { spec, resources, onStep }: JobSetting): PageDoubt {
  const scenario = scenarioOf(spec, resources);
  const run = (end: 'fast' | 'slow') => {
    onStep(`all profiles as ${end} as may be`);
    return measure(atTimeErrors(scenario, end), false);
  };
  const ends = { fast: run('fast'), slow: run('slow') };
  const summaries = [usual, ends.fast.figures.summary, ends.slow.figures.summary];
  const devices = usual.devices.map(({ server, device }, d) => {
    const shares = summaries.map(({ devices }) => devices[d]!.busyShare);
    return { server, device, low: Math.min(...shares), high: Math.max(...shares) };
  });
  return { ...doubtFrom(timeErrorsIn(scenario), usual, ends, new Map()), devices };
}

function logOf({ spec, resources, onStep }: JobSetting): RequestLog {
  onStep('the run with its log');
  return simulate(scenarioOf(spec, resources)).log;
}

function diffWith(before: CarriedScenario, { spec, resources, version, onStep }: JobSetting): RunDiff {
  onStep('run A, request by request');
  const a = snapshot('A', before.spec, resourcesOf(before), version);
  onStep('run B, request by request');
  return diffRuns(a, snapshot('B', spec, resources, version));
}

function snapshot(
  name: string,
  data: ScenarioData,
  resources: ScenarioResources,
  version: string,
): RunSnapshot {
  const scenario = scenarioOf(data, resources);
  const result = simulate(scenario);
  const report = buildReport([{ scenario, result }], { version, scenarioFile: '', series: false });
  return { name, report, log: result.log, scenario: data };
}
