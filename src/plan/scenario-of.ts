import { given } from '../base/given.js';
import { CPU_KIND } from '../profile/host-cores.js';
import { isMigSlice } from '../scenario/mig.js';
import type { TenantSpec } from '../scenario/spec/tenant-spec.js';
import type { ModelConfigFields } from '../scenario/triton/fields.js';
import {
  isHost,
  type ModelReplica,
  type Placement,
  type Slot,
  type SlotKind,
  workloadsOn,
} from './placement.js';
import { type PlanProblem, partsOf, type ServedPart } from './problem-setting.js';
import { batchOf, instancesOf, queueDelayMsOf } from './serving.js';
import { sharingOf } from './slot-sharing.js';
import type { MachineKindSpec, PlanTenantSpec } from './spec.js';

/** A scenario file's content as plain data, ready for YAML or `scenarioSpecSchema`. */
export type PlainScenario = Record<string, unknown>;

/** How a run of a placement differs from the plan's own. */
export interface ScenarioVariant {
  readonly name: string;
  /** Paths of the profiles as the scenario shall write them. */
  readonly profiles?: readonly string[];
  /** Length of the run. Default: the plan's. */
  readonly durationS?: number;
  readonly load?: (tenant: PlanTenantSpec, index: number) => TenantSpec['load'];
  /** It goes into a file, beside profiles as they were measured. Default: as slow as it was planned. */
  readonly isWritten?: boolean;
}

/**
 * The scenario of a placement: one Triton server for each device that serves something. A machine's
 * price is divided evenly among its devices in use, so that the scenario costs what the machines cost;
 * its cores and bandwidth among all its GPUs, and those of a GPU among slices as their memory is.
 */
export function scenarioOf(
  problem: PlanProblem,
  placement: Placement,
  variant: ScenarioVariant,
): PlainScenario {
  return partScenario(problem, namedSlots(problem, placement), variant);
}

/** The scenario of some slots of a placement, which have all replicas of the models that they serve, or their part of the loads. */
export function partScenario(
  problem: PlanProblem,
  slots: readonly NamedSlot[],
  variant: ScenarioVariant,
): PlainScenario {
  const { spec } = problem;
  const { name, profiles = spec.profiles, durationS = spec.durationS, load, isWritten = false } = variant;
  const workloads = [...workloadsOn(slots.map(({ slot }) => slot))];
  const tenants = workloads.flatMap((d) => problem.workloads[d]!.tenants).sort((a, b) => a - b);
  return {
    perseus: 1,
    name,
    seed: spec.seed,
    durationS,
    warmUpS: problem.warmUpS,
    profiles: [...profiles],
    servers: slots.map((slot) => serverOf(problem, slot, variant)),
    tenants: tenants.map((t) => {
      const tenant = spec.tenants[t]!;
      if (load === undefined) return tenant;
      const { sequences: _, ...rest } = tenant;
      // Arrivals at hand are those of all requests of sequences.
      return { ...(isWritten ? tenant : rest), load: load(tenant, t) };
    }),
  };
}

/**
 * A slot with its part of the machine's price, under the name of its server: `t4-3-gpu2` is the machine, and the GPU or slice
 * where it has several.
 */
export interface NamedSlot {
  readonly name: string;
  readonly slot: Slot;
  readonly share: number;
}

/** Names of a placement's machines, those of each kind numbered from 1. */
export function machineNames(problem: PlanProblem, { machines }: Placement): readonly string[] {
  const counts = new Map<number, number>();
  return machines.map(({ kind }) => {
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    return `${problem.machines[kind]!.name}-${number}`;
  });
}

/** The slots of a placement in the order of the scenario's servers. */
export function namedSlots(problem: PlanProblem, placement: Placement): readonly NamedSlot[] {
  const names = machineNames(problem, placement);
  return placement.machines.flatMap(({ kind, gpus }, m) => {
    const gpuName = (g: number) =>
      problem.machines[kind]!.gpus > 1 ? `${names[m]!}-gpu${g + 1}` : names[m]!;
    const inUse = gpus.flat().length;
    return gpus.flatMap((slots, g) =>
      slots.map((slot, s) => ({
        slot,
        name: slots.length > 1 ? `${gpuName(g)}-slice${s + 1}` : gpuName(g),
        share: 1 / inUse,
      })),
    );
  });
}

function serverOf(
  problem: PlanProblem,
  { slot, name, share }: NamedSlot,
  variant: ScenarioVariant,
): Record<string, unknown> {
  const kind = problem.slotKinds[slot.kind]!;
  const { machine, gpus, cpuCores } = problem.machines[kind.machine]!;
  const { network, triton, neighbourSlowdown = 'measured' } = problem.spec.machines[kind.machine]!;
  // Profiles of the plan itself have it in their times.
  const isBesideSlices = variant.isWritten === true && isMigSlice(kind.device);
  const device = { name: 'gpu0', kind: kind.device, memoryMb: kind.memoryMb };
  return {
    name,
    machine: {
      kind: gpus > 1 || share < 1 ? `${machine.kind}, a part` : machine.kind,
      usdPerHour: machine.usdPerHour * share,
      priceSource: machine.priceSource,
    },
    ...(cpuCores === Infinity ? {} : { cpuCores: cpuCores * kind.hostShare }),
    network: partOf(network, kind.hostShare),
    triton,
    devices: isHost(kind)
      ? []
      : [{ ...device, sharing: sharingOf(problem, slot), ...(isBesideSlices && { neighbourSlowdown }) }],
    models: slot.modelReplicas.flatMap((modelReplica) => modelsOf(problem, modelReplica, slot.kind, variant)),
  };
}

