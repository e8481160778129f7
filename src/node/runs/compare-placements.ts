import { InputError } from '../../base/problem.js';
import type { Warning } from '../../base/warning.js';
import { type CostComparison, compareCost, type MarginalCost, marginalCost } from '../../cost/compare.js';
import { isPriced } from '../../cost/cost.js';
import { costOfScenario } from '../../cost/scenario-cost.js';
import { diffRuns, type RunDiff } from '../../diff/diff-runs.js';
import { diffText } from '../../diff/diff-text.js';
import { measuredTenants } from '../../metrics/measured-tenant.js';
import type { PairedComparison } from '../../metrics/statistics/paired.js';
import { formatNumber, formatUsd } from '../../report/format.js';
import { ifRight } from '../../report/provenance.js';
import { type AnswerTextOptions, answerToText } from '../../report/text/answer-text.js';
import { resolveSpec } from '../../scenario/resolve-spec.js';
import type { Scenario } from '../../scenario/scenario.js';
import { guessesIn } from '../../scenario/starter/model-points.js';
import { pathsFrom } from '../emit/emit-files.js';
import { readBoth } from '../files/read-both.js';
import { runApart } from '../memory/run-apart.js';
import { compareNeed } from '../memory/run-need.js';
import { loadScenario, type ScenarioOverrides } from '../scenario/scenario-files.js';
import { nameByContent } from '../scenario/scenario-sources.js';
import { requireTenant } from './explain-scenario.js';
import { otherProfiles } from './other-profiles.js';
import { type ReadScenario, type ScenarioRun, simulateRead } from './run-scenario.js';

export interface CompareOptions {
  readonly overrides: ScenarioOverrides;
  /** Replications, each under the same seed in both. */
  readonly runs: number;
  /** Told where the runs will take most of the memory that is free, before they begin. */
  readonly notify?: (text: string) => void;
}

/** A placement that has been read: what can be sent to a thread. */
export interface ReadPlacement {
  readonly path: string;
  readonly name: string;
  readonly read: ReadScenario;
}

/** A comparison as plain values and as sentences for people. */
export interface PlacementComparison {
  readonly values: object;
  readonly text: (options: AnswerTextOptions) => string;
}

/**
 * Two placements of the same tenants under the same load: each figure of all replications with its significance, as of
 * two runs that were kept, and what they cost.
 * @throws InputError for mistakes in either, and where their tenants or their arrivals differ
 */
export async function comparePlacements(
  pathA: string,
  pathB: string,
  options: CompareOptions,
): Promise<PlacementComparison> {
  const [a, b] = await readBoth(pathA, pathB, async (path, name) => {
    const { scenario, spec, warnings } = await loadScenario(path, options.overrides);
    return { path, name, read: { scenario, spec, warnings } };
  });
  requireSameTenants(a.read.scenario, b.read.scenario);
  requireSameArrivals(a, b);
  const compared = await compareApart({ a, b }, [a.read.scenario, b.read.scenario], options);
  const { diff, cost, warnings } = compared as BothCompared;
  const guesses = guessesIn(a.read.scenario, b.read.scenario);
  return {
    values: { format: 'perseus-comparison/2', ...diff, cost, warnings },
    text: (how) => {
      const told = diffText(diff, how);
      const [verdict, ...others] = told.answer;
      const answer = [ifRight(verdict!, guesses), ...others, ...costSentences(cost, a.name, b.name)];
      return answerToText({ ...told, answer, warnings }, how);
    },
  };
}

/** What one tenant costs that the others alone would not: the same scenario with and without it. */
export async function compareWithout(
  path: string,
  tenant: string,
  options: CompareOptions,
): Promise<PlacementComparison> {
  const { scenario, spec, warnings: read } = await loadScenario(path, options.overrides);
  requireOthers(scenario, tenant, path);
  const whole = { path, name: path, read: { scenario, spec, warnings: read } };
  const compared = await compareApart({ whole, tenant }, [scenario, scenario], options);
  const { marginal, isKnown, warnings } = compared as LeftOut;
  return {
    values: { format: 'perseus-marginal-cost/1', ...marginal, warnings },
    text: (how) =>
      answerToText(
        {
          answer: [ifRight(marginalSentence(marginal, isKnown), guessesIn(scenario))],
          warnings,
          next: [MARGINAL_NEXT],
        },
        how,
      ),
  };
}

