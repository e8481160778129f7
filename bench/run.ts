import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { commit, machineName, version } from '../src/node/package-facts.js';
import { type BenchCase, CASES } from './cases.js';
import type { Measured } from './measure.js';

interface Row extends Omit<Measured, 'referencePerSecond'> {
  readonly name: string;
  readonly referencePerSecond: number | null;
  readonly ratio: number | null;
  readonly wantedPerSecond: number | null;
}

const USAGE = `usage: npm run bench -- [--json FILE] [--only TEXT] [--write]
  --json FILE   also write the figures as JSON
  --only TEXT   only cases whose name holds this text
  --write       also write results/bench/README.md
Speed of the simulator: requests per second of wall time, each case in a process of its own.
`;

const said: string[] = [];
const here = fileURLToPath(new URL('.', import.meta.url));

function main(): void {
  const values = scriptOptions(USAGE, {
    json: { type: 'string' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  });
  const folder = mkdtempSync(join(tmpdir(), 'perseus-bench-'));
  try {
    say(`perseus ${version()} at ${commit() ?? 'no commit'}, node ${process.version}`);
    say(`${machineName()}, ${Math.round(totalmem() / 2 ** 30)} GiB, seed 1\n`);
    const reference = compileReference(folder);
    if (reference === undefined) say('no C++ compiler (g++) here: the reference column stays empty\n');
    const cases = CASES.filter(({ name }) => name.includes(values.only ?? ''));
    say(line('case', 'requests/s', 'reference', 'ratio', 'peak MB'));
    const rows = cases.map((bench) => {
      const row = runCase(bench, reference);
      say(
        line(
          row.name,
          millions(row.requestsPerSecond),
          row.referencePerSecond === null ? '' : millions(row.referencePerSecond),
          row.ratio === null ? '' : row.ratio.toFixed(2),
          row.peakRssMb.toFixed(0),
        ),
      );
      return row;
    });
    if (values.only === undefined)
      say(
        `\nperseus simulate on a small scenario: ${simulateSeconds().toFixed(2)} s of wall time (median of 5)`,
      );
    if (values.write) writeTable();
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ cases: rows }, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The table as a page, with what it takes to read it. */
function writeTable(): void {
  const folder = join(here, '../results/bench');
  mkdirSync(folder, { recursive: true });
  const page = `# Speed

\`npm run bench -- --write\` writes this page: requests simulated per second of wall time, the fastest of
several repeats, each case in a process of its own. Batching rules are exact and every latency is recorded.
The reference is \`bench/plain_rule.cpp\`, compiled with -O2 in the same run: the plain rule "take what
waits, up to the largest batch", with none of Triton's rules; for two threads it is one thread. In the streamed case, drawing the arrivals is
part of the time. This machine is shared, so figures differ between runs by tens of percent.

\`\`\`text
${said.join('\n').trimEnd()}
\`\`\`
`;
  writeFileSync(join(folder, 'README.md'), page);
}

/** The yardstick, compiled with -O2, or undefined where there is no compiler. */
function compileReference(into: string): string | undefined {
  const program = join(into, 'plain_rule');
  const compiled = spawnSync('g++', ['-O2', '-std=c++17', '-o', program, join(here, 'plain_rule.cpp')], {
    stdio: 'inherit',
  });
  return compiled.status === 0 ? program : undefined;
}

function runCase(bench: BenchCase, reference: string | undefined): Row {
  const script = join(here, 'measure.ts');
  const measured = JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', '--max-old-space-size=8192', script, bench.name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  ) as Measured;
  const plainRule =
    bench.reference === true && reference !== undefined ? runReference(reference, bench) : null;
  const referencePerSecond = measured.referencePerSecond ?? plainRule;
  return {
    name: bench.name,
    ...measured,
    referencePerSecond,
    ratio: referencePerSecond === null ? null : measured.requestsPerSecond / referencePerSecond,
    wantedPerSecond: bench.wantedPerSecond ?? null,
  };
}

function runReference(program: string, { workload, repeats }: BenchCase): number {
  const { models, instances, maxBatchSize, requests, load } = workload;
  const words = [models, instances, maxBatchSize, requests, load, 1, repeats].map(String);
  return Number(execFileSync(program, words, { encoding: 'utf8' }).split(' ')[0]);
}

function simulateSeconds(): number {
  const root = join(here, '..');
  const once = () => {
    const started = performance.now();
    execFileSync(process.execPath, ['bin/perseus.js', 'simulate', 'scenarios/two-tenants.yaml', '--json'], {
      cwd: root,
      stdio: 'ignore',
    });
    return (performance.now() - started) / 1000;
  };
  once();
  return Array.from({ length: 5 }, once).sort((a, b) => a - b)[2]!;
}

function line(name: string, ...cells: string[]): string {
  return name.padEnd(56) + cells.map((cell) => cell.padStart(12)).join('');
}

function millions(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(1)} M`;
}

function say(text: string): void {
  said.push(text);
  process.stdout.write(`${text}\n`);
}

await runScript(main);
