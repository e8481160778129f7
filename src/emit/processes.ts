import { CPU_KIND } from '../profile/host-cores.js';
import type { InstanceGroup, ModelConfig } from '../scenario/model-config.js';
import type { ServedModel, Server } from '../scenario/scenario.js';

/** One Triton process of a server: which devices it has and how its models are configured there. */
export interface TritonProcess {
  /** Indices of the server's GPUs, in the order in which the process numbers them: its cores are no device that it asks for. */
  readonly devices: readonly number[];
  readonly configs: readonly ModelConfig[];
  /** Name of the device where the process has one of several slices to itself. */
  readonly slice?: string;
}

/**
 * The processes that serve what a scenario's server serves: one, unless it has several MIG slices. A CUDA
 * process sees a single MIG slice (NVIDIA MIG User Guide, "CUDA Device Enumeration"), so that each slice
 * needs a process of its own, in which the slice is GPU 0.
 */
export function processesOf(server: Server): TritonProcess[] {
  const all = server.devices.flatMap(({ kind }, device) => (kind === CPU_KIND ? [] : [device]));
  const slices = server.devices.filter(({ sharing }) => sharing.mode === 'mig');
  if (slices.length === 0 || all.length === 1) {
    return [{ devices: all, configs: server.models.map(({ config }) => config) }];
  }
  const processes = all.map((device): TritonProcess => {
    const configs = server.models.flatMap((model) => configOnDevice(model, device) ?? []);
    return { devices: [device], configs, slice: server.devices[device]!.name };
  });
  return processes.filter(({ configs }) => configs.length > 0);
}

/** The model's configuration with only those groups that run on the device; undefined when none does. */
function configOnDevice({ config }: ServedModel, device: number): ModelConfig | undefined {
  const instanceGroups = config.instanceGroups.flatMap((group) => groupOnDevice(group, device) ?? []);
  return instanceGroups.length === 0 ? undefined : { ...config, instanceGroups };
}

/** Instances on the host go with the first device. */
function groupOnDevice(group: InstanceGroup, device: number): InstanceGroup | undefined {
  if (group.kind !== 'KIND_GPU') return device === 0 ? group : undefined;
  const isHere = group.gpus.length === 0 || group.gpus.includes(device);
  return isHere ? { ...group, gpus: [0] } : undefined;
}
