import { mean } from 'simple-statistics';
import { WORK_RULE, type WorkRule, withDeviceWork } from '../../src/calibrate/device-work.js';
import { crowdedTimes } from '../../src/profile/crowded.js';
import { type Cell, MOST_FITTED, type SliceCells, servicePoint, soloCells } from '../profiles/parvagpu.js';

/** Of a figure of the source, as the rule's constants say. */
export const MEASURED_ERROR = WORK_RULE.measuredError;

const CHOICES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1];

/**
 * The rule whose device work, from lone executions alone, tells best what two and three of them beside each other
 * take; and its mean error there (of the logarithm). Of cells that do not tell it, the rule of all others.
 */
export function chooseRule(groups: readonly SliceCells[]): {
  readonly rule: WorkRule;
  readonly error: number;
} {
  const tried = CHOICES.map((furtherInferences) => {
    const rule = { ...WORK_RULE, furtherInferences };
    return { rule, errors: groups.flatMap((group) => errorsOf(group.cells, rule)) };
  });
  if (tried[0]!.errors.length === 0) return { rule: WORK_RULE, error: 0 };
  return tried
    .map(({ rule, errors }) => ({ rule, error: mean(errors) }))
    .reduce((best, each) => (each.error < best.error ? each : best));
}

function errorsOf(cells: readonly Cell[], rule: WorkRule): readonly number[] {
  const service = withDeviceWork(soloCells(cells).map(servicePoint), [], rule);
  const points = new Map(service.map((point) => [point.batchSize, point]));
  return cells.flatMap(({ batchSize, processes, ms }) => {
    const point = points.get(batchSize);
    if (point === undefined || processes === 1 || processes > MOST_FITTED) return [];
    const fill = (point.deviceMs ?? point.inferMs) / point.inferMs;
    return [Math.abs(Math.log(ms / point.inferMs / crowdedTimes(fill, processes * fill)))];
  });
}
