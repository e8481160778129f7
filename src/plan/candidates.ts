import { paretoFront } from '../sweep/pareto.js';
import { attainmentWithout, meetsAll } from './evaluate.js';
import type { CheckedPlacement } from './search/failure-scenarios.js';

/**
 * A placement that is shown. Of the answer it has the failures of its result, of others the few that matter most, up to the
 * first that violate an SLO.
 */
export interface PlanCandidate extends CheckedPlacement {
  /** Share of all requests under SLOs answered in time after the worst of its failures; absent where there are none. */
  readonly attainmentAfterFailure?: number;
  /** Nothing that was simulated is both cheaper and better on the worst day and after the worst failure. */
  readonly onFront: boolean;
  /**
   * How much more it costs than the cheapest candidate that meets every SLO on that day and after failures, on the
   * worst day; Infinity where it breaks one on a day on which another candidate violates none.
   */
  readonly regretUsdPerHour: number;
}

/** Cheapest first, with the front of cost against attainment on the worst day or after the worst failure, and the regret. */
export function candidatesOf(placements: readonly CheckedPlacement[]): PlanCandidate[] {
  const all = placements.map((one) => ({ ...one, ...attainmentAfterFailure(one) }));
  const isPriced = all.some(({ days }) => days[0]!.usdPerHour > 0);
  const costOf = ({ days }: Pick<CheckedPlacement, 'days'>) =>
    isPriced ? days[0]!.usdPerHour : days[0]!.gpus;
  const sorted = [...all].sort((a, b) => costOf(a) - costOf(b) || a.days[0]!.gpus - b.days[0]!.gpus);
  const front = new Set(
    paretoFront(
      sorted.map((candidate) => ({
        cost: costOf(candidate),
        quality: Math.min(
          ...candidate.days.map(({ attainment }) => attainment),
          candidate.attainmentAfterFailure ?? 1,
        ),
      })),
    ),
  );
  return sorted.map((candidate, i) => ({
    ...candidate,
    onFront: front.has(i),
    regretUsdPerHour: regretOf(candidate, sorted),
  }));
}

/** Where a failure leaves models without a device the others count as they are without it. */
function attainmentAfterFailure({
  days,
  failures,
}: CheckedPlacement): Pick<PlanCandidate, 'attainmentAfterFailure'> {
  if (failures.length === 0) return {};
  const shares = failures.flatMap(({ attainment, violated }) =>
    attainment === undefined ? days.map((day) => attainmentWithout(day, violated)) : [attainment],
  );
  return { attainmentAfterFailure: Math.min(...shares) };
}

function regretOf(candidate: CheckedPlacement, all: readonly CheckedPlacement[]): number {
  const priceOn = ({ days, failures }: CheckedPlacement, d: number) =>
    meetsAll(days[d]!) && failures.every(({ met }) => met) ? days[d]!.usdPerHour : Infinity;
  const regrets = candidate.days.map((_, d) => {
    const cheapest = Math.min(...all.map((other) => priceOn(other, d)));
    return Number.isFinite(cheapest) ? priceOn(candidate, d) - cheapest : 0;
  });
  return Math.max(...regrets);
}
