import type { TenantSpec } from '../scenario/spec/tenant-spec.js';
import type { Piece, Placement, Slot } from './placement.js';
import type { PlanProblem } from './problem-setting.js';
import type { PlanTenantSpec } from './spec.js';

/** A scenario file's content as plain data, ready for YAML or `scenarioSpecSchema`. */
export type PlainScenario = Record<string, unknown>;

/** How a run of a placement differs from the plan's own. */
export interface ScenarioVariant {
  readonly name: string;
  /** Paths of the profiles as the scenario shall write them. */
  readonly profiles?: readonly string[];
  readonly load?: (tenant: PlanTenantSpec, index: number) => TenantSpec['load'];
}

/**
 * The scenario of a placement: one Triton server for each device that serves something. A machine's
 * price and cores are divided evenly among its devices in use, so that the scenario costs what the
 * machines cost.
 */
export function scenarioOf(
  problem: PlanProblem,
  placement: Placement,
  variant: ScenarioVariant,
): PlainScenario {
  const servers = placement.machines.flatMap((machine, m) => {
    const slots = machine.gpus.flatMap((gpu, g) =>
      gpu.slots.map((slot, s) => ({
        slot,
        name: slotName(problem, machine.kind, [m, g, s], gpu.slots.length),
      })),
    );
    return slots.map(({ slot, name }) => serverOf(problem, slot, name, 1 / slots.length));
  });
  return plainScenario(problem, servers, allDemands(problem), variant);
}

/** The scenario of one slot alone, with the part of each load that it gets under `variant.load`. */
export function slotScenario(problem: PlanProblem, slot: Slot, variant: ScenarioVariant): PlainScenario {
  const demands = slot.pieces.map(({ demand }) => demand);
  return plainScenario(problem, [serverOf(problem, slot, 'device', 1)], demands, variant);
}

function allDemands(problem: PlanProblem): number[] {
  return problem.demands.map((_, i) => i);
}

function plainScenario(
  problem: PlanProblem,
  servers: readonly Record<string, unknown>[],
  demands: readonly number[],
  { name, profiles, load }: ScenarioVariant,
): PlainScenario {
  const { spec } = problem;
  const tenants = demands.flatMap((d) => problem.demands[d]!.tenants).sort((a, b) => a - b);
  return {
    perseus: 1,
    name,
    seed: spec.seed,
    durationS: spec.durationS,
    warmUpS: problem.warmUpS,
    profiles: [...(profiles ?? spec.profiles)],
    servers,
    tenants: tenants.map((t) => {
      const tenant = spec.tenants[t]!;
      return load === undefined ? tenant : { ...tenant, load: load(tenant, t) };
    }),
  };
}

/** `t4-3-gpu2`: the machine, and the GPU or slice where it has several. */
function slotName(
  problem: PlanProblem,
  kind: number,
  [machine, gpu, slice]: readonly [number, number, number],
  slices: number,
): string {
  const { name, gpus } = problem.machines[kind]!;
  const ofGpu = gpus > 1 ? `-gpu${gpu + 1}` : '';
  const ofSlice = slices > 1 ? `-slice${slice + 1}` : '';
  return `${name}-${machine + 1}${ofGpu}${ofSlice}`;
}

function serverOf(problem: PlanProblem, slot: Slot, name: string, share: number): Record<string, unknown> {
  const kind = problem.slotKinds[slot.kind]!;
  const { machine, gpus } = problem.machines[kind.machine]!;
  const { cpuCores } = problem.spec.machines[kind.machine]!;
  return {
    name,
    machine: {
      kind: gpus > 1 || share < 1 ? `${machine.kind}, a part` : machine.kind,
      usdPerHour: machine.usdPerHour * share,
      priceSource: machine.priceSource,
    },
    ...(cpuCores === undefined ? {} : { cpuCores: cpuCores / gpus }),
    devices: [
      { name: 'gpu0', kind: kind.device, memoryMb: kind.memoryMb, sharing: sharingOf(problem, slot) },
    ],
    models: slot.pieces.map((piece) => modelOf(problem, piece)),
  };
}

/** A slice belongs to one model: its instances run as streams of one process on it. */
function sharingOf(problem: PlanProblem, slot: Slot): unknown {
  const { mode } = problem.slotKinds[slot.kind]!;
  if (mode === 'mig') return 'streams';
  if (mode !== 'mps') return mode;
  const even = 1 / slot.pieces.length;
  const shares = slot.pieces.map(({ demand }) => [problem.demands[demand]!.model, even]);
  return { mode, shares: Object.fromEntries(shares) };
}

function modelOf(problem: PlanProblem, { demand, option }: Piece): Record<string, unknown> {
  const { maxBatchSize, queueDelayMs, instances } = option;
  return {
    name: problem.demands[demand]!.model,
    config: {
      max_batch_size: maxBatchSize,
      ...(maxBatchSize > 1 && {
        dynamic_batching: queueDelayMs === 0 ? {} : { max_queue_delay_microseconds: queueDelayMs * 1000 },
      }),
      instance_group: [{ kind: 'KIND_GPU', count: instances, gpus: [0] }],
    },
  };
}
