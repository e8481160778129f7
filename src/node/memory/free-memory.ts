import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/**
 * Bytes of memory that this process may still take: of the machine, or of its container. Files that the container has read and
 * could forget count as free, as for those who decide which container is stopped.
 */
export function freeMemoryBytes(): number {
  const available = process.availableMemory();
  const limit = process.constrainedMemory();
  if (limit === 0 || limit > totalmem()) return available;
  return Math.min(limit, available + forgettableBytes());
}

/** Memory of a container, for cgroup version 2 and 1. */
const STATISTICS = ['/sys/fs/cgroup/memory.stat', '/sys/fs/cgroup/memory/memory.stat'];

function forgettableBytes(): number {
  for (const file of STATISTICS) {
    try {
      return Number(/^(?:total_)?inactive_file (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
    } catch {
      // The other version.
    }
  }
  return 0;
}
