import { InputError } from '../../base/problem.js';
import type { Warning } from '../../base/warning.js';
import { compareCost, marginalCost } from '../../cost/compare.js';
import { costOfScenario } from '../../cost/scenario-cost.js';
import {
  compareLatency,
  compareReplications,
  hasSamePlan,
  type NamedLog,
  type NamedRuns,
} from '../../metrics/compare-latency.js';
import { type MeasuredTenant, measuredTenants } from '../../metrics/measured-tenant.js';
import { summarizeRuns } from '../../metrics/replications.js';
import type { PairedComparison } from '../../metrics/statistics/paired.js';
import { type SimulatedRun, summarizeRun } from '../../report/build-report.js';
import { USUAL_WIDTH } from '../../report/text/width.js';
import { warningsBlock } from '../../report/text.js';
import type { Scenario } from '../../scenario/scenario.js';
import { simulate } from '../../simulator/simulate.js';
import { readBoth } from '../files/read-both.js';
import { runApart } from '../memory/run-apart.js';
import { compareNeed } from '../memory/run-need.js';
import { loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';
import { replicate } from './run-scenario.js';

export interface CompareOptions {
  readonly overrides: ScenarioOverrides;
  /** Replications, each under the same seed in both. */
  readonly runs: number;
  /** Told where the runs will take most of the memory that is free, before they begin. */
  readonly notify?: (text: string) => void;
}

/** A placement that has been read: what can be sent to a thread. */
export interface ReadPlacement {
  readonly name: string;
  readonly scenario: Scenario;
}

export type ReplicationCount = Omit<CompareOptions, 'notify'>;

/** A comparison as plain values and as sentences for people. */
export interface PlacementComparison {
  readonly values: unknown;
  readonly text: string;
}

/** How much latency of a tenant differs, and what that was told from: requests of one run, or whole runs. */
interface TenantComparison {
  readonly tenant: string;
  readonly basis: 'requests' | 'replications';
  readonly comparison: PairedComparison;
}

interface Placement extends NamedRuns {
  /** What the summaries `runs` are of. */
  readonly simulated: readonly SimulatedRun[];
}

/**
 * Two placements of the same tenants under the same load: cost, and each tenant's latency, with
 * paired statements of significance.
 */
export async function comparePlacements(
  nameA: string,
  nameB: string,
  options: CompareOptions,
): Promise<PlacementComparison> {
  const [loadedA, loadedB] = await readBoth(nameA, nameB, (path) => loadScenario(path, options.overrides));
  requireSameTenants(loadedA.scenario, loadedB.scenario);
  const [a, b] = [
    { name: nameA, scenario: loadedA.scenario },
    { name: nameB, scenario: loadedB.scenario },
  ];
  return compareApart({ a, b }, [a.scenario, b.scenario], options);
}

/** What is compared, read: two placements, or one with itself without a tenant. */
type ReadQuestion =
  | { readonly a: ReadPlacement; readonly b: ReadPlacement }
  | { readonly whole: ReadPlacement; readonly tenant: string };

export type ComparedRead = ReadQuestion & { readonly options: ReplicationCount };

/** In a thread of its own where the runs of these scenarios need its memory. */
function compareApart(
  question: ReadQuestion,
  scenarios: readonly [Scenario, Scenario],
  { notify, ...options }: CompareOptions,
): Promise<PlacementComparison> {
  const need = compareNeed(scenarios, options.runs);
  const worker = new URL('../memory/threads/compare-worker.js', import.meta.url);
  return runApart(need, compareRead, worker, { ...question, options }, { notify });
}

/** Compares what has been read. */
export function compareRead({ options, ...question }: ComparedRead): Promise<PlacementComparison> {
  if ('whole' in question) return leaveOut(question.whole, question.tenant, options);
  return compareBoth(question.a, question.b, options);
}

async function compareBoth(
  readA: ReadPlacement,
  readB: ReadPlacement,
  options: ReplicationCount,
): Promise<PlacementComparison> {
  const [nameA, nameB] = [readA.name, readB.name];
  const runsA = await replicate(nameA, readA, options);
  const runsB = await replicate(nameB, readB, options);
  const [a, b] = [placement(nameA, runsA), placement(nameB, runsB)];
  const costs = compareCost({ name: nameA, runs: costsOf(a) }, { name: nameB, runs: costsOf(b) });
  const latencies = measuredTenants(runsA[0]!.scenario.tenants).map((tenant) => compareTenant(tenant, a, b));
  const lines = [
    costs.statement,
    ...latencies.map(({ tenant, comparison }) => `${tenant}: ${comparison.statement}`),
  ];
  const warnings = warningsOf([runsA[0]!, runsB[0]!]);
  const values = {
    format: 'perseus-comparison/1',
    a: nameA,
    b: nameB,
    cost: costs,
    latency: latencies,
    warnings,
  };
  return { values, text: textOf(lines, warnings) };
}

/** Request by request under the same arrivals; run by run where closed-loop clients make their own, by when they are answered. */
function compareTenant({ name, latencyFrom }: MeasuredTenant, a: Placement, b: Placement): TenantComparison {
  const [logA, logB] = [firstLog(a), firstLog(b)];
  const { warmUpUs } = a.simulated[0]!.scenario;
  const question = { tenant: name, warmUpUs, ...(latencyFrom && { latencyFrom }) };
  if (isClosed(a, name) && isClosed(b, name) && !hasSamePlan(logA, logB, question)) {
    return { tenant: name, basis: 'replications', comparison: compareReplications(a, b, name) };
  }
  return { tenant: name, basis: 'requests', comparison: compareLatency(logA, logB, question) };
}

function firstLog({ name, simulated }: Placement): NamedLog {
  return { name, log: simulated[0]!.result.log };
}

function isClosed({ simulated }: Placement, tenant: string): boolean {
  return simulated[0]!.scenario.tenants.some(({ name, load }) => name === tenant && load.mode === 'closed');
}

/** What one tenant costs that the others alone would not: the same scenario with and without it. */
export async function compareWithout(
  path: string,
  tenant: string,
  options: CompareOptions,
): Promise<PlacementComparison> {
  const loaded = await loadScenario(path, options.overrides);
  const names = loaded.scenario.tenants.map(({ name }) => name);
  if (names.length === 1 && names.includes(tenant)) {
    throw InputError.of(`"${tenant}" is the only tenant`, 'name a scenario with others beside it', {
      file: path,
    });
  }
  if (!names.includes(tenant)) {
    throw InputError.of(`there is no tenant "${tenant}" to leave out`, `write one of ${names.join(', ')}`, {
      file: path,
    });
  }
  const whole = { name: path, scenario: loaded.scenario };
  return compareApart({ whole, tenant }, [whole.scenario, whole.scenario], options);
}

async function leaveOut(
  whole: ReadPlacement,
  tenant: string,
  options: ReplicationCount,
): Promise<PlacementComparison> {
  const runs = await replicate(whole.name, whole, options);
  const without = runs.map(({ scenario }) => simulated(withoutTenant(scenario, tenant)));
  const cost = marginalCost(tenant, costed(runs), costed(without));
  const usd = (value: number) => (Number.isFinite(value) ? `${value.toFixed(4)} USD` : 'an unbounded amount');
  const text =
    `${tenant} adds ${usd(cost.usdPerHour)} per hour in machines and ${usd(cost.penaltyUsdPerHour)} in penalties ` +
    `(${usd(cost.othersPenaltyUsdPerHour)} of them to other tenants): ${usd(cost.usdPerMillionInferences)} per million of its inferences.`;
  const warnings = warningsOf([runs[0]!]);
  return { values: { format: 'perseus-marginal-cost/1', ...cost, warnings }, text: textOf([text], warnings) };
}

/** What to be wary of in the runs: under other seeds it differs in figures alone. */
function warningsOf(runs: readonly SimulatedRun[]): readonly Warning[] {
  const all = runs.flatMap(({ result }) => result.warnings ?? []);
  return [...new Map(all.map((warning) => [`${warning.code} ${warning.message}`, warning])).values()];
}

function textOf(lines: readonly string[], warnings: readonly Warning[]): string {
  const block = warningsBlock(warnings, USUAL_WIDTH, { allIn: '--json has' });
  return [...lines, ...(block.length === 0 ? [] : ['', ...block])].map((line) => `${line}\n`).join('');
}

function simulated(scenario: Scenario): SimulatedRun {
  return { scenario, result: simulate(scenario) };
}

function placement(name: string, simulated: readonly SimulatedRun[]): Placement {
  return { name, simulated, runs: simulated.map(summarizeRun) };
}

function costsOf({ simulated, runs }: Placement) {
  return runs.map((summary, i) => costOfScenario(simulated[i]!.scenario, summary));
}

function costed(runs: readonly SimulatedRun[]) {
  const summary = summarizeRuns(runs.map(summarizeRun));
  return { summary, cost: costOfScenario(runs[0]!.scenario, summary) };
}

/** Without the tenant, and without servers that then serve nobody. */
function withoutTenant(scenario: Scenario, name: string): Scenario {
  const tenants = scenario.tenants.filter((tenant) => tenant.name !== name);
  const used = new Set(tenants.flatMap(({ targets }) => targets.map(({ server }) => server)));
  const kept = scenario.servers.flatMap((_, index) => (used.has(index) ? [index] : []));
  return {
    ...scenario,
    servers: kept.map((index) => scenario.servers[index]!),
    tenants: tenants.map((tenant) => ({
      ...tenant,
      targets: tenant.targets.map((target) => ({ ...target, server: kept.indexOf(target.server) })),
    })),
  };
}

function requireSameTenants(a: Scenario, b: Scenario): void {
  const names = (scenario: Scenario) => scenario.tenants.map(({ name }) => name).join(', ');
  if (names(a) !== names(b)) {
    throw InputError.of(
      `the tenants differ: ${names(a)} against ${names(b)}`,
      'compare placements of the same tenants',
    );
  }
  const [measuredA, measuredB] = [measuredTenants(a.tenants), measuredTenants(b.tenants)];
  measuredA.forEach(({ name, latencyFrom = 'planned' }, i) => {
    const { latencyFrom: other = 'planned' } = measuredB[i]!;
    if (latencyFrom === other) return;
    throw InputError.of(
      `the latency of ${name} counts from when a request was ${latencyFrom} against ${other}`,
      'write the same latencyFrom in both',
    );
  });
}
