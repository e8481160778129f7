import { InputError } from '../base/problem.js';
import { compareCost, marginalCost } from '../cost/compare.js';
import { costOfScenario } from '../cost/scenario-cost.js';
import { compareLatency } from '../metrics/compare-latency.js';
import { measuredTenants } from '../metrics/measured-tenant.js';
import { summarizeRuns } from '../metrics/replications.js';
import { type SimulatedRun, summarizeRun } from '../report/build-report.js';
import type { Scenario } from '../scenario/scenario.js';
import { simulate } from '../simulator/simulate.js';
import { simulateReplications } from './run-scenario.js';
import type { ScenarioOverrides } from './scenario-files.js';

export interface CompareOptions {
  readonly overrides: ScenarioOverrides;
  /** Replications, each under the same seed in both. */
  readonly runs: number;
}

/** A comparison as plain values and as sentences for people. */
export interface PlacementComparison {
  readonly values: unknown;
  readonly text: string;
}

/**
 * Two placements of the same tenants under the same arrivals: cost, and each tenant's latency, with
 * paired statements of significance.
 */
export async function comparePlacements(
  a: string,
  b: string,
  options: CompareOptions,
): Promise<PlacementComparison> {
  const { runs: runsA } = await simulateReplications(a, options);
  const { runs: runsB } = await simulateReplications(b, options);
  requireSameTenants(runsA[0]!.scenario, runsB[0]!.scenario);
  const costs = compareCost({ name: a, runs: runsA.map(costOf) }, { name: b, runs: runsB.map(costOf) });
  const { scenario } = runsA[0]!;
  const latencies = measuredTenants(scenario.tenants).map((tenant) => ({
    tenant: tenant.name,
    comparison: compareLatency(
      { name: a, log: runsA[0]!.result.log },
      { name: b, log: runsB[0]!.result.log },
      { tenant: tenant.name, warmUpUs: scenario.warmUpUs },
    ),
  }));
  const lines = [
    costs.statement,
    ...latencies.map(({ tenant, comparison }) => `${tenant}: ${comparison.statement}`),
  ];
  return { values: { a, b, cost: costs, latency: latencies }, text: `${lines.join('\n')}\n` };
}

/** What one tenant costs that the others alone would not: the same scenario with and without it. */
export async function compareWithout(
  path: string,
  tenant: string,
  options: CompareOptions,
): Promise<PlacementComparison> {
  const { runs } = await simulateReplications(path, options);
  const names = runs[0]!.scenario.tenants.map(({ name }) => name);
  if (!names.includes(tenant) || names.length === 1) {
    throw InputError.of(`there is no tenant "${tenant}" to leave out`, `write one of ${names.join(', ')}`, {
      file: path,
    });
  }
  const without = runs.map(({ scenario }) => simulated(withoutTenant(scenario, tenant)));
  const cost = marginalCost(tenant, costed(runs), costed(without));
  const usd = (value: number) => (Number.isFinite(value) ? `${value.toFixed(4)} USD` : 'an unbounded amount');
  const text =
    `${tenant} adds ${usd(cost.usdPerHour)} per hour in machines and ${usd(cost.penaltyUsdPerHour)} in penalties ` +
    `(${usd(cost.othersPenaltyUsdPerHour)} of them to other tenants): ${usd(cost.usdPerMillionInferences)} per million of its inferences.\n`;
  return { values: cost, text };
}

function simulated(scenario: Scenario): SimulatedRun {
  return { scenario, result: simulate(scenario) };
}

function costOf(run: SimulatedRun) {
  return costOfScenario(run.scenario, summarizeRun(run));
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
}
