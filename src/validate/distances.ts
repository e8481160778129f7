/**
 * Largest difference between the distribution functions of two samples (Kolmogorov-Smirnov), 0 to 1.
 * Both ascending. NaN where one is empty.
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === 0 || b.length === 0 ? Number.NaN : 0;
  walk(a, b, (difference) => {
    largest = Math.max(largest, Math.abs(difference));
  });
  return largest;
}

/**
 * Area between the distribution functions of two samples (Wasserstein-1): how far the values of one
 * must be moved on average to become the other. Both ascending. NaN where one is empty.
 */
export function wasserstein1(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let area = a.length === 0 || b.length === 0 ? Number.NaN : 0;
  walk(a, b, (difference, width) => {
    area += Math.abs(difference) * width;
  });
  return area;
}

/** Visits the steps of F_a - F_b in order: its value after each step, and the width until the next. */
function walk(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  visit: (difference: number, width: number) => void,
): void {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    if (Number.isNaN(at)) return;
    while (i < a.length && a[i]! <= at) i++;
    while (j < b.length && b[j]! <= at) j++;
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    visit(i / a.length - j / b.length, Number.isFinite(next) ? next - at : 0);
  }
}

/** Executions of one batch size as shares of all, in percent. */
export interface BatchShare {
  readonly batchSize: number;
  readonly measuredPercent: number;
  readonly predictedPercent: number;
}

/** Shares of each batch size that either side executed. */
export function batchShares(measured: readonly number[], predicted: readonly number[]): BatchShare[] {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const [allMeasured, allPredicted] = [total(measured), total(predicted)];
  const length = Math.max(measured.length, predicted.length);
  const shares: BatchShare[] = [];
  for (let batchSize = 0; batchSize < length; batchSize++) {
    const [ours, theirs] = [predicted[batchSize] ?? 0, measured[batchSize] ?? 0];
    if (ours === 0 && theirs === 0) continue;
    shares.push({
      batchSize,
      measuredPercent: (100 * theirs) / allMeasured,
      predictedPercent: (100 * ours) / allPredicted,
    });
  }
  return shares;
}

/** The largest difference of the shares, in percentage points. */
export function largestShareError(shares: readonly BatchShare[]): number {
  return shares.reduce(
    (most, { measuredPercent, predictedPercent }) =>
      Math.max(most, Math.abs(predictedPercent - measuredPercent)),
    0,
  );
}
