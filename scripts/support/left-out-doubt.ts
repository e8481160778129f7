/** How far a prediction was off on what no fit had seen. */
export interface Residual {
  /** What was left out together. */
  readonly group: string;
  /** Logarithm of measured over predicted, or its size. */
  readonly log: number;
}

/**
 * The errors that tell what to expect of a figure: those of other groups than its own, of the nearest kind that has enough of them,
 * because fewer say nothing of a tail. `near` counts the kinds; undefined where none has enough.
 */
export function comparableErrors(
  kinds: readonly (readonly Residual[])[],
  group: string,
  least: number,
): { readonly near: number; readonly logs: readonly number[] } | undefined {
  for (const [near, residuals] of kinds.entries()) {
    const logs = residuals.flatMap((each) => (each.group === group ? [] : [each.log]));
    if (logs.length >= least) return { near, logs };
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
