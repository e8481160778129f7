import { RandomStreams } from '../base/random.js';
import { measuredTenants } from '../metrics/measured-tenant.js';
import { summarize } from '../metrics/summarize.js';
import type { Summary, TenantSummary } from '../metrics/summary.js';
import type { ModelProfile } from '../profile/profile.js';
import { checkScenario } from '../scenario/check.js';
import type { Loaded, ScenarioResources } from '../scenario/resources.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioSpecSchema } from '../scenario/spec.js';
import { simulate } from '../simulator/simulate.js';
import { Outcome, type RequestLog } from '../trace/request-log.js';
import type { Trace } from '../trace/trace.js';
import { thinTrace } from '../trace/transform.js';
import { type Slot, slotKey } from './placement.js';
import type { Day, PlanProblem } from './problem-setting.js';
import { type PlainScenario, slotScenario } from './scenario-of.js';

/** What a simulation says of a tenant's promise. */
export interface TenantVerdict {
  readonly tenant: string;
  readonly kept: boolean;
  /** Share of the requests within the limit less the share promised; negative = broken. Without an SLO 0. */
  readonly margin: number;
  /** Latency at the promised percentile; NaN without an SLO. */
  readonly latencyMs: number;
  readonly summary: TenantSummary;
}

/**
 * Answers by simulation whether a device can serve what is put on it, alone and with the part of each
 * load that it would get. Equal contents are simulated once.
 */
export class SlotOracle {
  readonly problem: PlanProblem;
  readonly #keeps = new Map<string, boolean>();
  readonly #parts = new Map<string, Trace>();
  simulations = 0;

  constructor(problem: PlanProblem) {
    this.problem = problem;
  }

