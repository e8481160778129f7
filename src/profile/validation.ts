import type { ModelProfile } from './profile.js';

/** Asked of predicted throughputs of these tables is a mean error of at most 10 % (`results/nvidia`): beyond that a profile is in doubt. */
const MOST_ERROR_PERCENT = 10;

/**
 * Why the throughput that a profile predicts is not to be trusted, with the measured and the predicted figure. Undefined where it
 * came near to what was measured, and where it was held against nothing. A placeholder is always in doubt.
 */
export function doubtOf({ validation, placeholder }: ModelProfile): string | undefined {
  if (placeholder === true) return 'its profile is a placeholder: nobody measured its times';
  if (validation === undefined || validation.meanErrorPercent <= MOST_ERROR_PERCENT) return undefined;
  const { source, device, points, meanErrorPercent, worst } = validation;
  const own =
    device === undefined
      ? 'its throughput'
      : `the profile for ${device} is made in the same way, whose throughput`;
  const predicted = `for ${worst.load} it predicts ${figure(worst.predictedPerS)} inferences/s where ${figure(worst.measuredPerS)} were measured`;
  return `${own} is off by ${figure(meanErrorPercent)} % on average over ${points} measured loads; ${predicted} (${source})`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(value < 1000 ? 2 : 4)));
}
