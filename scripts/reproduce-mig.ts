import { provenanceLine } from '../src/node/runs/package-facts.js';
import { errorsBy, resultFiles, verdict } from './mig/readme.js';
import { reproduceMig } from './mig/reproduction.js';
import { reproduction } from './support/reproduction.js';
import { terminalTable } from './support/table.js';

const CALIBRATION = 'calibration';

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
  },
  partial: ['leave-out'],
  run: ({ data, isOwnData, 'leave-out': leftOut }) =>
    reproduceMig({ file: data, isShipped: !isOwnData, leftOut, calibration: CALIBRATION }),
  files: (result) => resultFiles(result, provenanceLine()),
  json: ({ points }) => ({ points }),
  report: (result) =>
    `${verdict(result)}\n${terminalTable(errorsBy(result.points, ({ model }) => model, 'model'))}\n`,
});
