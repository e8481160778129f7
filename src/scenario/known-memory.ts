import type { Server } from './scenario.js';

/** Whether the profiles know what every model on a device takes of its memory. */
export function knowsMemory({ devices, models }: Server, device: string): boolean {
  const index = devices.findIndex(({ name }) => name === device);
  return models.every(({ instances }) =>
    instances.every((instance) => instance.device !== index || instance.profile.memory.known),
  );
}
