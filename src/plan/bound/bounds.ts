import { hostSideOf, hostUse, leastNetworkDelay, type RequestFlow, type RequestSize } from '../host-side.js';
import type { SolveLimits, SolveProgram } from '../integer-program.js';
import { leastMemoryMb } from '../memory.js';
import { type PlanProblem, partsOf, type ServedPart, type Workload } from '../problem-setting.js';
import { deviceShare, executionLimitMs, optionsThatHold } from '../screen.js';
import { mostSideBySide, takesShared } from '../slot-capacity.js';
import { type ModelNeed, type NeedTable, solveBound } from './bound-program.js';
import { countsOfAll, isPlain, leastInferences, type Use, usesOf, waitMs } from './called.js';
import { chanceOf, frontEndChanceOf, luckyS, NO_CHANCE } from './chance.js';
import { type DeviceTime, leastDeviceTime, together } from './device-time.js';
import { eagerStart } from './eager-start.js';
import { leastEngineTime } from './engine-time.js';
import {
  bytesPerInference,
  type LeastLoad,
  type LoadScope,
  leastLoads,
  leastSize,
  type TenantLoad,
} from './least-load.js';

/** Lower bounds of the goal (dollars per hour, or GPUs). */
export interface PlanBounds {
  /** No placement that goes on and on costs less, whatever its schedule: devices and their memory, front ends and links alone. */
  readonly deviceTime: number;
  /** No placement costs less under the screen's shares of device time. */
  readonly screen: number;
  /** By workload: the slot kind that serves most of it in the cheapest mix under the screen. */
  readonly screenKinds: readonly number[];
}

/** Both bounds, from one integer program under different needs of the models. */
export function planBounds(problem: PlanProblem, solve: SolveProgram, limits: SolveLimits): PlanBounds {
  const sustained = leastNeeds(problem, 'sustained');
  const screen = solveBound(problem, screenedNeeds(problem), solve, limits);
  return {
    deviceTime: solveBound(problem, sustained, solve, limits).bound,
    screen: screen.bound,
    screenKinds: screen.kinds,
  };
}

/**
 * No placement that meets every SLO in the simulated run costs less. Lower than the bound of what
 * can go on and on: requests near the end of the run may be left undone, and those of the warm-up.
 */
export function runBound(problem: PlanProblem, solve: SolveProgram, limits: SolveLimits): number {
  return solveBound(problem, leastNeeds(problem, 'run'), solve, limits).bound;
}

function leastNeeds(problem: PlanProblem, scope: LoadScope): NeedTable {
  return problem.workloads.map((workload) => {
    const loads = leastLoads(problem, workload, scope);
    return problem.slotKinds.map((_, kind) => leastNeed(problem, workload, kind, { loads, scope }));
  });
}

/** What the models of a workload need together. */
function leastNeed(
  problem: PlanProblem,
  workload: Workload,
  kind: number,
  options: NeedOptions,
): ModelNeed | undefined {
  const uses = usesOf(workload);
  const needs = partsOf(workload).map((part) =>
    partNeed(problem, workload, kind, { ...options, part, use: uses.get(part.model)! }),
  );
  const known = needs.filter((need) => need !== undefined);
  const [first] = known;
  if (first === undefined || known.length < needs.length) return undefined;
  return { ...first, ...together(known) };
}

interface NeedOptions {
  readonly loads: readonly LeastLoad[];
  readonly scope: LoadScope;
}