  /**
   * Whether every tenant's promise is kept on every day. `quick` looks at the first part of the run
   * before the whole of it, and trusts it where promises are broken by far.
   */
  keeps(slot: Slot, { quick = false }: { readonly quick?: boolean } = {}): boolean {
    const key = slotKey(slot);
    const known = this.#keeps.get(key);
    if (known !== undefined) return known;
    const keeps =
      fitsMemory(this.problem, slot) &&
      this.problem.days.every((day) => !(quick && this.#failsByFar(slot, day)) && this.#keepsOn(slot, day));
    this.#keeps.set(key, keeps);
    return keeps;
  }

  /** A slot that did not do in the whole placement is no longer taken. */
  forbid(slot: Slot): void {
    this.#keeps.set(slotKey(slot), false);
  }

  verdicts(slot: Slot, day: Day): readonly TenantVerdict[] {
    return verdictsOf(summarizeScenario(this.#scenario(slot, day)));
  }

  /** The same question as {@link verdicts}, without the figures that take time. */
  #keepsOn(slot: Slot, day: Day): boolean {
    const scenario = this.#scenario(slot, day);
    return keepsPromises(scenario, simulate(scenario).log);
  }

  #failsByFar(slot: Slot, day: Day): boolean {
    const whole = this.#scenario(slot, day);
    const part = { ...whole, durationUs: whole.warmUpUs + QUICK_SHARE * (whole.durationUs - whole.warmUpUs) };
    return !keepsPromises(part, simulate(part).log, QUICK_ALLOWANCE);
  }

  #scenario(slot: Slot, day: Day): Scenario {
    const replicasOf = new Map<number, number>();
    for (const { demand, replicas } of slot.pieces) {
      for (const t of this.problem.demands[demand]!.tenants) replicasOf.set(t, this.#divisor(replicas));
    }
    const traces = new Map<string, Loaded<Trace>>();
    const plain = slotScenario(this.problem, slot, {
      name: 'slot',
      profiles: [PROFILES],
      load: (_, t) => {
        const file = `${t}/${replicasOf.get(t)}`;
        traces.set(file, { value: this.#part(day, t, replicasOf.get(t)!) });
        return { trace: { file, fromS: 0, scaleTime: 1, scaleRate: 1 } };
      },
    });
    this.simulations++;
    const used = slot.pieces.flatMap(({ demand }) => this.problem.demands[demand]!.profiles[slot.kind] ?? []);
    return resolveScenario(plain, used, traces);
  }

  /** After a loss, the replicas that are left share the load. */
  #divisor(replicas: number): number {
    return this.problem.spec.survive === 'nothing' ? replicas : Math.max(1, replicas - 1);
  }

  /** The part of a tenant's arrivals that one of so many replicas gets, each request by chance. */
  #part(day: Day, tenant: number, replicas: number): Trace {
    const whole = day.traces[tenant]!;
    if (replicas === 1) return whole;
    const key = `${day.name}/${tenant}/${replicas}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const random = new RandomStreams(this.problem.spec.seed).get(`part ${key}`);
    const part = thinTrace(whole, 1 / replicas, random);
    // A part without a request could not be simulated; the whole is on the safe side.
    const kept = part.arrivalUs.length === 0 ? whole : part;
    this.#parts.set(key, kept);
    return kept;
  }
}

const PROFILES = 'profiles';

/** Part of the run that a quick look takes, and how many times as many late requests it forgives. */
const QUICK_SHARE = 0.15;
const QUICK_ALLOWANCE = 2;

/** A share such as 0.99 is no exact number. */
const ROUNDING = 1e-6;

/**
 * Whether enough requests of every tenant are answered in time, by the rules of `summarize`: of those
 * planned after the warm-up, less those still open that may yet make it. Without an SLO, not more than
 * a hundredth may be left at the end. `allowance` times as many may be late.
 */
export function keepsPromises({ tenants, warmUpUs }: Scenario, log: RequestLog, allowance = 1): boolean {
  const limitUs = log.tenants.map(
    (name) => (tenants.find((one) => one.name === name)?.slo?.limitMs ?? NaN) * 1000,
  );
  const settled = new Float64Array(log.tenants.length);
  const late = new Float64Array(log.tenants.length);
  for (let row = 0; row < log.plannedUs.length; row++) {
    const plannedUs = log.plannedUs[row]!;
    if (plannedUs < warmUpUs || plannedUs > log.endUs) continue;
    const tenant = log.tenant[row]!;
    const limit = limitUs[tenant]!;
    const completed = log.outcome[row] === Outcome.completed;
    if (log.outcome[row] === Outcome.unfinished && plannedUs + limit > log.endUs) continue;
    settled[tenant]!++;
    if (!completed || log.endedUs[row]! - plannedUs > limit) late[tenant]!++;
  }
  return log.tenants.every((name, t) => {
    const percentile = tenants.find((one) => one.name === name)?.slo?.percentile ?? 99;
    return late[t]! <= allowance * (1 - percentile / 100) * settled[t]! + ROUNDING;
  });
}

/** Whether the models that are known to need memory fit. */
export function fitsMemory(problem: PlanProblem, { kind, pieces }: Slot): boolean {
  const used = pieces.reduce((sum, { demand, option }) => {
    const memory = problem.demands[demand]!.profiles[kind]?.memory;
    return memory?.known ? sum + memory.modelMb + memory.perInstanceMb * option.instances : sum;
  }, 0);
  return used <= problem.slotKinds[kind]!.memoryMb;
}

/** Checks a scenario made here against profiles and traces at hand. */
export function resolveScenario(
  plain: PlainScenario,
  profiles: readonly ModelProfile[],
  traces: ReadonlyMap<string, Loaded<Trace>>,
): Scenario {
  const parsed = scenarioSpecSchema.safeParse(plain);
  if (!parsed.success) throw new Error(`a placement gave no scenario: ${parsed.error.message}`);
  const files = [...new Set(profiles)].map((profile, i) => ({ file: `${i}`, profile }));
  const resources: ScenarioResources = {
    profiles: new Map((plain['profiles'] as string[]).map((path) => [path, { value: files }])),
    configs: new Map(),
    traces,
  };
  const document = { spec: parsed.data, problems: [], positionOf: () => ({}) };
  return checkScenario(document, resources).scenario;
}

export function summarizeScenario(scenario: Scenario): Summary {
  return summarize({
    scenarioName: scenario.name,
    seed: scenario.seed,
    warmUpUs: scenario.warmUpUs,
    tenants: measuredTenants(scenario.tenants),
    ...simulate(scenario),
  });
}

export function verdictsOf(summary: Summary): readonly TenantVerdict[] {
  return summary.tenants.map((tenant) => {
    const { slo } = tenant;
    const isStable = tenant.stability !== 'overloaded';
    const row = tenant.latencyMs.percentiles.find(({ percentile }) => percentile === slo?.percentile);
    const attained = slo?.attainment.value ?? Number.NaN;
    const margin = slo === undefined || Number.isNaN(attained) ? 0 : attained - slo.percentile / 100;
    return {
      tenant: tenant.tenant,
      kept: slo === undefined ? isStable : slo.met,
      margin,
      latencyMs: row?.ms.value ?? Number.NaN,
      summary: tenant,
    };
  });
}