/** What is compared, read: two placements, or one with itself without a tenant. */
type ReadQuestion =
  | { readonly a: ReadPlacement; readonly b: ReadPlacement }
  | { readonly whole: ReadPlacement; readonly tenant: string };

export type ComparedRead = ReadQuestion & { readonly options: Omit<CompareOptions, 'notify'> };

export interface BothCompared {
  readonly diff: RunDiff;
  readonly cost: CostComparison;
  readonly warnings: readonly Warning[];
}

export interface LeftOut {
  readonly marginal: MarginalCost;
  /** Whether a price is known of any machine. */
  readonly isKnown: boolean;
  readonly warnings: readonly Warning[];
}

/** In a thread of its own where the runs of these scenarios need its memory. */
function compareApart(
  question: ReadQuestion,
  scenarios: readonly [Scenario, Scenario],
  { notify, ...options }: CompareOptions,
): Promise<BothCompared | LeftOut> {
  const need = compareNeed(scenarios, options.runs);
  const worker = new URL('../memory/threads/compare-worker.js', import.meta.url);
  return runApart(need, compareRead, worker, { ...question, options }, { notify });
}

export function compareRead({ options, ...question }: ComparedRead): Promise<BothCompared | LeftOut> {
  if ('whole' in question) return leaveOut(question.whole, question.tenant, options);
  return compareBoth(question.a, question.b, options);
}

type SimulatedPlacement = Omit<ScenarioRun, 'loaded'>;

/** A single run keeps its requests, so that they can be paired. */
function simulated(
  { path, read }: ReadPlacement,
  options: ComparedRead['options'],
  change?: (scenario: Scenario) => Scenario,
): Promise<SimulatedPlacement> {
  const wanted = { ...options, bounds: false, series: false, log: options.runs === 1 && !change };
  return simulateRead({ path, read, options: { ...wanted, ...(change && { change }) } });
}

async function compareBoth(
  a: ReadPlacement,
  b: ReadPlacement,
  options: ComparedRead['options'],
): Promise<BothCompared> {
  const [runsA, runsB] = [await simulated(a, options), await simulated(b, options)];
  const [scenarioA, scenarioB] = await nameByContent(
    { folder: '.', scenario: plainScenario(a) },
    { folder: '.', scenario: plainScenario(b) },
  );
  const diff = diffRuns(snapshot(a, runsA, scenarioA), snapshot(b, runsB, scenarioB));
  const cost = compareCost({ name: a.name, runs: costsOf(runsA) }, { name: b.name, runs: costsOf(runsB) });
  const [namedA, namedB] = [a, b].map(({ name, read }) => ({ name, scenario: read.scenario }));
  const warnings = [...otherProfiles(namedA!, namedB!), ...warningsOf([runsA, runsB])];
  return { diff, cost, warnings };
}

function snapshot({ name }: ReadPlacement, { report, log }: SimulatedPlacement, scenario: unknown) {
  return { name, report, scenario, ...(log && { log }) };
}

/** As a run folder keeps it, with its paths as they lead from here. */
function plainScenario({ path, read: { spec, scenario } }: ReadPlacement): unknown {
  return resolveSpec(spec, scenario, pathsFrom(spec, path, '.'));
}

function costsOf({ runs }: SimulatedPlacement) {
  return runs.map(({ scenario, figures }) => costOfScenario(scenario, figures.summary));
}

