import { InputError } from '../src/base/problem.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { resultsMarkdown } from '../test/live/conformance/results.js';
import { runTable } from '../test/live/conformance/run-table.js';
import { TABLE } from '../test/live/conformance/table/index.js';
import { jsonText } from './support/reproduction.js';
import { runScript, say } from './support/run-script.js';
import { countOf, scriptOptions } from './support/script-options.js';

const RESULTS = 'results/live/conformance.md';

const ABOUT = `Runs the conformance table on the simulator and on a real Triton (npm run triton -- setup). A run takes half a
minute. Exit status 1 when simulator or server disagree with the table.`;

async function main(): Promise<number> {
  const values = scriptOptions('npm run conformance', ABOUT, {
    runs: { takes: 'N', default: '1', help: 'how often the whole table runs on the real server' },
    only: { takes: 'TEXT', default: '', help: 'only rows whose rule or section holds this text' },
    json: { takes: 'FILE', help: 'also write every run of every row as JSON' },
    write: { help: `write ${RESULTS}` },
  });
  const runs = countOf('runs', values.runs);
  const { only } = values;
  const rows = TABLE.filter(({ rule, source }) => rule.includes(only) || source === only);
  if (rows.length === 0)
    throw InputError.of(`no row of the table holds "${only}"`, 'give a part of a rule, or a section', {
      path: '--only',
    });
  const report = await runTable(rows, runs, say);
  process.stdout.write(`${report.summary}\n`);
  if (values.json !== undefined) await writeFileAtomically(values.json, jsonText(report));
  if (values.write) await writeFileAtomically(RESULTS, resultsMarkdown(report));
  return report.agrees ? 0 : 1;
}

await runScript(main);
