import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePriceBook } from '../src/cost/price-book.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { figures } from './seed/figures.js';
import { readMeasured } from './seed/measured.js';
import { readme } from './seed/readme.js';
import { type Reproduction, reproduceSeed } from './seed/reproduction.js';
import { readSetups } from './seed/setups.js';
import {
  alignedTable,
  claimed,
  errorTable,
  gainTable,
  pointsCsv,
  targetTable,
  worstTable,
} from './seed/tables.js';
import { runScript } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const CALIBRATION = 'calibration/seed';
const RESULTS = 'results/seed';

const USAGE = `usage: npm run reproduce:seed -- [--json FILE] [--data FOLDER] [--out FOLDER]
  --json FILE    also write all points as JSON
  --data FOLDER  predict the tests of another folder with measured.csv, setups.json and perhaps frontier.csv
                 (as in ${CALIBRATION}); constants still come from ${CALIBRATION}
  --out FOLDER   where table and figures go; ${RESULTS} by default, nowhere with --data
`;

function main(): void {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    data: { type: 'string' },
    out: { type: 'string' },
  });
  const data = values.data ?? CALIBRATION;
  const out = values.out ?? (values.data === undefined ? RESULTS : undefined);
  const reproduction = reproduceSeed({
    calibration: readMeasured(CALIBRATION),
    calibrationSetups: readSetups(CALIBRATION),
    measured: readMeasured(data),
    setups: readSetups(data),
    prices: parsePriceBook(readFileSync('calibration/prices.json', 'utf8')),
    onProgress: (what) => process.stderr.write(`${what} …\n`),
  });
  if (out !== undefined) writeResults(out, reproduction);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ points: reproduction.points })}\n`);
  process.stdout.write(report(reproduction, out));
}

function writeResults(folder: string, reproduction: Reproduction): void {
  mkdirSync(folder, { recursive: true });
  const files = new Map([
    ['predicted.csv', pointsCsv(reproduction.points)],
    ['README.md', readme(reproduction)],
    ...figures(reproduction),
  ]);
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
}

function report(reproduction: Reproduction, out: string | undefined): string {
  const { targets, points } = reproduction;
  const held = targets.filter(({ holds }) => holds).length;
  return `
Worst figures (latency below saturation, throughput; tests 1-3's latencies are extrapolated and left out)
${alignedTable(worstTable(claimed(points), 12))}

Median errors by test, %
${alignedTable(errorTable(points))}

What sharing a GPU saves at best (the paper: up to 12 %)
${alignedTable(gainTable(reproduction))}

Targets: ${held} of ${targets.length} hold
${alignedTable(targetTable(targets))}

Constants are fitted on tests 6 and 7. Not blind: the host's ${reproduction.setups.host.threadsAtFullSpeed} threads at full speed were in effect selected on
test 9; the shares of the GPU and the idle law were thought of with the other tests in view${out === undefined ? '' : ` (${join(out, 'README.md')})`}.
${provenance()}
`;
}

/** Machine, seed and commit; kept out of the files, which are the same everywhere. */
function provenance(): string {
  return `Made ${provenanceLine()}. Seeds: each pass has its own, its name (e.g. "test 4 pass 7").`;
}

await runScript(main);
