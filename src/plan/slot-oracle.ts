import type { Loaded } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import { filterRows } from '../trace/rows.js';
import type { Trace } from '../trace/trace.js';
import { sliceTrace } from '../trace/transform.js';
import { isHopeless } from './hopeless.js';
import { resolveScenario, summarizeScenario } from './made-scenario.js';
import { type Slot, slotKey } from './placement.js';
import type { Day, PlanProblem } from './problem-setting.js';
import { slotScenario } from './scenario-of.js';
import { keepsPromises, type TenantVerdict, verdictsOf } from './verdict.js';

/**
 * Answers by simulation whether a device can serve what is put on it, alone and with the part of each
 * load that it would get. Equal contents are simulated once.
 */
export class SlotOracle {
  readonly problem: PlanProblem;
  readonly #known = new Map<string, boolean>();
  readonly #forbidden = new Set<string>();
  readonly #parts = new Map<string, Trace>();
  readonly #asked = new Set<string>();

  constructor(problem: PlanProblem) {
    this.problem = problem;
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

  /** Whether every tenant's promise is kept on every day. */
  keeps(slot: Slot): boolean {
    return this.#answer(slot, 'whole', () => this.problem.spec.durationS);
  }

  /** A quick answer to the same question: for the first part of each day. */
  seemsToKeep(slot: Slot): boolean {
    return this.#answer(slot, 'part', (day) => this.#quickS(slot, day));
  }

  /** A slot that did not do in the whole placement is no longer taken. */
  forbid(slot: Slot): void {
    this.#forbidden.add(slotKey(slot));
  }

  verdicts(slot: Slot, day: Day): readonly TenantVerdict[] {
    return verdictsOf(summarizeScenario(this.#scenario(slot, day)));
  }

  #answer(slot: Slot, question: string, durationS: (day: Day) => number): boolean {
    const key = slotKey(slot);
    if (this.#forbidden.has(key)) return false;
    const name = `${question} ${key}`;
    this.#asked.add(name);
    return remembered(
      this.#known,
      name,
      () =>
        !isHopeless(this.problem, slot) &&
        this.problem.days.every((day) => keepsPromises(this.#scenario(slot, day, durationS(day)))),
    );
  }

  /** Length of a run that says enough for a first answer. */
  #quickS({ pieces }: Slot, { traces }: Day): number {
    const { demands, spec, warmUpS } = this.problem;
    const requests = pieces.reduce((sum, { demand, replicas }) => {
      const ofModel = demands[demand]!.tenants.reduce((all, t) => all + traces[t]!.arrivalUs.length, 0);
      return sum + ofModel / this.#divisor(replicas);
    }, 0);
    const quickS = warmUpS + Math.min(1, QUICK_REQUESTS / Math.max(1, requests)) * (spec.durationS - warmUpS);
    // A tenant without a request cannot be simulated.
    const firstUs = pieces.flatMap(({ demand }) =>
      demands[demand]!.tenants.map((t) => traces[t]!.arrivalUs[0]!),
    );
    return Math.min(spec.durationS, Math.max(quickS, Math.max(...firstUs) / 1e6 + 1e-3));
  }

  #scenario(slot: Slot, day: Day, durationS = this.problem.spec.durationS): Scenario {
    const replicasOf = new Map<number, number>();
    for (const { demand, replicas } of slot.pieces) {
      for (const t of this.problem.demands[demand]!.tenants) replicasOf.set(t, this.#divisor(replicas));
    }
    const traces = new Map<string, Loaded<Trace>>();
    const plain = slotScenario(this.problem, slot, {
      name: 'slot',
      profiles: [PROFILES],
      durationS,
      load: (_, t) => {
        const file = `${t}/${replicasOf.get(t)}`;
        const part = this.#part(day, t, replicasOf.get(t)!);
        traces.set(file, { value: firstOf(part, durationS * 1e6) });
        return { trace: { file, fromS: 0, scaleTime: 1, scaleRate: 1 } };
      },
    });
    const used = slot.pieces.flatMap(({ demand }) => this.problem.demands[demand]!.profiles[slot.kind] ?? []);
    return resolveScenario(plain, used, traces);
  }

  /** After a loss, the replicas that are left share the load. */
  #divisor(replicas: number): number {
    return this.problem.spec.survive === 'nothing' ? replicas : Math.max(1, replicas - 1);
  }

  /** The arrivals that one of so many replicas gets, as round robin deals them. */
  #part(day: Day, tenant: number, replicas: number): Trace {
    const whole = day.traces[tenant]!;
    if (replicas === 1) return whole;
    return remembered(this.#parts, `${day.name}/${tenant}/${replicas}`, () => {
      let next = 0;
      return filterRows(whole, () => next++ % replicas === 0);
    });
  }
}

const PROFILES = 'profiles';

/** Counted requests that a quick look takes of all tenants together. */
const QUICK_REQUESTS = 12_000;

/** The arrivals before a time. */
function firstOf(trace: Trace, untilUs: number): Trace {
  if (untilUs >= trace.durationUs) return trace;
  return sliceTrace(trace, { fromUs: 0, toUs: Math.ceil(untilUs) });
}

function remembered<Value>(known: Map<string, Value>, key: string, find: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  const value = find();
  known.set(key, value);
  return value;
}
