import { quantile } from 'simple-statistics';

/** How far a prediction was off on what no fit had seen. */
export interface Residual {
  /** What was left out together. */
  readonly group: string;
  /** Logarithm of measured over predicted, or its size. */
  readonly log: number;
}

/** The quantile of the errors that an interval reaches to, before it is widened. */
const REACH = 0.95;

/**
 * How far, as a logarithm, the errors reach that tell what to expect of a figure: those of other groups than its own, of the nearest
 * kind that has enough of them, because fewer say nothing of a tail. `near` counts the kinds; undefined where none has enough.
 */
export function comparableReach(
  kinds: readonly (readonly Residual[])[],
  group: string,
  least: number,
): { readonly near: number; readonly reach: number } | undefined {
  for (const [near, residuals] of kinds.entries()) {
    const errors = residuals.flatMap((each) => (each.group === group ? [] : [Math.abs(each.log)]));
    if (errors.length >= least) return { near, reach: quantile(errors, REACH) };
  }
  return undefined;
}

/** The least factor on all reaches, up to `most`, with which so many percent of left-out figures lie in their intervals. */
export function leastWidening(most: number, wantedPercent: number, coverageWith: (factor: number) => number) {
  let factor = 1;
  for (let step = 1; factor < most && coverageWith(factor) < wantedPercent; step++)
    factor = Number((1 + step / 20).toFixed(2));
  return factor;
}
