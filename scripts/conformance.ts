import { InputError } from '../src/base/problem.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { randomRows } from '../test/live/conformance/random-rows.js';
import { resultsMarkdown } from '../test/live/conformance/results.js';
import { runTable, type TableReport } from '../test/live/conformance/run-table.js';
import { TABLES } from '../test/live/conformance/table/index.js';
import { jsonText } from './support/reproduction.js';
import { runScript, say } from './support/run-script.js';
import { countOf, scriptOptions } from './support/script-options.js';

const ABOUT = `Runs the conformance tables on the simulator and on a real Triton (npm run triton -- setup): those of batchers, and those of
ensembles, sequences, caches, calls, streams, the rate limiter and loading, with what a hand-over and a call cost. A run takes
several minutes. Exit status 1 when simulator or server disagree with a table.`;

async function main(): Promise<number> {
  const values = scriptOptions('npm run conformance', ABOUT, {
    runs: { takes: 'N', default: '1', help: 'how often each row runs on the real server' },
    only: {
      takes: 'TEXT',
      default: '',
      help: `only the table of this name (${TABLES.map(({ name }) => name).join(', ')}),\nor rows whose rule or section holds this text`,
    },
    random: {
      takes: 'N',
      default: '0',
      help: 'so many random scenarios in place of the tables: what the simulator does must happen',
    },
    seed: { takes: 'N', default: '1', help: 'of the random scenarios' },
    json: { takes: 'FILE', help: 'also write every run of every row as JSON' },
    write: { help: `write ${TABLES.map(({ page }) => page).join('\nand ')}` },
  });
  const runs = countOf('runs', values.runs);
  const { only } = values;
  if (values.random !== '0') {
    if (values.write) throw wholeTablesOnly();
    const drawn = randomRows(countOf('random', values.random), countOf('seed', values.seed));
    const rows = drawn.filter(({ rule }) => rule.includes(only));
    if (rows.length === 0) throw noRow(only);
    const report = await runTable(rows, { runs, say });
    return print([{ name: 'random', report }], values.json);
  }
  const asked = TABLES.map((table) => ({
    table,
    rows: table.rows.filter(
      ({ rule, source }) => table.name === only || rule.includes(only) || source === only,
    ),
  })).filter(({ rows }) => rows.length > 0);
  if (asked.length === 0) throw noRow(only);
  if (values.write && asked.some(({ table, rows }) => rows.length < table.rows.length))
    throw wholeTablesOnly();
  const reports: TableRun[] = [];
  for (const { table, rows } of asked) {
    const measuresCosts = table.measuresCosts && rows.length === table.rows.length;
    const report = await runTable(rows, { runs, measuresCosts, say });
    if (values.write) await writeFileAtomically(table.page, resultsMarkdown(table, report));
    reports.push({ name: table.name, report });
  }
  return print(reports, values.json);
}

interface TableRun {
  readonly name: string;
  readonly report: TableReport;
}

async function print(all: readonly TableRun[], json: string | undefined): Promise<number> {
  for (const { name, report } of all) process.stdout.write(`${name}: ${report.summary}\n`);
  const reports = all.map(({ report }) => report);
  if (json !== undefined) await writeFileAtomically(json, jsonText(reports));
  return reports.every(({ agrees }) => agrees) ? 0 : 1;
}

function noRow(only: string): InputError {
  return InputError.of(`no row of the tables holds "${only}"`, 'give a part of a rule, or a section', {
    path: '--only',
  });
}

function wholeTablesOnly(): InputError {
  return InputError.of('a page has all rows of its table', 'leave it out, or run whole tables', {
    path: '--write',
  });
}

await runScript(main);
