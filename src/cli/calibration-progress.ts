import type { CalibrationProgress } from '../calibrate/calibrate.js';

/** A line of progress: the point that is measured next, the time that was spent, and what keeps the measurement from being good. */
export function calibrationProgress({
  experiment,
  number,
  of,
  spentS,
  budgetS,
  otherCores,
}: CalibrationProgress): string {
  const [spent, budget] = [Math.round(spentS), Math.round(budgetS)];
  const time =
    spentS < budgetS
      ? `${spent} of ${budget} s`
      : `${spent} s: the budget of ${budget} s is spent, but there is no profile without this point`;
  const busy =
    otherCores > 0 ? `; something else keeps ${otherCores.toFixed(1)} cores of this machine busy` : '';
  return `${number}/${of} ${experiment.id} (${time})${busy}`;
}
