import { plural } from '../base/plural.js';
import type { FitSummary, ModelProfile } from './profile.js';

/** Asked of predicted throughputs of these tables is a mean error of at most 10 % (`results/nvidia`): beyond that a profile is in doubt. */
const MOST_ERROR_PERCENT = 10;

/**
 * Why the throughput that a profile predicts is not to be trusted, with the measured and the predicted figure. Undefined where it
 * came near to what was measured, and where it was held against nothing. A placeholder is always in doubt.
 */
export function doubtOf({ validation, fit, placeholder }: ModelProfile): string | undefined {
  if (placeholder === true) return 'its profile is a placeholder: nobody measured its times';
  if (validation === undefined && fit !== undefined && missesOwnPoints(fit))
    return `its fit gives back the ${fit.points} measured points that it was made of within ${figure(fit.meanErrorPercent)} % on average, ${figure(fit.maxErrorPercent)} % at worst`;
  if (validation === undefined || validation.meanErrorPercent <= MOST_ERROR_PERCENT) return undefined;
  const { source, device, models, points, meanErrorPercent, worst } = validation;
  const others =
    models === undefined ? `the profile for ${device} is` : `profiles of ${models} other models are`;
  const isOwn = device === undefined && models === undefined;
  const own = isOwn ? 'its throughput' : `${others} made in the same way, whose throughput`;
  const predicted = `for ${worst.load} it predicts ${figure(worst.predictedPerS)} inferences/s where ${figure(worst.measuredPerS)} were measured`;
  return `${own} is off by ${figure(meanErrorPercent)} % on average over ${points} measured loads; ${predicted} (${source})`;
}

/** Whether a fit is off the very points that it was made of by more than is asked for. */
export function missesOwnPoints({ heldOut, meanErrorPercent }: FitSummary): boolean {
  return heldOut === 0 && meanErrorPercent > MOST_ERROR_PERCENT;
}

/**
 * How far off the profiles in use were of what somebody measured, in a line: of loads that they were held against, and of points
 * of their fits. Undefined where there is neither.
 */
export function errorsText(profiles: readonly ModelProfile[]): string | undefined {
  const loads = profiles.flatMap(({ validation }) => {
    if (validation === undefined) return [];
    const { points, meanErrorPercent: mean, worst } = validation;
    return [{ points, mean, worst: 100 * Math.abs(worst.predictedPerS / worst.measuredPerS - 1) }];
  });
  const fits = profiles.flatMap(({ validation, fit }) =>
    validation !== undefined || fit === undefined || fit.heldOut === 0
      ? []
      : [{ points: fit.points, mean: fit.meanErrorPercent, worst: fit.maxErrorPercent }],
  );
  const parts = [
    ...offText(loads, 'measured load'),
    ...offText(fits, 'measured point of their fits', 'measured points of their fits'),
  ];
  return parts.length === 0 ? undefined : `profiles in use are off by ${parts.join(', and by ')}`;
}

interface Errors {
  readonly points: number;
  readonly mean: number;
  readonly worst: number;
}

function offText(errors: readonly Errors[], one: string, many = `${one}s`): string[] {
  if (errors.length === 0) return [];
  const points = errors.reduce((sum, each) => sum + each.points, 0);
  const mean = errors.reduce((sum, each) => sum + each.points * each.mean, 0) / points;
  const worst = Math.max(...errors.map((each) => each.worst));
  return [
    `${figure(mean)} % on average and ${figure(worst)} % at worst over ${points} ${plural(points, one, many)}`,
  ];
}

function figure(value: number): string {
  return String(Number(value.toPrecision(value < 1000 ? 2 : 4)));
}
