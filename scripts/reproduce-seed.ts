import { readFileSync } from 'node:fs';
import { InputError } from '../src/base/problem.js';
import { parsePriceBook } from '../src/cost/price-book.js';
import { figures } from './seed/figures.js';
import { readMeasured } from './seed/measured.js';
import { pointsCsv, readme, report } from './seed/readme.js';
import { nameOf, reproduceSeed } from './seed/reproduction.js';
import { readSetups } from './seed/setups.js';
import { reproduction } from './support/reproduction.js';

const CALIBRATION = 'calibration/seed';

await reproduction({
  name: 'seed',
  about:
    'Fits constants on tests 6 and 7 of the paper, and predicts all others and its frontier of two models on one GPU.',
  data: {
    from: CALIBRATION,
    takes: 'FOLDER',
    help: `predict the tests of another folder with measured.csv, setups.json and\nperhaps frontier.csv; constants still come from ${CALIBRATION}`,
    needs: ['measured.csv', 'setups.json'],
  },
  results: 'results/seed',
  options: {
    'leave-out': {
      takes: 'TEXT',
      help: 'passes that the fit may not see, by a part of their names, e.g.\n"test 7 resnet50 pass 1"; they are then predicted like those of other tests',
    },
  },
  partial: ['leave-out'],
  seeds: 'each pass has its own, its name (e.g. "test 4 pass 7")',
  run: ({ data, 'leave-out': leftOut }, onProgress) => {
    const calibration = readMeasured(CALIBRATION);
    const isLeftOut = (pass: (typeof calibration.passes)[number]) =>
      leftOut !== undefined && nameOf(pass).includes(leftOut);
    if (leftOut !== undefined && !calibration.passes.some(isLeftOut))
      throw InputError.of(`no pass is called "${leftOut}"`, 'give another text', { path: '--leave-out' });
    return reproduceSeed({
      calibration,
      calibrationSetups: readSetups(CALIBRATION),
      measured: readMeasured(data),
      setups: readSetups(data),
      prices: parsePriceBook(readFileSync('calibration/prices.json', 'utf8')),
      isLeftOut,
      onProgress,
    });
  },
  files: (result) =>
    new Map([['predicted.csv', pointsCsv(result.points)], ['README.md', readme(result)], ...figures(result)]),
  json: ({ points }) => ({ points }),
  report,
});
