import { someOf } from '../../base/some-of.js';
import type { DeviceSummary, Summary } from '../../metrics/summary.js';
import type { PlanCandidate } from '../../plan/candidates.js';
import type { EvaluatedPlacement } from '../../plan/evaluate.js';
import { replicasOnGpu } from '../../plan/memory.js';
import { isBesideGpu, isHost, type ServingOption, type Slot } from '../../plan/placement.js';
import { type PlanProblem, partsOf, type ServedPart } from '../../plan/problem-setting.js';
import { namedSlots } from '../../plan/scenario-of.js';
import { batchOf, instancesOf } from '../../plan/serving.js';
import { isBesideItself } from '../../plan/slot-sharing.js';
import { isCostless } from '../../profile/costless.js';
import { isBusierThanMeasured } from '../../profile/region.js';

/** What is on a device, or on the cores of a host, and how busy that is. */
export interface ReportedDevice {
  readonly server: string;
  readonly device: string;
  readonly sharing: string;
  readonly busyShare: number;
  /** Present where that is more than its profiles were measured at: what they say there is a guess. */
  readonly measuredUpTo?: number;
  /** Of several models on a GPU those whose profiles do not say what memory they take there; absent where there are none. */
  readonly memoryUncounted?: readonly string[];
  readonly models: readonly {
    readonly model: string;
    readonly replicas: number;
    /** 0: it has no batch dimension. */
    readonly maxBatchSize: number;
    readonly queueDelayMs: number;
    readonly instances: number;
    /** An engine forms its batches. */
    readonly hasEngine?: boolean;
    /** The largest batch that its profile knows. */
    readonly measuredBatch?: number;
    /** Where others execute with it or in its place, all that do. */
    readonly steps?: readonly {
      readonly model: string;
      readonly maxBatchSize: number;
      readonly instances: number;
      readonly measuredBatch?: number;
      readonly onHost: boolean;
    }[];
    /** Share of the device's time, or of the host's cores. */
    readonly busyShare: number;
  }[];
}

/** In the order in which the placement names them; of its first day. */
export function reportedDevices(problem: PlanProblem, { placement, days }: PlanCandidate): ReportedDevice[] {
  const [{ summary }] = days as readonly [EvaluatedPlacement];
  return namedSlots(problem, placement).map(({ name, slot }) => {
    const kind = problem.slotKinds[slot.kind]!;
    const { busyShare, byTenant } =
      kind.cores === undefined ? deviceUse(summary, name) : hostUse(summary, name, kind.cores);
    const shareOf = (tenants: readonly number[]) =>
      byTenant
        .filter(({ tenant }) => tenants.some((t) => problem.spec.tenants[t]!.name === tenant))
        .reduce((sum, { share }) => sum + share, 0);
    return {
      server: name,
      device: kind.device,
      sharing: isShared(problem, slot) ? kind.mode : 'exclusive',
      busyShare,
      ...beyondMeasured(problem, slot, busyShare),
      ...memoryUncounted(problem, slot),
      models: slot.modelReplicas.map((replica) => {
        const { workload, replicas, option } = replica;
        const served = problem.workloads[workload]!;
        const { model, tenants, isUnbatched } = served;
        const parts = partsOf(served);
        const [only] = parts.length === 1 ? parts : [];
        const { each: _, ...settings } = option;
        const instances = parts.map((part) => instancesOf(problem.spec.survive, served, part, replica));
        return {
          model,
          replicas,
          ...settings,
          instances: Math.max(...instances),
          ...(only !== undefined && { maxBatchSize: batchOf(only, option) }),
          ...(isUnbatched === true && { maxBatchSize: 0, queueDelayMs: 0 }),
          ...(only?.engine !== undefined && { hasEngine: true }),
          ...(only !== undefined
            ? measuredBatch(only, slot.kind)
            : {
                steps: parts.map((part, p) => ({
                  ...stepOf(problem, part, option, slot.kind),
                  instances: instances[p]!,
                })),
              }),
          busyShare: shareOf(tenants),
        };
      }),
    };
  });
}

/** A model alone on a device has it as its own, whose instances are streams; under time slices or MPS they are not. */
function isShared(problem: PlanProblem, slot: Slot): boolean {
  const { mode } = problem.slotKinds[slot.kind]!;
  if (slot.modelReplicas.length > 1 || mode === 'mig') return true;
  return (mode === 'timeSlices' || mode === 'mps') && isBesideItself(problem, slot);
}

