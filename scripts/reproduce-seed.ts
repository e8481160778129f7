import { readFileSync } from 'node:fs';
import { InputError } from '../src/base/problem.js';
import { parsePriceBook } from '../src/cost/parse-price-book.js';
import { figures } from './seed/figures.js';
import { readMeasured } from './seed/measured.js';
import { readme, report } from './seed/readme.js';
import { nameOf, nameOfFigurePoint, reproduceSeed } from './seed/reproduction.js';
import { readSetups } from './seed/setups.js';
import { pointsCsv } from './seed/tables.js';
import { reproduction } from './support/reproduction.js';

const CALIBRATION = 'calibration/seed';

await reproduction({
  name: 'seed',
  about:
    'Fits constants on tests 6 and 7 of the paper, and predicts all others and its frontiers of two models on one and two GPUs.',
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
      help: 'passes and points of the figure that no fit may see, by a part of their names, e.g.\n"test 7 resnet50 pass 1" or "Two-T4"; they are then predicted like all others',
    },
  },
  partial: ['leave-out'],
  seeds: 'each pass has its own, its name (e.g. "test 4 pass 7")',
  run: ({ data, isOwnData, 'leave-out': leftOut }, onProgress) => {
    const calibration = readMeasured(CALIBRATION);
    const names = [...calibration.passes.map(nameOf), ...calibration.frontier.map(nameOfFigurePoint)];
    const isLeftOut = (name: string) => leftOut !== undefined && name.includes(leftOut);
    if (leftOut !== undefined && !names.some(isLeftOut))
      throw InputError.of(`no pass and no point of the figure is called "${leftOut}"`, 'give another text', {
        path: '--leave-out',
      });
    const calibrationSetups = readSetups(CALIBRATION);
    return reproduceSeed({
      calibration,
      calibrationSetups,
      measured: isOwnData ? readMeasured(data) : calibration,
      setups: isOwnData ? readSetups(data) : calibrationSetups,
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
