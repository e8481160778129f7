import { InputError } from '../src/base/problem.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { compositionsMarkdown } from '../test/live/conformance/compositions/results.js';
import { runCompositions } from '../test/live/conformance/compositions/run-table.js';
import { COMPOSITIONS } from '../test/live/conformance/compositions/table/index.js';
import { runScript, say } from './support/run-script.js';
import { countOf, scriptOptions } from './support/script-options.js';

const RESULTS = 'results/live/conformance-compositions.md';

const ABOUT = `Runs the conformance table of ensembles, sequences, caches, calls, streams, the rate limiter and loading on the simulator and on a
real Triton (npm run triton -- setup), and measures what a hand-over and a call cost. Exit status 1 when one disagrees with the table.`;

async function main(): Promise<number> {
  const values = scriptOptions('npm run conformance:compositions', ABOUT, {
    runs: { takes: 'N', default: '1', help: 'how often each row runs on the real server' },
    only: { takes: 'TEXT', default: '', help: 'only rows whose rule or section holds this text; no costs' },
    write: { help: `write ${RESULTS}` },
  });
  const runs = countOf('runs', values.runs);
  const { only } = values;
  const rows = COMPOSITIONS.filter(({ rule, source }) => rule.includes(only) || source === only);
  if (rows.length === 0)
    throw InputError.of(`no row of the table holds "${only}"`, 'give a part of a rule, or a section', {
      path: '--only',
    });
  const report = await runCompositions(rows, { runs, measuresCosts: only === '', say });
  const { costs } = report;
  if (costs !== undefined) say(`costs: ${JSON.stringify(costs)}`);
  process.stdout.write(`${report.summary}\n`);
  if (values.write) await writeFileAtomically(RESULTS, compositionsMarkdown(report));
  return report.agrees ? 0 : 1;
}

await runScript(main);