/** Delays are everyone's, bandwidth is divided. */
function partOf(network: MachineKindSpec['network'], share: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(network).map(([field, value]) => [field, field.endsWith('Mbps') ? value * share : value]),
  );
}

/** A model, or an ensemble with those of its steps. */
function modelsOf(
  problem: PlanProblem,
  { workload: w, ...replica }: ModelReplica,
  kind: number,
  { isWritten = false }: ScenarioVariant,
): readonly Record<string, unknown>[] {
  const workload = problem.workloads[w]!;
  const slot = problem.slotKinds[kind]!;
  const { option } = replica;
  const parts = partsOf(workload);
  const sizes = parts.map((part) => batchOf(part, option)).filter((size) => size > 0);
  const ensembles = (workload.ensembles ?? []).map(({ model, fields }) => {
    // Triton takes no ensemble with larger batches than its steps.
    const most = Math.min(fields.max_batch_size ?? 0, ...sizes);
    return { name: model, config: { ...fields, max_batch_size: most } };
  });
  const served = parts.map((part) => (isWritten ? { ...part, times: 1 } : part));
  return [
    ...ensembles,
    ...served.map((part) => {
      const count = instancesOf(problem.spec.survive, workload, part, replica);
      return modelOf(part, { ...option, instances: count }, slot, kind);
    }),
  ];
}

function modelOf(
  part: ServedPart,
  option: ModelReplica['option'],
  slot: SlotKind,
  kind: number,
): Record<string, unknown> {
  const { model, fields = {}, profiles, calls, overlapping, responses, iterations, engine, times = 1 } = part;
  const { instances: count } = option;
  const queueDelayMs = queueDelayMsOf(part, option);
  const { model: profile, device } = profiles[kind]!;
  const maxBatchSize = batchOf(part, option);
  const {
    preferred_batch_size: _sizes,
    max_queue_delay_microseconds: _delay,
    ...policy
  } = fields.dynamic_batching ?? {};
  const { dynamic_batching: _batching, sequence_batching: sequences, ...rest } = fields;
  // Without batches there is a batcher only for what the configuration asks of its queue: priorities, limits, an order.
  const hasBatcher = maxBatchSize > 1 || (maxBatchSize === 1 && Object.keys(policy).length > 0);
  const delay = queueDelayMs === 0 ? {} : { max_queue_delay_microseconds: Math.round(queueDelayMs * 1000) };
  const isGpu = !isHost(slot) && device !== CPU_KIND;
  const own = fields.instance_group?.find(({ kind: each }) => isGpu === (each !== 'KIND_CPU')) ?? {};
  // How many instances there are, and where, is what the plan decides.
  const { name: _name, kind: _kind, count: _count, gpus: _gpus, passive: _passive, ...others } = own;
  return {
    name: model,
    ...(profile !== model && { profile }),
    ...(calls !== undefined && { calls: slowerCalls(calls, times) }),
    ...given({ overlapping, engine, iterations }),
    ...(responses !== undefined && {
      responses: { ...responses, firstMs: responses.firstMs * times, gapMs: responses.gapMs * times },
    }),
    config: {
      ...rest,
      max_batch_size: maxBatchSize,
      ...(sequences === undefined
        ? hasBatcher && engine === undefined && { dynamic_batching: { ...policy, ...delay } }
        : { sequence_batching: withFittingSizes(sequences, maxBatchSize) }),
      instance_group: [{ ...others, ...groupOf(part, isGpu, count) }],
    },
  };
}

/** The server's only GPU, or its cores; an engine finds its GPU itself, where its configuration says so. */
function groupOf({ engine, fields }: ServedPart, isGpu: boolean, count: number) {
  if (!isGpu) return { kind: 'KIND_CPU', count };
  const isOwn = engine !== undefined && fields?.instance_group?.[0]?.kind === 'KIND_MODEL';
  return isOwn ? { kind: 'KIND_MODEL', count } : { kind: 'KIND_GPU', count, gpus: [0] };
}

/** Without preferred batches that are larger than any. */
function withFittingSizes(
  { oldest, ...sequences }: NonNullable<ModelConfigFields['sequence_batching']>,
  maxBatchSize: number,
): ModelConfigFields['sequence_batching'] {
  if (oldest === undefined) return sequences;
  const preferred = oldest.preferred_batch_size?.filter((size) => size <= maxBatchSize) ?? [];
  const { preferred_batch_size: _, ...rest } = oldest;
  return {
    ...sequences,
    oldest: { ...rest, ...(preferred.length > 0 && { preferred_batch_size: preferred }) },
  };
}

function slowerCalls(calls: NonNullable<ServedPart['calls']>, times: number): ServedPart['calls'] {
  return calls.map((step) => (step.ownMs === undefined ? step : { ...step, ownMs: step.ownMs * times }));
}
