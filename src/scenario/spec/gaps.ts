import type { Path } from '../../base/path.js';

/** What is missing of a file because it was wrong, and told already: nobody needs to hear that it is missing. */
export interface Gaps {
  /** Whether the value at the path, or what held it, was taken out. */
  readonly at: (path: Path) => boolean;
  /** What was taken out below the path, by the first step to it. */
  readonly below: (path: Path) => readonly (string | number)[];
}

export const NO_GAPS: Gaps = { at: () => false, below: () => [] };

/** The gaps that were left by what stood at `removed`; `originalPath` says where a path of today led then. */
export function gapsAt(removed: readonly Path[], originalPath: (path: Path) => Path): Gaps {
  return {
    at: (path) => {
      const original = originalPath(path);
      return removed.some((gap) => leadsThrough(original, gap));
    },
    below: (path) => {
      const original = originalPath(path);
      return removed.flatMap((gap) => {
        const step = gap[original.length];
        return step !== undefined && leadsThrough(gap, original) ? [step] : [];
      });
    },
  };
}

/** Whether `path` is `part` or leads into it. */
export function leadsThrough(path: Path, part: Path): boolean {
  return part.length <= path.length && part.every((step, i) => step === path[i]);
}
