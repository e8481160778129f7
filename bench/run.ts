import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { compareWith } from './against/compare.js';
import { CASES } from './cases.js';
import { compileReference } from './reference.js';
import { type Row, rowText, SPEED_HEAD, simulateSeconds, speedOf } from './speed.js';

/** The table of speeds as a page, with what it takes to read it. */
function speedPage(said: readonly string[]): string {
  return `# Speed

\`npm run bench -- --write\` writes this page: requests simulated per second. Each case runs in a process of its own.
After half a second that is not counted, in which V8 compiles the engine, it is repeated: the table has the median of
the repeats with the smallest and the largest, by CPU time of all threads of the process and by wall time. Batching
rules are exact and every latency is recorded.

The reference is \`bench/plain_rule.cpp\`, compiled with -O2 in the same run: the plain rule "take what waits, up to
the largest batch", with none of Triton's rules, by CPU time. For two threads it is one thread, by wall time.

The machine is shared. Wall time holds what else ran on it, so that figures of two pages differ by tens of percent and
more, whatever the code; CPU time holds only what others took of its caches and memory. Two commits are compared by
\`npm run bench -- --against REV --json FILE\`, which runs them in turn and gives the ratio.

\`\`\`text
${said.join('\n').trimEnd()}
\`\`\`
`;
}

const ABOUT = `Speed of the simulator: requests per second of wall and of CPU time, each case in a process of its own; of several
repeats the median, the smallest and the largest. A comparison goes by CPU time, as other work on the machine changes
wall time more. Both take some minutes.`;

async function main(): Promise<void> {
  const values = scriptOptions('npm run bench', ABOUT, {
    json: { takes: 'FILE', help: 'also write the figures as JSON' },
    only: { takes: 'TEXT', default: '', help: 'only cases whose name holds this text' },
    write: { help: 'also write results/bench/README.md' },
    against: {
      takes: 'REV',
      help: 'compare with the engine of another commit, run after run in turn; with the packages installed here',
    },
    pairs: { takes: 'N', help: 'how many runs of each commit, at least 5 (the default)' },
  });
  const cases = CASES.filter(({ name }) => name.includes(values.only));
  if (values.against !== undefined) {
    const compared = await compareWith(values.against, cases, { pairs: values.pairs, say });
    if (values.json !== undefined) await writeJson(values.json, compared);
  } else await measureHere(cases, values);
}

async function measureHere(
  cases: typeof CASES,
  values: { readonly json?: string | undefined; readonly only: string; readonly write: boolean },
): Promise<void> {
  const said: string[] = [];
  const note = (text: string) => {
    said.push(text);
    say(text);
  };
  const provenance = `${provenanceLine()}, ${Math.round(totalmem() / 2 ** 30)} GiB, seed 1`;
  note(`${provenance}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'perseus-bench-'));
  const rows: Row[] = [];
  try {
    const reference = compileReference(folder);
    if (reference === undefined) note('no C++ compiler (g++) here: the reference column stays empty\n');
    note(SPEED_HEAD);
    for (const bench of cases) {
      const row = await speedOf(bench, reference);
      rows.push(row);
      note(rowText(row));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (values.only === '') {
    const { median, min, max, repeats } = simulateSeconds();
    const range = `median of ${repeats}, ${min.toFixed(2)} to ${max.toFixed(2)}`;
    note(`\nperseus simulate on a small scenario: ${median.toFixed(2)} s of wall time (${range})`);
  }
  if (values.write) await writeFileAtomically('results/bench/README.md', speedPage(said));
  if (values.json !== undefined) await writeJson(values.json, { provenance, cases: rows });
}

function writeJson(file: string, value: unknown): Promise<void> {
  return writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await runScript(main);
