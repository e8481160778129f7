import type { WorkRule } from '../../src/calibrate/device-work.js';
import { parvaCells, type SliceCells, sliceProfiles } from '../profiles/parvagpu.js';
import type { LeftOutPoint } from '../support/errors-by.js';
import type { LeftOutPage } from '../support/left-out-page.js';
import { chooseRule } from './choose-rule.js';
import { METRIC_NAMES } from './readme.js';
import { predictCells } from './reproduction.js';

/**
 * Predicts the cells of every model by a rule that was chosen without it: from up to three processes of its own, as its profiles
 * are, and from lone ones alone.
 */
export function leaveEachOut(file: string, onProgress: (what: string) => void): readonly LeftOutPoint[] {
  const groups = parvaCells(file);
  const models = [...new Set(groups.map(({ model }) => model))];
  return models.flatMap((leftOut) => {
    onProgress(leftOut);
    const { rule } = chooseRule(groups.filter(({ model }) => model !== leftOut));
    const own = groups.filter(({ model }) => model === leftOut);
    const lone = own.map((group) => ({
      ...group,
      cells: group.cells.filter(({ processes }) => processes === 1),
    }));
    return [
      ...unseen(own, own, rule).map((point) => ({ ...point, by: 'rule' })),
      ...unseen(own, lone, rule).map((point) => ({ ...point, by: 'lone' })),
    ].map((point) => ({ ...point, leftOut }));
  });
}

function unseen(groups: readonly SliceCells[], seen: readonly SliceCells[], rule: WorkRule) {
  const profiles = sliceProfiles(seen, rule);
  const { points } = predictCells(groups, ({ file }) => profiles.get(file));
  return points.map((point) => ({
    ...point,
    what: `${point.slice}, batch ${point.batchSize}, ${point.processes} processes`,
  }));
}

export function leftOutPage(provenance: string): LeftOutPage {
  return {
    title: 'Processes on a MIG slice, each model left out',
    file: 'left-out',
    command: 'npm run reproduce:mig -- --leave-one-out',
    provenance,
    rows: 'cells',
    metrics: METRIC_NAMES,
    kinds: {
      rule: {
        heading: 'The rule chosen without the model',
        how: 'Its own one to three processes give its profile, as in the shipped ones.',
      },
      lone: {
        heading: 'Only lone processes of the model',
        how: 'No two of its processes were ever seen beside each other: all follows from its batch sizes and from other models.',
      },
    },
    remarks: `The exponent of the law, 3, was chosen with all models in view ([crowded.ts](../../src/profile/crowded.ts)).`,
  };
}
