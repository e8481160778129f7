/** Fractions of a bin below which items are left out; the larger of the rest then take whole bins. */
const THRESHOLDS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5] as const;
/** Items are counted by how many of their size, a little less, would fill a bin: up to so many. */
const MOST_COUNTED = 6;
/** Sizes nearer to each other than this are equal. */
const ROUNDING = 1e-9;

/**
 * Weights of items under which no bin of size 1 holds more than 1, however it is filled: the sum of each row is a
 * lower bound on the number of bins. The first row are the sizes; the others know that items are not divided: dual
 * feasible functions of Martello and Toth, *Lower bounds and reduction procedures for the bin packing problem*,
 * Discrete Applied Mathematics 28 (1990), and of Fekete and Schepers, *New classes of fast lower bounds for bin
 * packing problems*, Mathematical Programming 91 (2001). Rows that say no more than another are left out.
 *
 * `sizes`: fractions of a bin, at most 1 each.
 */
export function binWeights(sizes: readonly number[]): readonly (readonly number[])[] {
  const rows = [
    sizes,
    ...THRESHOLDS.map((threshold) => sizes.map((size) => allOrNothing(size, threshold))),
    ...Array.from({ length: MOST_COUNTED }, (_, i) => sizes.map((size) => counted(size, i + 1))),
  ];
  return rows.filter(
    (row, r) => row.some((weight) => weight > 0) && !rows.some((other, o) => isCovered(row, other, o < r)),
  );
}

/** Beside what leaves less than the threshold there is nothing that counts. */
function allOrNothing(size: number, threshold: number): number {
  if (size < threshold) return 0;
  return size > 1 - threshold + ROUNDING ? 1 : size;
}

/** k-ths of a bin, as many as there are (k + 1)-ths strictly below the size. */
function counted(size: number, k: number): number {
  return Math.max(0, Math.ceil((k + 1) * size - ROUNDING) - 1) / k;
}

/** Whether another row says at least as much of every item; of equal rows the first stays. */
function isCovered(row: readonly number[], other: readonly number[], isEarlier: boolean): boolean {
  if (row === other) return false;
  const isLess = row.some((weight, i) => weight < other[i]!);
  return row.every((weight, i) => weight <= other[i]!) && (isLess || isEarlier);
}
