import { crowdedTimes } from '../profile/crowded.js';
import type { ServicePoint } from '../profile/profile.js';

/** What an execution took while always so many, it included, ran side by side on the device. */
export interface SideBySide {
  readonly batchSize: number;
  readonly count: number;
  readonly inferMs: number;
}

/** The constants of {@link withDeviceWork}, which a reproduction may choose anew with a model left out. */
export interface WorkRule {
  /** Inferences that every execution costs the device on top of its own, at the rate of its best batch. */
  readonly furtherInferences: number;
  /** Standard deviation of the logarithm of what the rule says, from one model to another. */
  readonly ruleError: number;
  /** The same of one measured figure. */
  readonly measuredError: number;
}

/**
 * Chosen on the cells of ParvaGPU's A100 with 1 to 3 processes (11 models, 5 slices): without any cell of several
 * processes the rule's mean error is 12 % where 0.3 to 0.7 further inferences do about as well, fair halves have 48 %.
 */
export const WORK_RULE: WorkRule = { furtherInferences: 0.6, ruleError: 0.4, measuredError: 0.05 };

/** An execution that leaves nearly all of a device free, and ones that lose a third when they meet. */
const LEAST_FILL = 0.01;
const MOST_FILL = 1.4;
const STEPS = 400;
const FILLS = Array.from(
  { length: STEPS },
  (_, i) => LEAST_FILL * (MOST_FILL / LEAST_FILL) ** (i / (STEPS - 1)),
);

/**
 * Adds to service points what the device works for an execution.
 *
 * A device is full where larger batches gain nothing: the best batch's time for an inference is what an inference costs
 * the device, and an execution costs it a little more than its inferences. Executions measured side by side correct
 * that, each batch size by itself: the likeliest fill, of the rule's (lognormal) and the measured ones'. Where neither
 * other sizes nor executions side by side are known nothing tells the work, and an execution counts as filling the device.
 *
 * @param sideBySide of the same model on the same device, any batch sizes and numbers
 */
export function withDeviceWork(
  service: readonly ServicePoint[],
  sideBySide: readonly SideBySide[] = [],
  rule: WorkRule = WORK_RULE,
): readonly ServicePoint[] {
  const perInferenceMs = Math.min(...service.map(({ batchSize, inferMs }) => inferMs / batchSize));
  return service.map((point) => {
    const { batchSize, inferMs } = point;
    if (inferMs === 0) return { ...point, deviceMs: 0, deviceMsError: 0 };
    const expected = Math.min(1, (perInferenceMs * (batchSize + rule.furtherInferences)) / inferMs);
    const own = sideBySide.filter((run) => run.batchSize === batchSize && run.count > 1);
    if (service.length === 1 && own.length === 0) return point;
    const { fill, error } = likeliest(expected, own, inferMs, rule);
    return { ...point, deviceMs: fill * inferMs, deviceMsError: error };
  });
}

/** The fill of the highest posterior, and the standard deviation of its logarithm. */
function likeliest(
  expected: number,
  runs: readonly SideBySide[],
  inferMs: number,
  { ruleError, measuredError }: WorkRule,
): { readonly fill: number; readonly error: number } {
  if (runs.length === 0) return { fill: expected, error: ruleError };
  const squares = FILLS.map((fill) => {
    const prior = (Math.log(fill / expected) / ruleError) ** 2;
    return runs.reduce((sum, run) => {
      const times = crowdedTimes(fill, run.count * fill);
      return sum + (Math.log(run.inferMs / inferMs / times) / measuredError) ** 2;
    }, prior);
  });
  const least = Math.min(...squares);
  const weights = squares.map((square) => Math.exp((least - square) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const logs = FILLS.map(Math.log);
  const mean = logs.reduce((sum, log, i) => sum + log * weights[i]!, 0) / total;
  const variance = logs.reduce((sum, log, i) => sum + (log - mean) ** 2 * weights[i]!, 0) / total;
  return { fill: FILLS[squares.indexOf(least)]!, error: Math.sqrt(variance) };
}
