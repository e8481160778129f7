import { provenanceLine } from '../src/node/runs/package-facts.js';
import { readProfiles } from '../src/node/scenario/profile-files.js';
import { measureCases } from './closed-loops/measure.js';
import { casesTable, pointsOf, resultFiles, verdict } from './closed-loops/readme.js';
import { judgeClosedLoops } from './closed-loops/reproduction.js';
import { readMeasured } from './closed-loops/rows.js';
import { reproduction } from './support/reproduction.js';
import { countOf } from './support/script-options.js';
import { terminalTable } from './support/table.js';

await reproduction({
  name: 'closed-loops',
  about: `Closed loops of NVIDIA's perf_analyzer, 1 to 64 clients, simulated with its threads and with ideal clients.
--measure needs \`npm run triton -- setup\` and a quiet machine: two runs of each case take about 6 minutes. What was measured is kept at once.`,
  data: {
    from: 'results/closed-loops/measured.csv',
    takes: 'FILE',
    help: 'runs as they were measured',
    madeBy: 'measure',
  },
  results: 'results/closed-loops',
  options: {
    measure: { help: 'measure first what the file lacks' },
    repeats: { takes: 'N', default: '2', help: 'runs of each case, with --measure' },
    'leave-out': {
      takes: 'TEXT',
      isValueOptional: true,
      help: 'choose what a resend costs without cases whose name holds this text;\nwithout a text for each case by all others',
    },
    profiles: {
      takes: 'FOLDER',
      default: 'calibration/cpu-sample',
      help: 'profiles of the models',
    },
  },
  partial: ['leave-out', 'profiles'],
  run: async (given, onProgress) => {
    if (given.measure) await measureCases(given.data, countOf('repeats', given.repeats), onProgress);
    return judgeClosedLoops({
      rows: readMeasured(given.data),
      profiles: (await readProfiles([given.profiles])).map(({ profile }) => profile),
      leftOut: given['leave-out'],
      onProgress,
    });
  },
  files: (result) => resultFiles(result, provenanceLine()),
  json: (result) => ({ points: pointsOf(result) }),
  seeds: 'those of the scenarios',
  report: (result) => `${verdict(result)}\n${terminalTable(casesTable(result))}\n`,
});
