import { CPU_KIND } from '../profile/host-cores.js';
import type { ModelProfile } from '../profile/profile.js';
import type { SharingMode } from './spec.js';

/**
 * What can be served on separately: a whole GPU under one way of sharing, a MIG slice, or a host on whose
 * cores models run. Each has a Triton server of its own (a process can open only one MIG device).
 */
export interface SlotKind {
  readonly name: string;
  /** Index of the kind of machine. */
  readonly machine: number;
  /** Kind of device as the profiles name it. */
  readonly device: string;
  readonly memoryMb: number;
  /** Part of a machine's cores and links that its server has, 0..1: they are divided among GPUs, then slices. */
  readonly hostShare: number;
  readonly mode: SharingMode;
  readonly slice?: string;
  readonly mostModels: number;
  /** A host without a GPU: cores that its models' executions share, Infinity where unknown. Absent for GPUs. */
  readonly cores?: number;
}

/** Whether models run on the cores of a machine without a GPU. */
export function isHost({ cores }: SlotKind): boolean {
  return cores !== undefined;
}

/** Whether a model runs on the host's cores beside the GPU of its server. */
export function isBesideGpu({ cores }: SlotKind, { device }: Pick<ModelProfile, 'device'>): boolean {
  return cores === undefined && device === CPU_KIND;
}

/** How a model is served on a device. */
export interface Serving {
  readonly maxBatchSize: number;
  readonly queueDelayMs: number;
  readonly instances: number;
}

/** How the models of a workload are served on a device: each as far as it can be. */
export interface ServingOption extends Serving {
  /** By model, where each has settings of its own: in a placement that the plan has not made. */
  readonly each?: Readonly<Record<string, Serving>>;
}

/** A model on a device, which gets one `replicas`-th of its requests. */
export interface ModelReplica {
  /** Index of the workload. */
  readonly workload: number;
  readonly replicas: number;
  /**
   * Most of the replicas that one failure takes: no more are on any GPU or machine whose failure the plan is to
   * survive. Default 1; 0 once something is lost.
   */
  readonly perFaultDomain?: number;
  readonly option: ServingOption;
}

export interface Slot {
  /** Index of the slot kind. */
  readonly kind: number;
  readonly modelReplicas: readonly ModelReplica[];
}

/** A GPU of a placement: one slot, or its MIG slices. A host without GPUs counts as one. */
export type PlacedGpu = readonly Slot[];

/** Machines with their GPUs; a machine may have GPUs that serve nothing. */
export interface Placement {
  readonly machines: readonly { readonly kind: number; readonly gpus: readonly PlacedGpu[] }[];
}

/** Names a model with its number of replicas and how many of them a failure takes. */
export function patternKey({ workload, replicas, perFaultDomain = 1 }: Omit<ModelReplica, 'option'>): string {
  return perFaultDomain === 1 ? `${workload}/${replicas}` : `${workload}/${replicas}-${perFaultDomain}`;
}

/** Names the content of a slot: equal contents have equal keys, whatever their order. */
export function slotKey({ kind, modelReplicas }: Slot): string {
  const parts = modelReplicas
    .map(({ option, ...modelReplica }) => `${patternKey(modelReplica)}:${optionKey(option)}`)
    .sort();
  return `${kind}|${parts.join(' ')}`;
}

/** Names how models are served: equal options have equal keys. */
export function optionKey({ maxBatchSize, queueDelayMs, instances, each = {} }: ServingOption): string {
  const own = Object.entries(each).map(([model, serving]) => `;${model}:${optionKey(serving)}`);
  return `${maxBatchSize},${queueDelayMs},${instances}${own.sort().join('')}`;
}

export function slotsOf({ machines }: Pick<Placement, 'machines'>): readonly Slot[] {
  return machines.flatMap(({ gpus }) => gpus.flat());
}

/** Changes slots, of which each has its place among {@link slotsOf}: devices with the same content may be one object. */
export function mapSlots({ machines }: Placement, change: (slot: Slot, place: number) => Slot): Placement {
  let place = 0;
  return {
    machines: machines.map((machine) => ({
      ...machine,
      gpus: machine.gpus.map((slots) => slots.map((slot) => change(slot, place++))),
    })),
  };
}

export function replicasOn(slots: readonly Slot[]): ModelReplica[] {
  return slots.flatMap(({ modelReplicas }) => modelReplicas);
}

export function workloadsOn(slots: readonly Slot[]): ReadonlySet<number> {
  return new Set(replicasOn(slots).map(({ workload }) => workload));
}

export function countOn(slots: readonly Slot[], workload: number): number {
  return replicasOn(slots).filter((modelReplica) => modelReplica.workload === workload).length;
}

/** The slot with so many replicas of a workload, where it serves that. */
export function withReplicas(slot: Slot, workload: number, replicas: number): Slot {
  return {
    ...slot,
    modelReplicas: slot.modelReplicas.map((modelReplica) =>
      modelReplica.workload === workload ? { ...modelReplica, replicas } : modelReplica,
    ),
  };
}

/** GPUs that serve something, and hosts without one. */
export function gpusUsed(placement: Placement): number {
  return placement.machines.reduce((sum, machine) => sum + machine.gpus.length, 0);
}
