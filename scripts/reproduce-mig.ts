import { provenanceLine } from '../src/node/runs/package-facts.js';
import { leaveEachOut, leftOutPage } from './mig/left-out.js';
import { errorsBy, resultFiles, verdict } from './mig/readme.js';
import { type MigReproduction, reproduceMig } from './mig/reproduction.js';
import type { LeftOutPoint } from './support/errors-by.js';
import { leftOutFiles, leftOutReport } from './support/left-out-page.js';
import { reproduction } from './support/reproduction.js';
import { terminalTable } from './support/table.js';

const CALIBRATION = 'calibration';

/** One of both. */
type Result =
  | { readonly whole: MigReproduction; readonly leftOut?: undefined }
  | { readonly whole?: undefined; readonly leftOut: readonly LeftOutPoint[] };

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
  run: ({ data, isOwnData, 'leave-out': leftOut, 'leave-one-out': isEach }, onProgress): Result =>
    isEach
      ? { leftOut: leaveEachOut(data, onProgress) }
      : { whole: reproduceMig({ file: data, isShipped: !isOwnData, leftOut, calibration: CALIBRATION }) },
  files: ({ whole, leftOut }) =>
    whole === undefined
      ? leftOutFiles(leftOut, leftOutPage(provenanceLine()))
      : resultFiles(whole, provenanceLine()),
  json: ({ whole, leftOut }) => ({ points: whole?.points ?? leftOut }),
  report: ({ whole, leftOut }) =>
    whole === undefined
      ? leftOutReport(leftOut, leftOutPage(provenanceLine()))
      : `${verdict(whole)}\n${terminalTable(errorsBy(whole.points, ({ model }) => model, 'model'))}\n`,
});
