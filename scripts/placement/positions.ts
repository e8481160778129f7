import type { MigSlice } from '../../src/scenario/mig.js';
import { A100 } from './slice-cover.js';

/**
 * The memory slice at which each of the slices begins when they stand side by side on one A100, in
 * their order; undefined when the hardware has no place for all of them.
 */
export function slicePositions(names: readonly string[]): readonly number[] | undefined {
  const slices = names.map((name) => A100.slices.find((slice) => slice.name === name));
  if (slices.some((slice) => slice === undefined)) return undefined;
  return place(slices as readonly MigSlice[], 0, A100.memorySlices);
}

/** `taken` has a bit for each memory slice. */
function place(slices: readonly MigSlice[], taken: number, total: number): number[] | undefined {
  const [slice, ...rest] = slices;
  if (slice === undefined) return [];
  for (const start of slice.starts) {
    const mask = ((1 << slice.memorySlices) - 1) << start;
    if (start + slice.memorySlices > total || (taken & mask) !== 0) continue;
    const others = place(rest, taken | mask, total);
    if (others !== undefined) return [start, ...others];
  }
  return undefined;
}
