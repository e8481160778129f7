import type { ServedModel, Server } from './scenario.js';

/** How long it takes to load a model, with its warm-up, as the scenario or its profiles say; 0 = unknown. */
export function loadMsOf({
  config,
  instances,
  loadMs,
}: Pick<ServedModel, 'config' | 'instances' | 'loadMs'>): number {
  const profiled = instances.map(({ profile: { load } }) =>
    config.isWarmedUp ? load.loadMs + load.firstInferenceMs : load.loadMs,
  );
  return loadMs ?? Math.max(0, ...profiled);
}

/** What a loaded model needs on all its devices, MiB, as the scenario or its profiles say; NaN = unknown. */
export function memoryMbOf({ instances, memoryMb }: Pick<ServedModel, 'instances' | 'memoryMb'>): number {
  if (memoryMb !== undefined) return memoryMb;
  const byDevice = new Map(instances.map(({ device, profile }) => [device, profile.memory]));
  const memories = [...byDevice.values(), ...instances.map(({ profile }) => profile.memory)];
  if (memories.some(({ known }) => !known)) return Number.NaN;
  const perInstance = instances.reduce((sum, { profile }) => sum + profile.memory.perInstanceMb, 0);
  return [...byDevice.values()].reduce((sum, { modelMb }) => sum + modelMb, perInstance);
}

/** Whether the profiles know what every model on a device takes of its memory. */
export function knowsMemory({ devices, models }: Server, device: string): boolean {
  const index = devices.findIndex(({ name }) => name === device);
  return models.every(({ instances }) =>
    instances.every((instance) => instance.device !== index || instance.profile.memory.known),
  );
}
