import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { provenanceLine } from '../src/node/runs/package-facts.js';
import { type SimulateCase, simulateCases } from './simulate-cases/scenarios.js';
import { spreadOf } from './spread.js';

const ABOUT = `What the command line takes from the start of its process to the end: medians of wall time, CPU time of all threads
and the most memory. On a shared machine compare CPU time. Takes about five minutes.`;

/** Of the last minute: processes that run or wait to. */
const startLoad = loadavg()[0]!;

/** Medians of several runs. */
interface Taken {
  readonly wallS: number;
  readonly cpuS: number;
  readonly maxRssMb: number;
}

async function main(): Promise<void> {
  const values = scriptOptions('npm run bench:simulate', ABOUT, {
    against: { takes: 'FOLDER', help: 'run in turn with the command line of another checkout' },
    repeats: { takes: 'N', default: '5', help: 'how often each case runs; those of 10^8 requests once' },
    only: { takes: 'TEXT', default: '', help: 'only cases whose name holds this text' },
    write: { help: 'also write results/bench/simulate.md' },
  });
  const roots = [...(values.against === undefined ? [] : [resolve(values.against)]), resolve('.')];
  const folder = mkdtempSync(join(tmpdir(), 'perseus-simulate-'));
  const said = [heading(roots.length > 1)];
  process.stdout.write(`${said[0]}\n`);
  try {
    for (const one of simulateCases(folder).filter(({ name }) => name.includes(values.only))) {
      const taken = measure(one, roots, Number(values.repeats), join(folder, 'usage.json'));
      said.push(`${one.name.padEnd(50)}${taken.map(figures).join('  ->')}`);
      process.stdout.write(`${said.at(-1)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (values.write) await writeFileAtomically('results/bench/simulate.md', page(said));
}

/** Runs of each checkout in turn, after one of each that is not counted; of a long case only that one. */
function measure(
  one: SimulateCase,
  roots: readonly string[],
  repeats: number,
  usage: string,
): (Taken | undefined)[] {
  const runs = roots.map((root) => {
    const first = runOnce(one, root, usage);
    return first && (one.isLong ? [first] : []);
  });
  for (let i = 0; i < (one.isLong ? 0 : repeats); i++) {
    for (const [r, root] of roots.entries()) runs[r]?.push(runOnce(one, root, usage)!);
  }
  const median = (taken: readonly Taken[], key: keyof Taken) => spreadOf(taken.map((run) => run[key])).median;
  return runs.map(
    (taken) =>
      taken && {
        wallS: median(taken, 'wallS'),
        cpuS: median(taken, 'cpuS'),
        maxRssMb: median(taken, 'maxRssMb'),
      },
  );
}

/** Undefined where that checkout refuses the case. */
function runOnce({ words }: SimulateCase, root: string, usage: string): Taken | undefined {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const line =
    words === undefined ? (scripts.start as string).split(' ').slice(1) : ['bin/perseus.js', ...words];
  const atExit = new URL('simulate-cases/usage-at-exit.mjs', import.meta.url).href;
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, ['--import', atExit, ...line], {
    cwd: root,
    env: { ...process.env, PERSEUS_USAGE: usage },
    stdio: 'ignore',
  });
  if (status !== 0) return undefined;
  const wallS = (performance.now() - startedMs) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(usage, 'utf8'));
  return { wallS, cpuS: (userCPUTime + systemCPUTime) / 1e6, maxRssMb: maxRSS / 1024 };
}

function heading(isCompared: boolean): string {
  const columns = `${'wall s'.padStart(8)}${'CPU s'.padStart(8)}${'MB'.padStart(7)}`;
  return `${'from start to end'.padEnd(50)}${isCompared ? `${columns}  ->` : ''}${columns}`;
}

function figures(taken: Taken | undefined): string {
  if (taken === undefined) return 'refused'.padStart(23);
  const { wallS, cpuS, maxRssMb } = taken;
  return `${wallS.toFixed(2).padStart(8)}${cpuS.toFixed(2).padStart(8)}${maxRssMb.toFixed(0).padStart(7)}`;
}

function page(said: readonly string[]): string {
  return `# What a run of the command line takes

\`npm run bench:simulate -- --write\` writes this page; ${provenanceLine()}. The machine is shared: compare CPU time.
The load of the machine was ${startLoad.toFixed(1)} when this began and ${loadavg()[0]!.toFixed(1)} when it ended, on ${availableParallelism()} cores.
\`--against FOLDER\` runs another checkout in turn; its figures stand before the arrow.

\`\`\`text
${said.join('\n')}
\`\`\`
`;
}

await runScript(main);
