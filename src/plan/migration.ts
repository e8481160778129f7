import { type EvaluatedPlacement, keepsAll } from './evaluate.js';
import type { SearchJob } from './jobs.js';
import { placementOf } from './master.js';
import { withOneLess } from './neighbours.js';
import { type Placement, type Slot, slotsOf } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import type { Search, SearchTools } from './search.js';

/** A placement that can be reached from the current one. */
export interface MigrationStep {
  readonly placement: Placement;
  readonly evaluated: EvaluatedPlacement;
  /** Models that must be loaded on a device on which they are not now, or with other settings. */
  readonly moves: number;
  /** Loading time of the device that has most to load, in milliseconds; 0 where no profile knows any. */
  readonly loadMs: number;
  /** Part of the saving between the current placement and the best one; NaN where nothing is saved. */
  readonly gainShare: number;
}

export interface Migration {
  /** The placement as it is. */
  readonly current: MigrationStep;
  /** Every SLO is kept; fewest moves first, and what needs more is cheaper. */
  readonly steps: readonly MigrationStep[];
  /** The first step with most of the gain. */
  readonly recommended?: number;
}

/** What counts as most of the gain. */
const MOST_OF_GAIN = 0.8;
const MOST_STEPS = 12;

/**
 * Ways from the current placement: first what it takes to keep every SLO, then one machine less after
 * the other, as long as every SLO is kept when simulated in full, and at last the best placement.
 */
export function* migrate(
  problem: PlanProblem,
  best: { readonly placement: Placement; readonly evaluated: EvaluatedPlacement },
  tools: SearchTools,
): Search<Migration | undefined> {
  const { current } = problem;
  if (current === undefined) return undefined;
  const now = yield* evaluated(current);
  const stepTo = (placement: Placement, result: EvaluatedPlacement): MigrationStep => ({
    placement,
    evaluated: result,
    ...movesBetween(problem, current, placement),
    gainShare: gainShare(now, result, best.evaluated),
  });
  const steps: MigrationStep[] = [];
  let at: Placement | undefined = keepsAll(now) ? current : yield* repaired(problem, current);
  if (at !== undefined && at !== current) {
    const result = yield* evaluated(at);
    if (keepsAll(result)) steps.push(stepTo(at, result));
    else at = undefined;
  }
  while (at !== undefined && steps.length < MOST_STEPS && tools.remainingS() > 0) {
    at = withOneLess(problem, at);
    if (at === undefined) break;
    const result = yield* evaluated(at);
    if (!keepsAll(result)) break;
    steps.push(stepTo(at, result));
  }
  steps.push(stepTo(best.placement, best.evaluated));
  const sorted = worthwhile(steps);
  const recommended = sorted.findIndex((step) => !(step.gainShare < MOST_OF_GAIN));
  return { current: stepTo(current, now), steps: sorted, ...(recommended >= 0 && { recommended }) };
}

/** Fewest moves first; what needs more moves must be cheaper. */
function worthwhile(steps: readonly MigrationStep[]): MigrationStep[] {
  const usd = ({ evaluated }: MigrationStep) => evaluated.usdPerHour;
  const sorted = [...steps].sort((a, b) => a.moves - b.moves || usd(a) - usd(b));
  return sorted.filter((step, i) => sorted.slice(0, i).every((earlier) => usd(earlier) > usd(step)));
}

function* evaluated(placement: Placement): Search<EvaluatedPlacement> {
  const [answer] = yield [{ type: 'evaluate', placement, day: 0 } satisfies SearchJob];
  return answer!.value as EvaluatedPlacement;
}

/** Models taken off devices that break promises; undefined where some are served nowhere yet. */
function* repaired(problem: PlanProblem, current: Placement): Search<Placement | undefined> {
  const slots = slotsOf(current);
  const served = new Set(slots.flatMap(({ pieces }) => pieces.map(({ demand }) => demand)));
  if (served.size < problem.demands.length) return undefined;
  const [answer] = yield [{ type: 'repair', slots, forbidden: [] } satisfies SearchJob];
  return placementOf(problem, answer!.value as readonly Slot[]);
}

function gainShare(now: EvaluatedPlacement, step: EvaluatedPlacement, best: EvaluatedPlacement): number {
  const gain = now.usdPerHour - best.usdPerHour;
  return gain > 0 ? (now.usdPerHour - step.usdPerHour) / gain : Number.NaN;
}

/** Matches devices of one kind of machine by what they have in common, most in common first. */
export function movesBetween(
  { demands, slotKinds }: PlanProblem,
  from: Placement,
  to: Placement,
): Pick<MigrationStep, 'moves' | 'loadMs'> {
  const before = [...slotsOf(from)];
  const after = slotsOf(to);
  const pairs = after
    .flatMap((slot, i) => before.map((old, j) => ({ i, j, common: commonPieces(slot, old) })))
    .filter(
      ({ i, j, common }) =>
        common > 0 && slotKinds[after[i]!.kind]!.device === slotKinds[before[j]!.kind]!.device,
    )
    .sort((a, b) => b.common - a.common || a.i - b.i || a.j - b.j);
  const partner = new Map<number, number>();
  const taken = new Set<number>();
  for (const { i, j } of pairs) {
    if (partner.has(i) || taken.has(j)) continue;
    partner.set(i, j);
    taken.add(j);
  }
  const loads = after.map((slot, i) => {
    const old = partner.get(i);
    const fresh = slot.pieces.filter((piece) => old === undefined || !holds(before[old]!, piece));
    const loadMs = fresh.reduce(
      (sum, { demand }) => sum + (demands[demand]!.profiles[slot.kind]?.load.loadMs ?? 0),
      0,
    );
    return { moves: fresh.length, loadMs };
  });
  return {
    moves: loads.reduce((sum, { moves }) => sum + moves, 0),
    loadMs: Math.max(0, ...loads.map(({ loadMs }) => loadMs)),
  };
}

function commonPieces(slot: Slot, old: Slot): number {
  return slot.pieces.filter((piece) => holds(old, piece)).length;
}

/** Another share of the requests is no move; other settings are, as the model must be loaded anew. */
function holds({ pieces }: Slot, { demand, option }: Slot['pieces'][number]): boolean {
  return pieces.some(
    (other) =>
      other.demand === demand &&
      other.option.maxBatchSize === option.maxBatchSize &&
      other.option.queueDelayMs === option.queueDelayMs &&
      other.option.instances === option.instances,
  );
}
