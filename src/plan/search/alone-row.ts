import { isHopeless } from '../bound/hopeless.js';
import { mostInstances } from '../pace.js';
import type { ServingOption, Slot } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { leastReplicas } from '../replicas.js';
import { deviceShare, executionLimitMs, optionsThatHold, rankOptions } from '../screen.js';
import { type AloneServing, mayHold, pieceShare } from './columns.js';
import type { SlotOracle } from './slot-oracle.js';

/** Options tried by simulation for a model alone, best of the screen first. */
const OPTIONS_TRIED = 4;

/** How a model alone is looked at: in its whole run, in a short one, or, where there is no time, by the screen. */
export type Look = 'whole' | 'quick' | 'screen';

/** Screened share of their time that most devices bear. */
export const USUAL_FILL = 0.8;

/**
 * How a model could be served on devices of its own, by slot kind: screened, then simulated. All but whole runs
 * leave out whole devices that another way of sharing covers.
 */
export function aloneRow(
  oracle: SlotOracle,
  demand: number,
  { look }: { readonly look: Look },
): readonly (AloneServing | undefined)[] {
  const { problem } = oracle;
  const keeps = {
    whole: (slot: Slot) => oracle.keeps(slot),
    quick: (slot: Slot) => oracle.seemsToKeep(slot),
    screen: (slot: Slot) => mayHold(problem, slot, USUAL_FILL) && !isHopeless(problem, slot),
  }[look];
  const row = problem.slotKinds.map((_, kind) =>
    look !== 'whole' && isCovered(problem, kind) ? undefined : aloneServing(problem, keeps, demand, kind),
  );
  if (look !== 'whole' || row.some((serving) => serving !== undefined)) return row;
  return problem.slotKinds.map((_, kind) => servingTogether(oracle, demand, kind));
}

/**
 * A device for one model is a shared one with one model on it: its instances are streams there. Time slices are as
 * good only for one instance.
 */
export function isCovered(problem: PlanProblem, kind: number): boolean {
  const { machines, slotKinds } = problem;
  const { mode, machine } = slotKinds[kind]!;
  if (mode !== 'exclusive') return false;
  const covering = mostInstances(problem) > 1 ? ['streams'] : ['streams', 'timeSlices'];
  return machines[machine]!.wholeSlots.some((other) => covering.includes(slotKinds[other]!.mode));
}

function aloneServing(
  problem: PlanProblem,
  keeps: (slot: Slot) => boolean,
  demand: number,
  kind: number,
): AloneServing | undefined {
  const { spec } = problem;
  const { options, shareOf } = screened(problem, demand, kind);
  const least = leastReplicas(spec.survive);
  let best: AloneServing | undefined;
  for (const option of options.slice(0, OPTIONS_TRIED)) {
    if (!Number.isFinite(shareOf(option))) continue;
    const share = pieceShare(problem, kind, { demand, replicas: 1, option });
    const most = Math.min(spec.mostReplicas, (best?.replicas ?? Infinity) - 1);
    const replicas = fewestReplicas(
      (count) => keeps({ kind, pieces: [{ demand, replicas: count, option }] }),
      Math.max(least, Math.ceil(share * 0.9)),
      least,
      most,
    );
    if (replicas !== undefined) best = { replicas, option };
  }
  return best;
}

/** What the screen says of a model on a device of that kind: options, best first (none where no profile is for it), and the share each takes of the device. */
interface Screened {
  readonly options: readonly ServingOption[];
  readonly shareOf: (option: ServingOption) => number;
}

function screened(problem: PlanProblem, demand: number, kind: number): Screened {
  const wanted = problem.demands[demand]!;
  const { profiles, ratePerS } = wanted;
  const profile = profiles[kind];
  if (profile === undefined) return { options: [], shareOf: () => Infinity };
  const limitMs = executionLimitMs(wanted, kind);
  const slot = problem.slotKinds[kind]!;
  return {
    options: rankOptions({ profile, slot }, ratePerS, limitMs, optionsThatHold(problem, wanted)),
    shareOf: (option) => deviceShare(profile, ratePerS, limitMs, option),
  };
}

/**
 * For a model of which nothing did: under every option, as many replicas as there may be, of which one may be late a
 * little too often where the others make up for it.
 */
function servingTogether(oracle: SlotOracle, demand: number, kind: number): AloneServing | undefined {
  const { spec } = oracle.problem;
  for (const option of screened(oracle.problem, demand, kind).options) {
    const keeps = (replicas: number) =>
      oracle.keepsTogether({ kind, pieces: [{ demand, replicas, option }] });
    const least = leastReplicas(spec.survive);
    const replicas = fewestReplicas(keeps, spec.mostReplicas, least, spec.mostReplicas);
    if (replicas !== undefined) return { replicas, option };
  }
  return undefined;
}

/** Least number that keeps, searched outwards from a guess; more replicas are taken never to do worse. */
function fewestReplicas(
  keeps: (replicas: number) => boolean,
  guess: number,
  least: number,
  most: number,
): number | undefined {
  if (most < least) return undefined;
  let high = Math.min(Math.max(guess, least), most);
  while (!keeps(high)) {
    if (high === most) return undefined;
    high = Math.min(most, high + Math.max(1, Math.floor(high / 4)));
  }
  while (high > least && keeps(high - 1)) high--;
  return high;
}
