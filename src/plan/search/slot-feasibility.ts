import { countBefore } from '../../base/count-before.js';
import { given } from '../../base/given.js';
import { remembered } from '../../base/remembered.js';
import type { Scenario } from '../../scenario/scenario.js';
import { filterRows } from '../../trace/rows.js';
import { SEQUENCE_END } from '../../trace/sequence-flags.js';
import type { Trace } from '../../trace/trace.js';
import { sliceTrace } from '../../trace/transform.js';
import { isInfeasible } from '../bound/infeasible-slot.js';
import { madeScenario, summarizeScenario } from '../made-scenario.js';
import { placementOf } from '../master.js';
import { type Placement, type Slot, slotKey, slotsOf } from '../placement.js';
import type { Day, PlanProblem } from '../problem-setting.js';
import { sharersOf } from '../replicas.js';
import { namedSlots } from '../scenario-of.js';
import {
  addTally,
  isMet,
  meetsSlos,
  percentilesOf,
  type Tally,
  type TenantVerdict,
  tallySlos,
  verdictsOf,
} from '../verdict.js';
import { BusyTimes } from './busy-times.js';

/** A slot of a placement: of each of its models, which of the replicas it has, from 0 in order of the servers. */
export interface PlacedSlot {
  readonly slot: Slot;
  readonly turns: readonly number[];
}

export function placedSlotKey({ slot, turns }: PlacedSlot): string {
  const ofModel = slot.modelReplicas.map(({ workload }, i) => `${workload}@${turns[i]}`).sort();
  return `${slotKey(slot)} ${ofModel.join(' ')}`;
}

/** The slots of a placement with the turns of their models. */
export function placedSlots(placement: Placement): PlacedSlot[] {
  const next = new Map<number, number>();
  return slotsOf(placement).map((slot) => ({
    slot,
    turns: slot.modelReplicas.map(({ workload }) => {
      const turn = next.get(workload) ?? 0;
      next.set(workload, turn + 1);
      return turn;
    }),
  }));
}

/**
 * Answers by simulation whether a device can serve what is put on it, alone and with the part of each
 * load that it would get. Equal contents are simulated once.
 */
export class SlotFeasibility {
  readonly problem: PlanProblem;
  readonly #known = new Map<string, boolean>();
  #forbidden: ReadonlySet<string> = new Set();
  readonly #parts = new Map<string, Trace>();
  readonly #asked = new Set<string>();
  readonly #busyTimes: BusyTimes;

  constructor(problem: PlanProblem) {
    this.problem = problem;
    this.#busyTimes = new BusyTimes(problem);
  }

  /**
   * Different questions since {@link startCounting}, whether or not their answers were known: the
   * simulations that they take where nothing is known.
   */
  get simulations(): number {
    return this.#asked.size;
  }

  startCounting(): void {
    this.#asked.clear();
  }

  /** Whether every tenant's SLO is met on every day. */
  meets(slot: Slot): boolean {
    return this.#answer(slot, 'whole', (day) => meetsSlos(this.#scenario(slot, day)));
  }

  /**
   * A quick answer to the same question: for a part of each day, its first or one that is clearly busier, with a margin for
   * what the rest may bring.
   */
  seemsToMeet(slot: Slot): boolean {
    return this.#answer(slot, 'part', (day) =>
      meetsSlos(this.#scenario(slot, day, this.#quickPart(slot, day)), QUICK_ALLOWANCE),
    );
  }

  /**
   * Whether every tenant's SLO is met by all replicas of a slot's only model together, each on such a device: one of
   * them may be late too often where the others are late less. The same as in a simulation of just that placement, by chance
   * too, as its servers have their names here. A failure leaves fewer of them: each must do by itself then.
   */
  keepsTogether(slot: Slot): boolean {
    const { survive } = this.problem.spec;
    if (survive !== 'nothing') return this.meets(slot);
    return this.#answer(slot, 'together', (day) => this.#keepsTogetherOn(slot, day));
  }

