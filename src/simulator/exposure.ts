/** A scheduler lets a thread compute for about so long before another has its core (slices of 1.5 to 3 ms, ticks of 1 to 4 ms). */
const SLICE_NS = 3e6;

/**
 * How much of what others cost it an execution bears that takes turns with them on the cores of a host, where it bore `exposure`
 * (mean 1) beside a single one. It meets each of the others in each of its slices, and what it bears is the mean of all that.
 *
 * Measured, by `perseus live` with closed loops of MobileNet and ResNet-18 on two cores, one request and eight: inferences of four to
 * eight at once deviate by 0.26 to 0.46 of their mean, of which 0.2 to 0.35 also without others; one exposure to all of them
 * gave 0.5 to 0.8, this gives 0.15 to 0.35. A p99 of Model Analyzer's, two instances of each, was predicted up to twice as long.
 *
 * The mean of exponential exposures is gamma distributed; its quantile at the same rank is taken from the cube roots of Wilson &
 * Hilferty, "The distribution of chi-square" (PNAS 17, 1931).
 *
 * @param others executions that it takes turns with, 1 or more
 * @param workNs what it would take alone
 */
export function exposureInTurns(exposure: number, others: number, workNs: number): number {
  const met = others * Math.max(1, workNs / SLICE_NS);
  const root = 1 - 1 / (9 * met) + (Math.cbrt(exposure) - 8 / 9) / Math.sqrt(met);
  return Math.max(0, root) ** 3;
}
