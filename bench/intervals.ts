import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { requireNumbers } from '../src/cli/number-options.js';
import { intervalCases } from './interval-cases/cases.js';
import { type Coverage, coverageOf } from './interval-cases/coverage.js';

const USAGE = `usage: npm run bench:intervals -- [--runs N] [--only TEXT]
  --runs N      runs of each case (400)
  --only TEXT   only loads whose name holds this text
How often the 95 % intervals of a simulation hold the truth. Prints a table of shares in percent: of the runs that give an
interval, how many hold the truth, and of all, how many give none.
`;

const HEADER = ['load', 'requests', 'runs', 'figure', 'holds %', 'none %', 'median width %'];

function row({ load, requests, runs, figure, heldPercent, silentPercent, widthPercent }: Coverage): string {
  const shares = [heldPercent, silentPercent, widthPercent].map((share) => share.toFixed(1));
  return `| ${[load, requests, runs, figure, ...shares].join(' | ')} |`;
}

function main(): void {
  const values = scriptOptions(USAGE, {
    runs: { type: 'string', default: '400' },
    only: { type: 'string', default: '' },
  });
  const runs = Number(values.runs);
  requireNumbers({ runs: [runs, { from: 1, whole: true }] });
  process.stdout.write(`| ${HEADER.join(' | ')} |\n|${'---|'.repeat(HEADER.length)}\n`);
  for (const loadCase of intervalCases()) {
    if (!loadCase.name.includes(values.only)) continue;
    for (const requests of [2400, 20_000]) {
      for (const coverage of coverageOf(loadCase, requests, runs)) {
        process.stdout.write(`${row(coverage)}\n`);
      }
    }
  }
}

await runScript(main);