  #keepsTogetherOn(slot: Slot, day: Day): boolean {
    const { spec, warmUpS } = this.problem;
    const percentileOf = percentilesOf(this.problem);
    const counted = new Map(
      spec.tenants.map(({ name }, t) => {
        const { arrivalUs } = day.traces[t]!;
        return [name, arrivalUs.length - countBefore(arrivalUs, warmUpS * 1e6)];
      }),
    );
    const sums = new Map<string, Tally>();
    const { replicas } = slot.modelReplicas[0]!;
    const copies = Array.from({ length: replicas }, () => slot);
    for (const [turn, { name: server }] of namedSlots(
      this.problem,
      placementOf(this.problem, copies),
    ).entries()) {
      const part = (t: number) => this.#part(day, t, replicas, turn);
      for (const tally of tallySlos(this.#scenarioWith(slot, part, { server }))) addTally(sums, tally);
      // So many late requests no others make up for.
      const isLost = [...sums.values()].some(
        ({ tenant, late }) => !isMet({ settled: counted.get(tenant)!, late }, percentileOf.get(tenant)!),
      );
      if (isLost) return false;
    }
    return [...sums.values()].every((tally) => isMet(tally, percentileOf.get(tally.tenant)!));
  }

  /** Slots that are known not to do, whatever simulations of them alone say; instead of those of earlier jobs. */
  forbid(slots: readonly Slot[]): void {
    this.#forbidden = new Set(slots.map(slotKey));
  }

  isForbidden(slot: Slot): boolean {
    return this.#forbidden.has(slotKey(slot));
  }

  /**
   * What becomes of the requests that a slot gets in a placement, on each day: the same as in a
   * simulation of the whole, as far as service times do not vary.
   */
  tally({ slot, turns }: PlacedSlot): readonly (readonly Tally[])[] {
    this.#asked.add(`tally ${placedSlotKey({ slot, turns })}`);
    return this.problem.days.map((day) => {
      const part = (t: number) => {
        const at = slot.modelReplicas.findIndex(({ workload }) =>
          this.problem.workloads[workload]!.tenants.includes(t),
        );
        return this.#part(day, t, slot.modelReplicas[at]!.replicas, turns[at]);
      };
      return tallySlos(this.#scenarioWith(slot, part));
    });
  }

  verdicts(slot: Slot, day: Day): readonly TenantVerdict[] {
    return verdictsOf(summarizeScenario(this.#scenario(slot, day)));
  }

  #answer(slot: Slot, question: string, keepsOn: (day: Day) => boolean): boolean {
    const key = slotKey(slot);
    if (this.isForbidden(slot)) return false;
    const name = `${question} ${key}`;
    this.#asked.add(name);
    return remembered(
      this.#known,
      name,
      () => !isInfeasible(this.problem, slot) && this.problem.days.every(keepsOn),
    );
  }

  /** The part of the run of which a quick look is taken, its own warm-up included. */
  #quickPart(slot: Slot, day: Day): Part {
    const { spec, warmUpS } = this.problem;
    const durationS = this.#quickS(slot, day);
    // Sequences that are under way have started before.
    const hasSequences = slot.modelReplicas.some(
      ({ workload }) => this.problem.workloads[workload]!.sequencesInFlight !== undefined,
    );
    if (durationS === spec.durationS || hasSequences) return { fromS: 0, durationS };
    const fromS = this.#busyTimes.busiestS(slot, day, durationS - warmUpS) - warmUpS;
    const isSeen = (t: number) => {
      const { arrivalUs } = day.traces[t]!;
      const endUs = (fromS + durationS) * 1e6;
      return countBefore(arrivalUs, (fromS + warmUpS) * 1e6) < countBefore(arrivalUs, endUs);
    };
    const tenants = slot.modelReplicas.flatMap(({ workload }) => this.problem.workloads[workload]!.tenants);
    if (fromS === 0 || tenants.every(isSeen)) return { fromS, durationS };
    return { fromS: 0, durationS: spec.durationS };
  }

  /** Length of a run that says enough for a first answer. */
  #quickS({ modelReplicas }: Slot, { traces }: Day): number {
    const { workloads, spec, warmUpS } = this.problem;
    const requests = modelReplicas.reduce((sum, modelReplica) => {
      const ofModel = workloads[modelReplica.workload]!.tenants.reduce(
        (all, t) => all + traces[t]!.arrivalUs.length,
        0,
      );
      return sum + ofModel / sharersOf(spec.survive, modelReplica);
    }, 0);
    const quickS = warmUpS + Math.min(1, QUICK_REQUESTS / Math.max(1, requests)) * (spec.durationS - warmUpS);
    // Of a tenant without a request it would say nothing.
    const firstUs = modelReplicas.flatMap(({ workload }) =>
      workloads[workload]!.tenants.map((t) => traces[t]!.arrivalUs[0] ?? 0),
    );
    return Math.min(spec.durationS, Math.max(quickS, Math.max(...firstUs) / 1e6 + 1e-3));
  }

  #scenario(
    slot: Slot,
    day: Day,
    { fromS, durationS }: Part = { fromS: 0, durationS: this.problem.spec.durationS },
  ): Scenario {
    const { workloads, spec } = this.problem;
    const sharers = new Map<number, number>();
    for (const modelReplica of slot.modelReplicas) {
      for (const t of workloads[modelReplica.workload]!.tenants)
        sharers.set(t, sharersOf(spec.survive, modelReplica));
    }
    const partOf = (t: number) =>
      between(this.#part(day, t, sharers.get(t)!), fromS * 1e6, (fromS + durationS) * 1e6);
    return this.#scenarioWith(slot, partOf, { durationS });
  }

  #scenarioWith(
    slot: Slot,
    traceOf: (tenant: number) => Trace,
    { server: name = 'device', durationS }: { readonly server?: string; readonly durationS?: number } = {},
  ): Scenario {
    return madeScenario(this.problem, [{ slot, name, share: 1 }], { traceOf, ...given({ durationS }) });
  }

