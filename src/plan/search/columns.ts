import { machineCost } from '../goal.js';
import { busiestShare, hostSideOf, hostUse } from '../host-side.js';
import { fitsMemory } from '../memory.js';
import { type ModelReplica, type ServingOption, type Slot, slotKey } from '../placement.js';
import type { PlanProblem } from '../problem-setting.js';
import { sharersOf, spreadPatterns } from '../replicas.js';
import { executionLimitMs, executionMs, longestCycleMs, optionsThatHold, shareInCycle } from '../screen.js';
import { busiestInstances } from '../serving.js';
import { ownCapacity, takesShared } from '../slot-capacity.js';

/** Slots that a placement may be put together from; each has been found to meet its SLOs. */
export class ColumnPool {
  readonly #byKey = new Map<string, Slot>();

  add(slot: Slot): void {
    this.#byKey.set(slotKey(slot), slot);
  }

  remove(slot: Slot): void {
    this.#byKey.delete(slotKey(slot));
  }

  get slots(): readonly Slot[] {
    return [...this.#byKey.values()];
  }
}

/** Fewest replicas with which a model alone can be served on a kind of slot, and how. */
export interface AloneServing {
  readonly replicas: number;
  readonly option: ServingOption;
}

/** By workload and slot kind; undefined where the model cannot be served there at all. */
export type AloneTable = readonly (readonly (AloneServing | undefined)[])[];

/**
 * The table with options that make batches wait for company as long as the limits allow: a model that
 * needs little of a shared device then takes less of it, in larger batches. On others it has nothing to leave to anyone.
 */
export function largeBatchTable(problem: PlanProblem, alone: AloneTable): AloneTable {
  const { workloads, slotKinds } = problem;
  return alone.map((row, workload) => {
    const able = optionsThatHold(problem, workloads[workload]!);
    return row.map((serving, kind) => {
      const profile = workloads[workload]!.profiles[kind];
      if (serving === undefined || profile === undefined || slotKinds[kind]!.mostModels === 1) return serving;
      const limitMs = executionLimitMs(workloads[workload]!, kind);
      const { maxBatchSize, instances } = serving.option;
      const largeBatches = able.filter(
        (option) =>
          option.instances === instances &&
          option.maxBatchSize >= maxBatchSize &&
          option.queueDelayMs <= limitMs * LONGEST_DELAY &&
          executionMs(profile, option.maxBatchSize) <= limitMs / 4,
      );
      const most = largeBatches.reduce((a, b) => (allowsLargerBatches(b, a) ? b : a), serving.option);
      return { ...serving, option: most };
    });
  });
}

/** Part of the limit for which a request may wait for company. */
const LONGEST_DELAY = 0.25;

function allowsLargerBatches(a: ServingOption, b: ServingOption): boolean {
  return (
    a.queueDelayMs > b.queueDelayMs || (a.queueDelayMs === b.queueDelayMs && a.maxBatchSize > b.maxBatchSize)
  );
}

/**
 * Slots with one model, at the fewest replicas and a few more (for the rest of a mix of devices); where a
 * failure is to be survived also with several replicas on what may be lost, as far as that has room for them.
 */
export function singleColumns(problem: PlanProblem, alone: AloneTable, further: number): Slot[] {
  return alone.flatMap((row, workload) =>
    row.flatMap((serving, kind) => {
      if (serving === undefined) return [];
      const { replicas, option } = serving;
      return patternsFrom(problem, kind, replicas, further).map((pattern) => ({
        kind,
        modelReplicas: [{ workload, ...pattern, option }],
      }));
    }),
  );
}

function patternsFrom(
  problem: PlanProblem,
  kind: number,
  replicas: number,
  further: number,
): Pick<ModelReplica, 'replicas' | 'perFaultDomain'>[] {
  const { survive, mostReplicas } = problem.spec;
  const counts = Array.from({ length: further + 1 }, (_, i) => replicas + i);
  const patterns =
    survive === 'nothing'
      ? counts.map((count) => ({ replicas: count }))
      : counts.flatMap((count) => spreadPatterns(count - 1, slotsOfFaultDomain(problem, kind)));
  return patterns.filter((pattern) => pattern.replicas <= mostReplicas);
}

/**
 * Each model on devices of its own, of the kind that costs least: what there is where the master program
 * found nothing in its time. Not where a failure is to be survived, which asks for more.
 */
export function cheapestSingles(problem: PlanProblem, alone: AloneTable): Slot[] {
  if (problem.spec.survive !== 'nothing') return [];
  return alone.flatMap((row, workload) => {
    const kind = cheapestKind(problem, row);
    const { replicas, option } = row[kind]!;
    return Array.from({ length: replicas }, () => ({
      kind,
      modelReplicas: [{ workload, replicas, option }],
    }));
  });
}

/** The kind of slot on which a model alone costs least. */
export function cheapestKind(problem: PlanProblem, row: AloneTable[number]): number {
  const costs = row.map((serving, kind) => {
    const { machine, hostShare } = problem.slotKinds[kind]!;
    return serving === undefined ? Infinity : serving.replicas * hostShare * machineCost(problem, machine);
  });
  return costs.indexOf(Math.min(...costs));
}

/** Slots of a kind on one GPU or machine that may be lost, at most. */
function slotsOfFaultDomain({ spec, machines, slotKinds }: PlanProblem, kind: number): number {
  const { gpus, wholeSlots, layouts } = machines[slotKinds[kind]!.machine]!;
  const onGpu = wholeSlots.includes(kind)
    ? 1
    : Math.max(...layouts.map((layout) => layout.filter((slice) => slice === kind).length));
  return spec.survive === 'machine' ? onGpu * gpus : onGpu;
}

/** Whether the slot's screened share of device time is within `fill`, and memory, front end and links do. */
export function mayHold(problem: PlanProblem, slot: Slot, fill: number): boolean {
  const { device, host } = sharesOf(problem, slot);
  return fitsMemory(problem, slot) && device <= fill && host <= 1;
}

/** The larger of the screened shares of the device's time and of what takes requests in. */
export function slotShare(problem: PlanProblem, slot: Slot): number {
  const { device, host } = sharesOf(problem, slot);
  return Math.max(device, host);
}

/** Shares of the device's time, in the cycle that the tightest limit allows, and of the host side. */
function sharesOf(problem: PlanProblem, { kind, modelReplicas }: Slot): { device: number; host: number } {
  const limitMs = modelReplicas.reduce(
    (least, { workload }) => Math.min(least, executionLimitMs(problem.workloads[workload]!, kind)),
    Infinity,
  );
  const cycleMs = longestCycleMs(limitMs);
  const times = modelReplicas.map((modelReplica) => timeOf(problem, kind, modelReplica, cycleMs));
  const shared = times.reduce((sum, time) => sum + time.shared, 0);
  return {
    device: Math.max(shared, ...times.map(({ own }) => own)),
    host: hostShareOf(problem, kind, modelReplicas),
  };
}

/** The larger share of a replica, in the cycle that its own limit allows. */
export function replicaShare(problem: PlanProblem, kind: number, modelReplica: ModelReplica): number {
  const cycleMs = longestCycleMs(executionLimitMs(problem.workloads[modelReplica.workload]!, kind));
  const { shared, own } = timeOf(problem, kind, modelReplica, cycleMs);
  return Math.max(shared, own, hostShareOf(problem, kind, [modelReplica]));
}

/** What a replica takes of the time that its slot has for all models, and of what its own instances have. */
function timeOf(
  problem: PlanProblem,
  kind: number,
  modelReplica: ModelReplica,
  cycleMs: number,
): { readonly shared: number; readonly own: number } {
  const { workload, option } = modelReplica;
  const { profiles, ratePerS } = problem.workloads[workload]!;
  const profile = profiles[kind];
  const slot = problem.slotKinds[kind]!;
  if (profile === undefined || cycleMs <= 0) return { shared: Infinity, own: Infinity };
  const rate = ratePerS / sharersOf(problem.spec.survive, modelReplica);
  const share = shareInCycle(profile, rate, cycleMs, option.maxBatchSize);
  return {
    shared: takesShared(slot, profile) ? share / (slot.cores ?? 1) : 0,
    own: share / ownCapacity(slot, profile, busiestInstances(problem, modelReplica)),
  };
}

/** Share of the front end's threads, or of a link where that is larger. */
function hostShareOf(problem: PlanProblem, kind: number, modelReplicas: readonly ModelReplica[]): number {
  const slot = problem.slotKinds[kind]!;
  const uses = modelReplicas.flatMap((modelReplica) => {
    const { profiles, flow } = problem.workloads[modelReplica.workload]!;
    const part = 1 / sharersOf(problem.spec.survive, modelReplica);
    const use = {
      requestsPerS: flow.requestsPerS * part,
      requestBytesPerS: flow.requestBytesPerS * part,
      responseBytesPerS: flow.responseBytesPerS * part,
    };
    return profiles[kind] === undefined ? [] : [hostUse(profiles[kind], use)];
  });
  if (uses.length < modelReplicas.length) return Infinity;
  return busiestShare(hostSideOf(problem.machines[slot.machine]!, slot), uses) / MOST_HOST;
}

/** Threads and links that are busier than this make requests wait for as long as executions do. */
const MOST_HOST = 0.95;