/** A placement must do for every day: the busiest decides. Undefined where an SLO cannot be met there. */
function partNeed(
  problem: PlanProblem,
  workload: Workload,
  kind: number,
  { loads, scope, part, use }: NeedOptions & { readonly part: ServedPart; readonly use: Use },
): ModelNeed | undefined {
  const profile = part.profiles[kind];
  // What takes requests in and hands them on of an ensemble is nobody's.
  const front = workload.profiles[kind];
  if (profile === undefined || front === undefined) return undefined;
  const slot = problem.slotKinds[kind]!;
  const machine = problem.machines[slot.machine]!;
  const has = hostSideOf(machine, slot);
  const networkDelayOf = (load: TenantLoad) =>
    leastNetworkDelay(has, machine.network, front, leastSize(problem, workload, load));
  const maxBatchSize = Math.max(...problem.options.map((option) => option.maxBatchSize));
  // What goes on and on takes what is to be expected; one run may have luck.
  const isRun = scope === 'run';
  const chance = isRun ? chanceOf(profile, mostSideBySide(problem, kind)) : NO_CHANCE;
  const frontEndChance = isRun ? frontEndChanceOf(front) : NO_CHANCE;
  // A run may be over before executions that its requests share with others count.
  const eager = isRun ? undefined : eagerStart(problem, kind, profile);
  const { largestRequest } = workload;
  const executed = { largest: largestRequest, mostTogether: maxBatchSize };
  const times = loads.map((load) =>
    part.engine !== undefined
      ? leastEngineTime(profile, load, { engine: part.engine, use, chance, isRun, executed })
      : leastDeviceTime(profile, load, {
          maxBatchSize,
          chance,
          eager,
          networkDelayOf: isPlain(use) ? networkDelayOf : undefined,
          inferences: leastInferences(use, { ...executed, ...countsOfAll(load) }, isRun),
          waitMs: (batch) => waitMs(workload, part, kind, batch / largestRequest),
        }),
  );
  const uses = loads.map((load) => {
    const flow = leastFlow(problem, workload, load);
    const { threads, ...links } = hostUse(front, flow);
    const perRequestS = flow.requestsPerS === 0 ? 0 : threads / flow.requestsPerS;
    return { threads: luckyS(threads * load.seconds, perRequestS, frontEndChance) / load.seconds, ...links };
  });
  const busiest = <Value>(values: readonly Value[], of: (value: Value) => number) =>
    values.reduce((most, value) => Math.max(most, of(value)), 0);
  const shared = takesShared(slot, profile) ? 1 : 0;
  const need = {
    inferS: shared * busiest(times, (time: DeviceTime) => time.inferS),
    instanceS: busiest(times, (time: DeviceTime) => time.instanceS),
    host: {
      threads: busiest(uses, (use) => use.threads),
      requestBytesPerS: busiest(uses, (use) => use.requestBytesPerS),
      responseBytesPerS: busiest(uses, (use) => use.responseBytesPerS),
    },
    memoryMb: leastMemoryMb(problem, workload, kind),
  };
  return need.instanceS === Infinity || need.memoryMb > slot.memoryMb ? undefined : need;
}

/** Requests that are executed, and their bytes, per second. */
function leastFlow(
  { spec }: PlanProblem,
  { payload }: Workload,
  { tenants, seconds }: LeastLoad,
): RequestFlow {
  const sum = (of: (load: TenantLoad, each: RequestSize) => number) =>
    tenants.reduce((all, load) => all + of(load, bytesPerInference(spec.tenants[load.tenant]!, payload)), 0) /
    seconds;
  return {
    requestsPerS: sum(({ executed }) => executed),
    requestBytesPerS: sum(({ bytesVary, payloadBytes, inferences }, { requestBytes }) =>
      bytesVary ? payloadBytes : inferences * requestBytes,
    ),
    responseBytesPerS: sum(({ inferences }, { responseBytes }) => inferences * responseBytes),
  };
}

/** The least share that any option takes by the screen. */
function screenedNeeds(problem: PlanProblem): NeedTable {
  const { workloads, slotKinds } = problem;
  return workloads.map((workload) =>
    workload.profiles.map((profile, kind) => {
      if (profile === undefined) return undefined;
      const limitMs = executionLimitMs(workload, kind);
      const shares = optionsThatHold(problem, workload).map((option) =>
        deviceShare(profile, workload.ratePerS, limitMs, option),
      );
      const share = Math.min(...shares);
      if (share === Infinity) return undefined;
      const inferS = takesShared(slotKinds[kind]!, profile) ? share : 0;
      const memoryMb = leastMemoryMb(problem, workload, kind);
      if (memoryMb > slotKinds[kind]!.memoryMb) return undefined;
      return { inferS, instanceS: share, host: hostUse(profile, workload.flow), memoryMb };
    }),
  );
}