  /** The arrivals that one of so many replicas gets, the one whose turn it is, as round robin deals them. */
  #part(day: Day, tenant: number, replicas: number, turn = 0): Trace {
    const whole = day.traces[tenant]!;
    if (replicas === 1) return whole;
    return remembered(this.#parts, `${day.name}/${tenant}/${replicas}/${turn}`, () =>
      dealt(whole, replicas, turn),
    );
  }
}

/** Requests of a sequence go where its first went, as routers send them. */
function dealt(whole: Trace, replicas: number, turn: number): Trace {
  const { sequenceId, sequenceFlags } = whole;
  let next = 0;
  const placeOf = new Map<number, number>();
  return filterRows(whole, (row) => {
    const id = sequenceId?.[row] ?? 0;
    const place = placeOf.get(id) ?? next++ % replicas;
    if (id !== 0) placeOf.set(id, place);
    if (((sequenceFlags?.[row] ?? 0) & SEQUENCE_END) !== 0) placeOf.delete(id);
    return place === turn;
  });
}

/** Counted requests that a quick look takes of all tenants together. */
const QUICK_REQUESTS = 12_000;
/** Part of the late requests allowed that a quick look lets pass. */
const QUICK_ALLOWANCE = 0.75;

interface Part {
  readonly fromS: number;
  readonly durationS: number;
}

/** The arrivals between two times, counted from the first of them. */
function between(trace: Trace, fromUs: number, untilUs: number): Trace {
  if (fromUs === 0 && untilUs >= trace.durationUs) return trace;
  return sliceTrace(trace, { fromUs: Math.floor(fromUs), toUs: Math.ceil(untilUs) });
}
