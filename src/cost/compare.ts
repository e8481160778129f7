import { plural } from '../base/plural.js';
import { InputError } from '../base/problem.js';
import { comparePaired, type PairedComparison } from '../metrics/statistics/paired.js';
import type { Summary } from '../metrics/summary.js';
import { perMillion } from './breakdown.js';
import type { CostBreakdown } from './cost.js';

/** What one tenant more costs, from two runs with and without it under the same load of the others. */
export interface MarginalCost {
  readonly tenant: string;
  /** Machines that are needed only with it, per hour; 0 when it fits onto what is there. */
  readonly usdPerHour: number;
  /** Penalties of all tenants that are due only with it, per hour; its own are among them. */
  readonly penaltyUsdPerHour: number;
  /** The part of these that other tenants' SLOs cost. */
  readonly othersPenaltyUsdPerHour: number;
  /** Both together over the tenant's inferences; Infinity when it completed none. */
  readonly usdPerMillionInferences: number;
}

export interface CostedRun {
  readonly summary: Summary;
  readonly cost: CostBreakdown;
}

/**
 * The marginal cost of `tenant`, which is in `withTenant` only.
 *
 * @throws InputError when it is not in the one or is in the other.
 */
export function marginalCost(tenant: string, withTenant: CostedRun, without: CostedRun): MarginalCost {
  const own = withTenant.cost.tenants.find((cost) => cost.tenant === tenant);
  const measured = withTenant.summary.tenants.find((summary) => summary.tenant === tenant);
  if (own === undefined || measured === undefined) {
    throw InputError.of(`the run with ${tenant} has no tenant of that name`);
  }
  if (without.cost.tenants.some((cost) => cost.tenant === tenant)) {
    throw InputError.of(`the run without ${tenant} still has it`);
  }
  const usdPerHour = withTenant.cost.usdPerHour - without.cost.usdPerHour;
  const penaltyUsdPerHour = withTenant.cost.penaltyUsdPerHour - without.cost.penaltyUsdPerHour;
  return {
    tenant,
    usdPerHour,
    penaltyUsdPerHour,
    othersPenaltyUsdPerHour: penaltyUsdPerHour - own.penaltyUsdPerHour,
    usdPerMillionInferences: perMillion(usdPerHour + penaltyUsdPerHour, measured.inferencesPerS.value),
  };
}

/** A placement and what each replication of it cost, in the order of the seeds. */
export interface PlacementCosts {
  readonly name: string;
  readonly runs: readonly CostBreakdown[];
}

export interface CostComparison {
  /** Prices of the machines, which are the same in every run. */
  readonly machinesUsdPerHour: { readonly a: number; readonly b: number };
  /** Machines and penalties per hour, b against a. */
  readonly perHour: PairedComparison;
  /** Machines and penalties per million inferences, b against a. */
  readonly perMillionInferences: PairedComparison;
  /** The machines' prices and both comparisons in plain words. */
  readonly statement: string;
}

/**
 * Compares two placements under the same load: replication i of both ran with the same seed, so that
 * their arrivals are the same and only the placement differs.
 *
 * @throws InputError when there is no run, or the numbers of replications differ.
 */
export function compareCost(a: PlacementCosts, b: PlacementCosts): CostComparison {
  if (a.runs.length !== b.runs.length || a.runs.length === 0) {
    throw InputError.of(
      `${a.name} has ${a.runs.length} ${plural(a.runs.length, 'run')} and ${b.name} has ${b.runs.length}`,
      'run both with the same seeds',
    );
  }
  const compare = (what: string, unit: string, figure: (run: CostBreakdown) => number) =>
    comparePaired({
      what,
      unit,
      nameA: a.name,
      nameB: b.name,
      a: a.runs.map(figure),
      b: b.runs.map(figure),
      pairs: 'replications',
    });
  const perHour = compare('cost per hour', 'USD', (run) => run.usdPerHour + run.penaltyUsdPerHour);
  const perMillionInferences = compare('cost per million inferences', 'USD', fullCostPerMillion);
  const statement = [stateMachines(a, b), perHour.statement, perMillionInferences.statement].join(' ');
  const machinesUsdPerHour = { a: a.runs[0]!.usdPerHour, b: b.runs[0]!.usdPerHour };
  return { machinesUsdPerHour, perHour, perMillionInferences, statement };
}

/** Prices of machines are not estimates: they are the same in every run. */
function stateMachines(a: PlacementCosts, b: PlacementCosts): string {
  const [usdA, usdB] = [a.runs[0]!.usdPerHour, b.runs[0]!.usdPerHour];
  return `Machines of ${a.name} cost ${usdA.toFixed(3)} USD per hour, those of ${b.name} ${usdB.toFixed(3)}.`;
}

function fullCostPerMillion(run: CostBreakdown): number {
  if (run.usdPerHour === 0) return run.penaltyUsdPerHour === 0 ? 0 : Number.NaN;
  return (run.usdPerMillionInferences * (run.usdPerHour + run.penaltyUsdPerHour)) / run.usdPerHour;
}