async function leaveOut(
  whole: ReadPlacement,
  tenant: string,
  options: ComparedRead['options'],
): Promise<LeftOut> {
  const runs = await simulated(whole, options);
  const without = await simulated(whole, options, (scenario) => withoutTenant(scenario, tenant));
  const marginal = marginalCost(tenant, costed(runs), costed(without));
  return { marginal, isKnown: isPriced(costed(runs).cost), warnings: warningsOf([runs]) };
}

function costed({ report }: SimulatedPlacement) {
  return { summary: report.summary, cost: report.cost! };
}

/** What the machines of both cost, what penalties make of it, and whether an inference costs another amount. */
function costSentences(cost: CostComparison, a: string, b: string): string[] {
  const { machinesUsdPerHour: usd, perHour, perMillionInferences: each } = cost;
  const [usdA, usdB] = [usd.a, usd.b].map((value) =>
    value === 0 ? 'an unknown amount' : `$${formatUsd(value)} per hour`,
  );
  const machines =
    usd.a === 0 && usd.b === 0
      ? 'No machine has a price.'
      : usd.a === usd.b
        ? `Machines of both cost ${usdA}.`
        : `Machines of ${b} cost ${usdB}, those of ${a} ${usdA}.`;
  const hasPenalties = Math.abs(perHour.difference.value - (usd.b - usd.a)) > 1e-9;
  return [
    [
      machines,
      ...(hasPenalties ? changeOf(perHour, `With penalties an hour of ${b}`) : []),
      ...changeOf(each, `An inference of ${b}`),
    ].join(' '),
  ];
}

function changeOf({ significant, relativePercent }: PairedComparison, subject: string): string[] {
  if (!significant || !Number.isFinite(relativePercent)) return [];
  const word = relativePercent > 0 ? 'more' : 'less';
  return [`${subject} costs ${formatNumber(Math.abs(relativePercent))} % ${word}.`];
}

function marginalSentence(cost: MarginalCost, isKnown: boolean): string {
  if (!isKnown)
    return `What ${cost.tenant} adds to the cost is not known: no machine has a price; write machine: {usdPerHour: …} at the servers.`;
  const usd = (value: number) => (Number.isFinite(value) ? `$${formatUsd(value)}` : 'an unbounded amount');
  const { penaltyUsdPerHour: penalty, othersPenaltyUsdPerHour: others } = cost;
  const penalties =
    penalty === 0 ? '' : ` and ${usd(penalty)} in penalties (${usd(others)} of them to other tenants)`;
  return `${cost.tenant} adds ${usd(cost.usdPerHour)} per hour in machines${penalties}: ${usd(cost.usdPerMillionInferences)} per million of its inferences.`;
}

const MARGINAL_NEXT = 'perseus simulate shows what the tenants then get. -v shows each warning.';

/** What to be wary of in the runs: under other seeds it differs in figures alone. */
function warningsOf(runs: readonly SimulatedPlacement[]): readonly Warning[] {
  const all = runs.flatMap(({ report }) => report.warnings);
  return [...new Map(all.map((warning) => [`${warning.code} ${warning.message}`, warning])).values()];
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

function requireOthers(scenario: Scenario, tenant: string, file: string): void {
  requireTenant(scenario, tenant, '--without');
  if (scenario.tenants.length > 1) return;
  throw InputError.of(`"${tenant}" is the only tenant`, 'name a scenario with others beside it', { file });
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

/** Closed-loop clients make their arrivals themselves, by when they are answered; all others must send the same. */
function requireSameArrivals(a: ReadPlacement, b: ReadPlacement): void {
  a.read.scenario.tenants.forEach(({ name, load }, i) => {
    const other = b.read.scenario.tenants[i]!.load;
    if (load.mode === 'closed' && other.mode === 'closed') return;
    const [before, after] = [load, other].map((one) => (one.mode === 'closed' ? [] : one.trace.arrivalUs));
    if (before!.length === after!.length && before!.every((us, row) => us === after![row])) return;
    throw InputError.of(
      `the arrivals of ${name} differ between ${a.name} and ${b.name}`,
      'run both with the same trace and seed',
    );
  });
}