function measuredBatch({ profiles, engine }: ServedPart, kind: number): { measuredBatch?: number } {
  const profile = profiles[kind];
  // A batch of what has others compute costs nothing, and an engine forms its own.
  if (profile === undefined || isCostless(profile) || engine !== undefined) return {};
  const largest = profile.service.at(-1)?.batchSize;
  return largest === undefined ? {} : { measuredBatch: largest };
}

function stepOf({ slotKinds }: PlanProblem, part: ServedPart, option: ServingOption, kind: number) {
  return {
    model: part.model,
    maxBatchSize: batchOf(part, option),
    ...measuredBatch(part, kind),
    onHost: isBesideGpu(slotKinds[kind]!, part.profiles[kind]!),
  };
}

/** One that is alone is seldom too large. */
function memoryUncounted(problem: PlanProblem, slot: Slot): Pick<ReportedDevice, 'memoryUncounted'> {
  const { workloads, slotKinds } = problem;
  const { kind } = slot;
  const onGpu = replicasOnGpu(problem, slot);
  if (onGpu.length < 2 || isHost(slotKinds[kind]!)) return {};
  const unknown = onGpu
    .flatMap(({ workload }) => partsOf(workloads[workload]!))
    .filter(({ profiles, memoryMb }) => {
      const profile = profiles[kind];
      const isThere = profile !== undefined && !isBesideGpu(slotKinds[kind]!, profile);
      return isThere && memoryMb === undefined && !profile.memory.known;
    });
  return unknown.length === 0 ? {} : { memoryUncounted: unknown.map(({ model }) => model) };
}

/** The least that profiles of models there were measured at, where the device is busier. */
function beyondMeasured(
  { workloads, slotKinds }: PlanProblem,
  { kind, modelReplicas }: Slot,
  busyShare: number,
): Pick<ReportedDevice, 'measuredUpTo'> {
  const beyond = modelReplicas
    .flatMap(({ workload }) => partsOf(workloads[workload]!).flatMap(({ profiles }) => profiles[kind] ?? []))
    .filter((profile) => !isBesideGpu(slotKinds[kind]!, profile))
    .filter((profile) => isBusierThanMeasured(profile, busyShare));
  if (beyond.length === 0) return {};
  return { measuredUpTo: Math.min(...beyond.map(({ region }) => region.maxUtilization)) };
}

interface Use {
  readonly busyShare: number;
  readonly byTenant: DeviceSummary['shareByTenant'];
}

function deviceUse({ devices }: Summary, name: string): Use {
  const device = devices.find(({ server }) => server === name);
  return { busyShare: device?.busyShare ?? 0, byTenant: device?.shareByTenant ?? [] };
}

/** The share of its cores that is busy, divided among tenants as the time of their executions on them is. */
function hostUse({ devices, hosts }: Summary, name: string, cores: number): Use {
  const busyShare = (hosts.find(({ server }) => server === name)?.coresBusy ?? 0) / cores;
  const all = devices.filter(({ server }) => server === name).flatMap(({ shareByTenant }) => shareByTenant);
  const whole = all.reduce((sum, { share }) => sum + share, 0);
  const byTenant = all.map(({ tenant, share }) => ({
    tenant,
    share: whole > 0 ? (busyShare * share) / whole : 0,
  }));
  return { busyShare, byTenant };
}

/** Batches that the plan itself asked for, and that no profile knows. */
export function unmeasuredSentences(devices: readonly ReportedDevice[]): string[] {
  const beyond = devices.flatMap(({ models }) =>
    models.flatMap(({ steps, ...model }) =>
      (steps ?? [model]).filter(({ maxBatchSize, measuredBatch = Infinity }) => maxBatchSize > measuredBatch),
    ),
  );
  const said = new Map(
    beyond.map(({ model, maxBatchSize, measuredBatch }) => [
      model,
      `${model} (up to ${maxBatchSize}, measured up to ${measuredBatch})`,
    ]),
  );
  if (said.size === 0) return [];
  return [
    `Batches larger than any measured: ${someOf([...said.values()])}. Leave them out of batching, or measure them.`,
  ];
}
