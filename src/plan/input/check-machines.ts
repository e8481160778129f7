import { given } from '../../base/given.js';
import type { Path } from '../../base/path.js';
import { CPU_KIND } from '../../profile/host-cores.js';
import type { ModelProfile } from '../../profile/profile.js';
import type { Findings } from '../../scenario/check/findings.js';
import { checkGrpcThreads, FRONT_END_THREADS } from '../../scenario/check/grpc-threads.js';
import { resolveMachine } from '../../scenario/check/machine.js';
import { knownMemoryMb } from '../../scenario/gpu-kinds.js';
import { type MigLayout, migLayout } from '../../scenario/mig.js';
import type { ScenarioResources } from '../../scenario/resources.js';
import { LEAST_GAIN } from '../goal.js';
import { fullLayouts } from '../mig-layouts.js';
import type { SlotKind } from '../placement.js';
import type { MachineKind, MachineNetwork } from '../problem-setting.js';
import type { MachineKindSpec, PlanSpec } from '../spec.js';

const MOST_MODELS = 24;

/** The kinds of machines with their prices, and every way to divide their GPUs. */
export function resolveMachines(
  spec: PlanSpec,
  profiles: readonly ModelProfile[],
  resources: ScenarioResources,
  findings: Findings,
): { machines: MachineKind[]; slotKinds: SlotKind[] } {
  const slotKinds: SlotKind[] = [];
  findings.distinct(
    spec.machines.map(({ name }, i) => ({ name, path: ['machines', i, 'name'] })),
    'kind of machine',
  );
  const machines = spec.machines.map((machineSpec, index): MachineKind => {
    const path: Path = ['machines', index];
    const isHost = machineSpec.gpu === CPU_KIND;
    if (isHost) checkHost(machineSpec, path, findings);
    const memoryMb = isHost ? (machineSpec.memoryMb ?? Infinity) : gpuMemoryMb(machineSpec, path, findings);
    checkGrpcThreads(machineSpec.triton, [...path, 'triton'], findings);
    const machine = resolveMachine(machineSpec.machine, resources.prices, [...path, 'machine'], findings);
    if (
      isPriced(spec, findings) &&
      machineSpec.machine === undefined &&
      !findings.gaps.at([...path, 'machine'])
    ) {
      findings.problem(path, 'has no price, but the goal is cost', 'write machine, or goal: gpus');
    }
    if (spec.goal === 'cost' && machine.usdPerHour > 0 && machine.usdPerHour < LEAST_GAIN) {
      const what = `costs ${machine.usdPerHour} an hour, and a plan tells costs apart from ${LEAST_GAIN} on`;
      findings.problem([...path, 'machine'], what, 'write all prices in a smaller unit');
    }
    const { name, gpus, limit, sharing, cpuCores = Infinity } = machineSpec;
    const addSlot: AddSlot = (slot) => slotKinds.push({ ...slot, machine: index }) - 1;
    const cores = isHost ? (machineSpec.cpuCores ?? measuredCores(profiles)) : undefined;
    const wholeSlots = wholeSlotsOf(machineSpec, { memoryMb, cores }, addSlot);
    const slices =
      sharing.includes('mig') && !isHost ? resolveSlices(machineSpec, profiles, path, findings) : undefined;
    const layouts = slices === undefined ? [] : layoutsOf(machineSpec, slices, memoryMb, addSlot);
    const { protocol, frontEndThreads = FRONT_END_THREADS[protocol] } = machineSpec.triton;
    const network = resolveNetwork(machineSpec.network);
    return { name, gpus, limit, machine, wholeSlots, layouts, frontEndThreads, cpuCores, network };
  });
  return { machines, slotKinds };
}

/** Whether machines need a price; not where the goal was wrong, and has its default. */
function isPriced({ goal }: PlanSpec, { gaps }: Findings): boolean {
  return goal === 'cost' && !gaps.at(['goal']);
}

/** Gives the index of a new kind of slot on the machine. */
type AddSlot = (slot: Omit<SlotKind, 'machine'>) => number;

/** Whole GPUs, or hosts, in each way in which they may be shared. */
function wholeSlotsOf(
  { gpu, gpus, sharing }: MachineKindSpec,
  { memoryMb, cores }: { readonly memoryMb: number; readonly cores: number | undefined },
  addSlot: AddSlot,
): number[] {
  return [...new Set(sharing)]
    .filter((mode) => mode !== 'mig')
    .map((mode) =>
      addSlot({
        name: `${gpu}, ${mode}`,
        device: gpu,
        memoryMb,
        hostShare: 1 / gpus,
        mode,
        mostModels: mode === 'exclusive' ? 1 : MOST_MODELS,
        ...(cores !== undefined && { cores }),
      }),
    );
}

