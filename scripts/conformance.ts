import { writeFileAtomically } from '../src/node/atomic-write.js';
import { resultsMarkdown } from '../test/live/conformance/results.js';
import { runTable } from '../test/live/conformance/run-table.js';
import { TABLE } from '../test/live/conformance/table/index.js';
import { scriptOptions } from './support/script-options.js';

const RESULTS = 'results/live/conformance.md';

const USAGE = `usage: npm run conformance -- [--runs N] [--only TEXT] [--json FILE] [--write]
  --runs N      how often the whole table runs on the real server; 1 where left out
  --only TEXT   only rows whose rule or section holds this text
  --json FILE   also write every run of every row as JSON
  --write       write ${RESULTS}
Runs the conformance table on the simulator and on a real Triton (npm run triton -- setup). A run takes half a
minute. Exit status 1 when simulator or server disagree with the table.
`;

async function main(): Promise<void> {
  const values = scriptOptions(USAGE, {
    runs: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: write a number from 1`);
  const { only } = values;
  const rows = TABLE.filter(({ rule, source }) => rule.includes(only) || source === only);
  if (rows.length === 0) throw new Error(`--only ${only}: no row of the table holds this text`);
  const report = await runTable(rows, runs, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${report.summary}\n`);
  if (values.json !== undefined)
    await writeFileAtomically(values.json, `${JSON.stringify(report, null, 1)}\n`);
  if (values.write) await writeFileAtomically(RESULTS, resultsMarkdown(report));
  if (!report.agrees) process.exitCode = 1;
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
