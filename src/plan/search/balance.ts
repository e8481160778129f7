import { type EvaluatedPlacement, meetsAll } from '../evaluate.js';
import {
  type ModelReplica,
  mapSlots,
  type Placement,
  type Slot,
  slotsOf,
  withReplicas,
} from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { mayHold, slotShare } from './columns.js';
import type { FeasibilityCheck } from './feasibility-check.js';
import { fewAtOnce } from './few-at-once.js';
import {
  type Exchanged,
  hasEachOnce,
  moved,
  onKinds,
  swapped,
  withAlso,
  without,
} from './packing/exchange.js';
import type { Choice, Search } from './search-setting.js';

/** Part of what is left of the budget that is used for it. */
const SHARE = 0.3;
/** Tenants with least slack for which a better place is looked for, one after the other. */
const MOST_TENANTS = 4;
/** Placements that are simulated for each of them. */
const MOST_TRIED = 6;
/** Slacks that differ by less are the same. */
const TIE = 0.01;

/**
 * Of placements that cost the same the search takes the first: one machine may be full beside one that is nearly idle. This
 * moves models between the devices of the choice, or has another device take a part of their requests, as long as SLOs
 * gain slack: the tightest first, then the next.
 */
export function* balance(feasibility: FeasibilityCheck, choice: Choice): Search<Choice> {
  // From a current placement every move costs something.
  if (feasibility.problem.current !== undefined) return choice;
  const isOver = feasibility.dispatcher.phase(SHARE);
  let best = choice;
  while (best.days.length > 0) {
    const better = yield* oneStep(feasibility, best, isOver);
    if (better === undefined) return best;
    best = { ...best, ...better };
  }
  return best;
}

function* oneStep(
  feasibility: FeasibilityCheck,
  { days }: Choice,
  isOver: () => boolean,
): Search<Choice | undefined> {
  const { dispatcher, problem } = feasibility;
  const hasTime = () => !isOver() && dispatcher.hasTimeFor(dispatcher.evaluationS);
  const now = slacksOf(days);
  const { placement } = days[0]!;
  for (const { tenant } of now.slice(0, MOST_TENANTS)) {
    if (isOver()) return undefined;
    const near = relieved(problem, placement, tenant)
      .slice(0, dispatcher.simulationsLeft / problem.days.length)
      .map((each) => ({ placement: each }));
    const evaluated = yield* fewAtOnce(near, hasTime, (some) => dispatcher.evaluateEach(some));
    const tried = evaluated.filter((each) => each.every(meetsAll) && compareSlacks(slacksOf(each), now) > 0);
    for (const each of tried.sort((a, b) => compareSlacks(slacksOf(b), slacksOf(a)))) {
      const afterFailures = yield* feasibility.failures(each);
      if (afterFailures.failing.length === 0) return { days: each, afterFailures };
    }
  }
  return undefined;
}

/** How far a tenant is from its limit: 0 at it, 1 where its requests take no time. */
interface Slack {
  readonly tenant: string;
  readonly slack: number;
}

/** Of every SLO on its worst day, the tightest first. */
function slacksOf(days: readonly EvaluatedPlacement[]): Slack[] {
  const slacks = new Map<string, number>();
  for (const { verdicts } of days) {
    for (const { tenant, latencyMs, summary } of verdicts) {
      if (summary.slo === undefined || Number.isNaN(latencyMs)) continue;
      const slack = 1 - latencyMs / summary.slo.limitMs;
      slacks.set(tenant, Math.min(slack, slacks.get(tenant) ?? Infinity));
    }
  }
  return [...slacks].map(([tenant, slack]) => ({ tenant, slack })).sort((a, b) => a.slack - b.slack);
}

/** Above 0 where the first have more slack: by the tightest SLO, and where these are alike by the next. */
function compareSlacks(a: readonly Slack[], b: readonly Slack[]): number {
  const place = a.findIndex(({ slack }, i) => Math.abs(slack - (b[i]?.slack ?? slack)) > TIE);
  return place < 0 ? 0 : a[place]!.slack - b[place]!.slack;
}

/**
 * Placements in which the fullest device that serves the tenant gives a model, or a part of one, to another or exchanges one with it:
 * those that leave the fuller of the two least to do, by the screen, come first.
 */
function relieved(problem: PlanProblem, placement: Placement, tenant: string): Placement[] {
  const slots = slotsOf(placement);
  const serves = ({ workload }: ModelReplica) =>
    problem.workloads[workload]!.tenants.some((t) => problem.spec.tenants[t]!.name === tenant);
  const [crowded] = [...slots.keys()]
    .filter((i) => slots[i]!.modelReplicas.some(serves))
    .sort((a, b) => slotShare(problem, slots[b]!) - slotShare(problem, slots[a]!));
  if (crowded === undefined) return [];
  return slots
    .flatMap((other, i) =>
      i === crowded ? [] : exchanges(problem, slots[crowded]!, other).map((each) => ({ ...each, i })),
    )
    .sort((a, b) => a.share - b.share)
    .slice(0, MOST_TRIED)
    .map(({ left, right, replicas, i }) => {
      const changed = mapSlots(placement, (slot, place) =>
        place === crowded ? left : place === i ? right : slot,
      );
      if (replicas === undefined) return changed;
      return mapSlots(changed, (slot) => withReplicas(slot, replicas.workload, replicas.count));
    });
}

/** What the crowded slot and another become. */
interface Contents extends Exchanged {
  /** Where one more device takes a part of a model's requests: as many as do then. */
  readonly replicas?: { readonly workload: number; readonly count: number };
}

interface Exchange extends Contents {
  /** Of the fuller of the two. */
  readonly share: number;
}

function exchanges(problem: PlanProblem, crowded: Slot, other: Slot): Exchange[] {
  const contents: Contents[] = [
    ...moved(crowded, other),
    ...swapped(crowded, other),
    ...shares(problem, crowded, other),
  ];
  return contents.flatMap(({ left, right, replicas }) => {
    const [first, second] = [fitting(problem, left), fitting(problem, right)];
    if (first === undefined || second === undefined) return [];
    const share = Math.max(slotShare(problem, first), slotShare(problem, second));
    return [{ left: first, right: second, share, ...(replicas && { replicas }) }];
  });
}

/** A failure takes what its number of replicas says: that stays where one is to be survived. */
function shares({ spec }: PlanProblem, from: Slot, to: Slot): Contents[] {
  if (spec.survive !== 'nothing') return [];
  return from.modelReplicas
    .filter((modelReplica) => modelReplica.replicas < spec.mostReplicas)
    .map((modelReplica) => {
      const part = { ...modelReplica, replicas: modelReplica.replicas + 1 };
      return {
        left: withAlso(without(from, modelReplica), part),
        right: withAlso(to, part),
        replicas: { workload: modelReplica.workload, count: part.replicas },
      };
    });
}

/** The slot under the first way of sharing its device that takes all of its models; a MIG slice stays one. */
function fitting(problem: PlanProblem, slot: Slot): Slot | undefined {
  // A device that is left without a model would be one less, which is not what is asked here.
  if (slot.modelReplicas.length === 0 || !hasEachOnce(slot)) return undefined;
  const { slice, machine } = problem.slotKinds[slot.kind]!;
  const others = slice === undefined ? problem.machines[machine]!.wholeSlots : [];
  return onKinds(problem, slot, [slot.kind, ...others]).find((each) => mayHold(problem, each, 1));
}
