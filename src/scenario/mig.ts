/**
 * How a multi-instance GPU can be divided: NVIDIA's MIG User Guide, "Supported MIG Profiles". A
 * slice takes memory slices of the GPU, from one of a few places on.
 */
export interface MigSlice {
  readonly name: string;
  readonly computeSlices: number;
  readonly memorySlices: number;
  /** Memory slices at which it may begin. */
  readonly starts: readonly number[];
}

export interface MigLayout {
  /** Memory slices of the whole GPU. */
  readonly memorySlices: number;
  readonly slices: readonly MigSlice[];
}

/** What a GPU of this kind may be divided into; undefined for GPUs that cannot be divided. */
export function migLayout(kind: string): MigLayout | undefined {
  if (/\bA30\b/i.test(kind)) return A30;
  if (/\bA100\b/i.test(kind)) return /\b80GB\b/i.test(kind) ? EIGHTY_GB : FORTY_GB;
  return /\bH100\b/i.test(kind) ? EIGHTY_GB : undefined;
}

/** Whether a kind of device is a slice beside which others can stand: the largest is the whole GPU. */
export function isMigSlice(kind: string): boolean {
  const computeSlices = Number(/ MIG (\d+)g\./.exec(kind)?.[1]);
  return computeSlices < (computeSlicesOf(kind) ?? 0);
}

/** Compute slices of a whole GPU of this kind, or of the GPU that a slice of this kind is of; undefined where it cannot be divided. */
export function computeSlicesOf(kind: string): number | undefined {
  const slices = migLayout(kind)?.slices;
  return slices && Math.max(...slices.map(({ computeSlices }) => computeSlices));
}

/**
 * Whether slices can stand side by side on one GPU. Memory slices decide: a 3g slice takes four of
 * the eight, so that no more fits beside two of them although a compute slice is left.
 */
export function fitsTogether(slices: readonly MigSlice[], layout: MigLayout): boolean {
  const largestFirst = [...slices].sort((a, b) => b.memorySlices - a.memorySlices);
  return placesTogether(largestFirst, layout) !== undefined;
}

/** The memory slice at which each of the slices begins, side by side; undefined where there is no place for all. */
export function placesTogether(
  slices: readonly MigSlice[],
  layout: MigLayout,
): readonly number[] | undefined {
  return place(slices, 0, layout.memorySlices);
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

function slice(name: string, memorySlices: number, starts: readonly number[]): MigSlice {
  return { name, computeSlices: Number.parseInt(name, 10), memorySlices, starts };
}

const A30: MigLayout = {
  memorySlices: 4,
  slices: [slice('1g.6gb', 1, [0, 1, 2, 3]), slice('2g.12gb', 2, [0, 2]), slice('4g.24gb', 4, [0])],
};

const FORTY_GB: MigLayout = {
  memorySlices: 8,
  slices: [
    slice('1g.5gb', 1, [0, 1, 2, 3, 4, 5, 6]),
    slice('1g.10gb', 2, [0, 2, 4, 6]),
    slice('2g.10gb', 2, [0, 2, 4]),
    slice('3g.20gb', 4, [0, 4]),
    slice('4g.20gb', 4, [0]),
    slice('7g.40gb', 8, [0]),
  ],
};

const EIGHTY_GB: MigLayout = {
  memorySlices: 8,
  slices: [
    slice('1g.10gb', 1, [0, 1, 2, 3, 4, 5, 6]),
    slice('1g.20gb', 2, [0, 2, 4, 6]),
    slice('2g.20gb', 2, [0, 2, 4]),
    slice('3g.40gb', 4, [0, 4]),
    slice('4g.40gb', 4, [0]),
    slice('7g.80gb', 8, [0]),
  ],
};
