import { fitsTogether, type MigLayout, type MigSlice } from '../scenario/mig.js';

/** Slices side by side on one GPU, largest first. */
export type SliceSet = readonly MigSlice[];

/**
 * Every set of the given slices that fits on one GPU and to which none of them can be added. What
 * fits at all is part of one of them, so that a plan need not look at others.
 */
export function fullLayouts(layout: MigLayout, names: readonly string[]): readonly SliceSet[] {
  const slices = layout.slices
    .filter(({ name }) => names.includes(name))
    .sort((a, b) => b.memorySlices - a.memorySlices || b.computeSlices - a.computeSlices);
  const found: SliceSet[] = [];
  extend([], 0);
  return found;

  /** Adds slices in order, so that each set is met once. */
  function extend(chosen: SliceSet, from: number): void {
    if (isFull(chosen)) found.push(chosen);
    for (let i = from; i < slices.length; i++) {
      const more = [...chosen, slices[i]!];
      if (fits(more, layout)) extend(more, i);
    }
  }

  function isFull(chosen: SliceSet): boolean {
    return chosen.length > 0 && slices.every((slice) => !fits([...chosen, slice], layout));
  }
}

/** {@link fitsTogether}, and no more compute slices than the whole GPU has. */
function fits(slices: SliceSet, layout: MigLayout): boolean {
  const compute = slices.reduce((sum, slice) => sum + slice.computeSlices, 0);
  const whole = layout.slices.reduce((most, slice) => Math.max(most, slice.computeSlices), 0);
  return compute <= whole && fitsTogether(slices, layout);
}
