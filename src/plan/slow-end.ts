import { remembered } from '../base/remembered.js';
import { isCostless } from '../profile/costless.js';
import type { ModelProfile } from '../profile/profile.js';
import { factsOf, underServer } from '../profile/server-facts.js';
import { slowerProfile } from '../profile/slower.js';
import { atTimeError, type Doubt, type TimeError, timeErrorOf } from '../profile/time-error.js';
import { slowdownOfSlice, slowerOnSlice } from '../scenario/mig-neighbours.js';
import { type EvaluatedPlacement, meetsAll, violatedOn } from './evaluate.js';
import { type Placement, slotsOf } from './placement.js';
import { type PlanProblem, profilesOn, type ServedPart } from './problem-setting.js';
import type { JobDispatcher } from './search/job-dispatcher.js';
import type { Search } from './search/search-setting.js';

/** A multiple of the times that were planned with, or the slow end of the errors of all profiles. */
export type Slower = number | 'errors';

/** Of batches that were not measured a plan warns. */
export const PLANNED_DOUBTS: readonly Doubt[] = ['times', 'sharing', 'frontEnd'];

/** How a placement takes profiles that are too fast. */
export interface SlowEnd {
  /** Every SLO is met with all times so many times as long as the profiles say. */
  readonly holdsTo: number;
  /** Nothing slower was looked at. */
  readonly isOpen: boolean;
  /** Tenants that violate their SLO where all profiles are as slow as their errors allow. */
  readonly violated: readonly string[];
}

export interface ProfileInUse {
  readonly profile: ModelProfile;
  readonly error?: TimeError;
}

/** The same question on machines that take longer for everything. */
export function slowerProblem(problem: PlanProblem, slower: Slower): PlanProblem {
  const planned = plannedTimes(problem);
  const change = (profile: ModelProfile) =>
    slower === 'errors' ? atOwnError(slowerProfile(profile, 1 / planned)) : slowerProfile(profile, slower);
  // A profile of several slots stays one.
  const changed = new Map<number, Map<ModelProfile, ModelProfile>>();
  const changedOf = (profiles: ServedPart['profiles']) =>
    profiles.map((profile, kind) => {
      if (profile === undefined) return undefined;
      const isOnSlice = slower === 'errors' && profile.device === problem.slotKinds[kind]!.device;
      const times = isOnSlice ? neighboursMore(problem, kind) : 1;
      const alike = remembered(changed, times, () => new Map<ModelProfile, ModelProfile>());
      return remembered(alike, profile, () => slowerOnSlice(change(profile), times));
    });
  const unmeasured = slower === 'errors' ? 1 / planned : slower;
  const workloads = problem.workloads.map((workload) => ({
    ...workload,
    profiles: changedOf(workload.profiles),
    ...(workload.parts && {
      parts: workload.parts.map((part) => ({
        ...part,
        profiles: changedOf(part.profiles),
        ...(part.times !== undefined && { times: part.times * unmeasured }),
      })),
    }),
  }));
  return { ...problem, workloads };
}

/** How many times as long executions on a kind of slot may take as was planned, by what neighbours cost a slice. */
function neighboursMore({ spec, slotKinds }: PlanProblem, kind: number): number {
  const { device, machine } = slotKinds[kind]!;
  const { least, most } = slowdownOfSlice(device, spec.machines[machine]!.neighbourSlowdown);
  return most / least;
}

/** The most of that on any slot of a placement. */
export function neighboursMost(problem: PlanProblem, placement: Placement): number {
  return Math.max(...slotsOf(placement).map(({ kind }) => neighboursMore(problem, kind)));
}

/** At the slow end of what is not known of a model. Its server has nothing of it: other models run there, too. */
function atOwnError(profile: ModelProfile): ModelProfile {
  const slow = atTimeError(profile, 'slow', PLANNED_DOUBTS);
  return profile.serving === undefined ? slow : underServer(slow, factsOf(profile.serving));
}

/** Times of a placement that are looked at: first these, then as many between the last that holds and the next. */
const TIMES = [1.1, 1.25, 1.5, 2] as const;
const BETWEEN = 4;

/**
 * Simulates a placement that meets every SLO on slower machines, on each day. Undefined where it was planned for those, or no
 * time is left.
 */
export function* simulateSlowEnd(
  dispatcher: JobDispatcher,
  { best: placement, evaluationS }: { readonly best: Placement; readonly evaluationS: number },
): Search<SlowEnd | undefined> {
  const { problem } = dispatcher;
  if (problem.isSure || !dispatcher.hasTimeFor(evaluationS)) return undefined;
  const under = (all: readonly Slower[]) =>
    dispatcher.evaluateEach(all.map((slower) => ({ placement, slower })));
  const [atErrors, ...coarse] = yield* under(['errors', ...TIMES]);
  const held = lastHeld(TIMES, coarse);
  const next = TIMES.find((times) => times > held);
  const between = next === undefined ? [] : rungs(held, next);
  const holdsTo = Math.max(held, lastHeld(between, yield* under(between)));
  return {
    holdsTo: holdsTo * plannedTimes(problem),
    isOpen: next === undefined,
    violated: violatedOn(atErrors!),
  };
}

/** The profiles that a placement uses, those known worst first. */
export function profilesInUse(problem: PlanProblem, placement: Placement): readonly ProfileInUse[] {
  return [...new Set(profilesOn(problem, slotsOf(placement)))]
    .filter((profile) => !isCostless(profile))
    .map((profile) => {
      const error = timeErrorOf(profile);
      return { profile, ...(error && { error }) };
    })
    .sort((a, b) => (b.error?.factor ?? 0) - (a.error?.factor ?? 0));
}

/** The longest times up to which a placement meets every SLO; 1 = as planned. */
function lastHeld(times: readonly number[], evaluated: readonly (readonly EvaluatedPlacement[])[]): number {
  const failed = evaluated.findIndex((days) => !days.every(meetsAll));
  return (failed < 0 ? times.at(-1) : times[failed - 1]) ?? 1;
}

function rungs(from: number, to: number): readonly number[] {
  return Array.from({ length: BETWEEN }, (_, i) => from + ((to - from) * (i + 1)) / (BETWEEN + 1));
}

/** How many times as long as the profiles say was planned. */
function plannedTimes({ spec }: PlanProblem): number {
  return 1 + spec.marginPercent / 100;
}
