import { InputError } from '../src/base/problem.js';
import type { WorkRule } from '../src/calibrate/device-work.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { chooseRule } from './mig/choose-rule.js';
import { errorsBy, METRIC_NAMES, resultFiles, verdict } from './mig/readme.js';
import { LEAST_PREDICTED, predictCells, reproduceMig } from './mig/reproduction.js';
import { parvaCells, type SliceCells, sliceProfiles } from './profiles/parvagpu.js';
import { LeftOut } from './support/left-out-page.js';
import { reproduction } from './support/reproduction.js';
import { terminalTable } from './support/table.js';

/**
 * Predicts the cells of every model by a rule that was chosen without it: from up to three processes of its own, as its profiles
 * are, and from lone ones alone.
 */
function leaveEachOut(file: string, onProgress: (what: string) => void): LeftOut {
  const groups = parvaCells(file);
  const models = [...new Set(groups.map(({ model }) => model))];
  const points = models.flatMap((leftOut) => {
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
  return new LeftOut(points, {
    title: 'Processes on a MIG slice, each model left out',
    file: 'left-out',
    command: 'npm run reproduce:mig -- --leave-one-out',
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

await reproduction({
  name: 'mig',
  about: 'Predicts four and five processes on a MIG slice from one to three.',
  data: {
    from: '../shared/data/profiles/parvagpu_a100_mig.csv',
    takes: 'FILE',
    help: 'cells with the columns model, mig_gpcs, batch, processes, throughput_per_s, latency_s',
  },
  results: 'results/mig',
  options: {
    'leave-out': {
      takes: 'TEXT',
      help: 'models whose name holds this text have no part in the choice of the rule;\nprofiles are fitted anew',
    },
    'leave-one-out': {
      help: 'predicts every model by a rule that was chosen without it; writes left-out.md and\nleft-out.csv and no other result',
    },
  },
  partial: ['leave-out'],
  run: ({ data, isOwnData, 'leave-out': leftOut, 'leave-one-out': isEach }, onProgress) => {
    const result = isEach
      ? leaveEachOut(data, onProgress)
      : reproduceMig({ file: data, isShipped: !isOwnData, leftOut });
    if (result.points.length > 0) return result;
    throw InputError.of(
      `no row has ${LEAST_PREDICTED} or more processes and a lone one of the same model, slice and batch`,
      'add such rows, which are predicted, and those of 1 to 3 processes, from which they are',
      { file: data, path: 'processes' },
    );
  },
  files: (result) => resultFiles(result, provenanceLine()),
  json: ({ points }) => ({ points }),
  report: (result) =>
    `${verdict(result)}\n${terminalTable(errorsBy(result.points, ({ model }) => model, 'model'))}\n`,
});