function gpuMemoryMb(
  { gpu, memoryMb = knownMemoryMb(gpu) }: MachineKindSpec,
  path: Path,
  findings: Findings,
) {
  if (memoryMb === undefined && !findings.gaps.at([...path, 'memoryMb']))
    findings.problem(path, `the memory of ${gpu} is not known`, 'write memoryMb, in MiB');
  return memoryMb ?? Infinity;
}

/** Models on a host run side by side on its cores, or have it to themselves; there is nothing else to divide. */
function checkHost({ gpus, sharing }: MachineKindSpec, path: Path, findings: Findings): void {
  if (gpus > 1) {
    findings.problem([...path, 'gpus'], 'a host is one machine', 'leave gpus out; limit says how many hosts');
  }
  for (const [i, mode] of sharing.entries()) {
    if (mode === 'exclusive' || mode === 'streams') continue;
    const what = `the cores of a host are not shared by ${mode}`;
    findings.problem([...path, 'sharing', i], what, 'write exclusive, streams or both');
  }
}

/** Cores of the host on which profiles were measured: what a scenario takes where it does not say. */
function measuredCores(profiles: readonly ModelProfile[]): number {
  const known = profiles.flatMap(({ device, serving }) =>
    device === CPU_KIND && serving?.cpuCores !== undefined ? [serving.cpuCores] : [],
  );
  return known.length === 0 ? Infinity : Math.max(...known);
}

/** A megabit per second is an eighth of a million bytes. */
const BYTES_PER_MEGABIT = 1e6 / 8;

function resolveNetwork(spec: MachineKindSpec['network']): MachineNetwork {
  const { requestDelayUs, responseDelayUs, bandwidthMbps = Infinity } = spec;
  return {
    ...given({ requestDelayUs, responseDelayUs }),
    requestBytesPerS: (spec.requestBandwidthMbps ?? bandwidthMbps) * BYTES_PER_MEGABIT,
    responseBytesPerS: (spec.responseBandwidthMbps ?? bandwidthMbps) * BYTES_PER_MEGABIT,
  };
}

/** The slices into which a kind of GPU may be divided, and those of them that may be made. */
interface UsableSlices {
  readonly layout: MigLayout;
  readonly names: readonly string[];
}

function resolveSlices(
  spec: MachineKindSpec,
  profiles: readonly ModelProfile[],
  path: Path,
  findings: Findings,
): UsableSlices | undefined {
  const layout = migLayout(spec.gpu);
  if (layout === undefined) {
    findings.problem(
      [...path, 'sharing'],
      `no MIG slices of ${spec.gpu} are known`,
      'use an A30, A100-40GB, A100-80GB or H100-80GB, or leave mig out',
    );
    return undefined;
  }
  return { layout, names: usableNames(spec, layout, profiles, path, findings) };
}

/** Each way in which slices fill a GPU, as the kinds of slots that they are. */
function layoutsOf(
  { gpu, gpus, sharing }: MachineKindSpec,
  { layout, names }: UsableSlices,
  memoryMb: number,
  addSlot: AddSlot,
): number[][] {
  const slotOf = new Map(
    layout.slices
      .filter(({ name }) => names.includes(name))
      .map((slice) => {
        const slot = addSlot({
          name: `${gpu}, slice ${slice.name}`,
          device: `${gpu} MIG ${slice.name}`,
          memoryMb: Math.floor((memoryMb * slice.memorySlices) / layout.memorySlices),
          hostShare: slice.memorySlices / layout.memorySlices / gpus,
          mode: 'mig',
          slice: slice.name,
          mostModels: sharing.includes('streams') ? MOST_MODELS : 1,
        });
        return [slice.name, slot];
      }),
  );
  return fullLayouts(layout, names).map((slices) => slices.map(({ name }) => slotOf.get(name)!));
}

/** The slices that may be made: those asked for, by default those that some profile is for. */
function usableNames(
  { gpu, migSlices: asked }: MachineKindSpec,
  layout: MigLayout,
  profiles: readonly ModelProfile[],
  path: Path,
  findings: Findings,
): readonly string[] {
  const known = layout.slices.map(({ name }) => name);
  for (const [i, name] of (asked ?? []).entries()) {
    if (!known.includes(name)) {
      findings.problem(
        [...path, 'migSlices', i],
        `"${name}" is no slice of this GPU`,
        `write ${known.join(', ')}`,
      );
    }
  }
  const names =
    asked ?? known.filter((name) => profiles.some(({ device }) => device === `${gpu} MIG ${name}`));
  if (names.length === 0) {
    findings.problem([...path, 'sharing'], `there is no profile for a MIG slice of ${gpu}`, 'leave mig out');
  }
  return names;
}
