import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../../src/base/problem.js';
import { loadCommands } from '../../../src/cli/commands/index.js';
import { createParser } from '../../../src/cli/parser.js';
import { UsageError } from '../../../src/cli/usage-mistake.js';
import { LiveError } from '../../../src/live/inference-client.js';
import { ownFolder } from '../as-file.js';
import { between, chance, pick, type Random, words } from '../choose.js';
import { type Family, INPUT_FILE, textFamily } from '../family.js';
import { fewChanges } from '../mutate-text.js';
import { SHARED_SCENARIO } from '../shared-scenario.js';

/** Command lines, a word on a line, of every command that needs no server and no further thread. */
export function commandLineFamilies(): readonly Family[] {
  return [textFamily({ name: 'command-line', mostMs: 10_000, generate: commandLine, read: runCommandLine })];
}

/** `{repo}` stands for the repository, `{out}` for a folder that is empty at the beginning. */
const SOUND: readonly string[] = [
  'simulate {out}/shared.yaml --duration 0.1 --json',
  'simulate {out}/shared.yaml --csv --runs 2 --seed 3 --warm-up 0.05 --log {out}/log.csv',
  'simulate {out}/shared.yaml --out {out}/run --html {out}/page.html --no-bounds',
  'explain {out}/shared.yaml --tenant photos --json',
  'compare {out}/shared.yaml {out}/shared.yaml --runs 2 --json',
  'check {repo}/examples/expectations/shipped.yaml --help',
  'sweep {out}/sweep.yaml --engine inline --out {out}/sweep --shard 1/2',
  'plan {repo}/examples/plans/three-models.yaml --help',
  'emit {out}/shared.yaml --out {out}/emitted --json',
  'init {repo}/examples/scenarios/models --out {out}/first.yaml --device T4',
  'diff {out}/a {out}/b --json',
  'tune {out}/shared.yaml --budget 0 --runs 1',
  'trace describe {out}/small.csv --json',
  'trace convert {out}/small.csv --out {out}/other.jsonl --sort',
  'trace generate --process poisson --rate 10 --duration 1 --out {out}/made.csv --seed 1',
  'trace import {out}/counts.txt --from counts --bin 1 --out {out}/counts.csv --max-unpacked 1MiB',
  'trace slice {out}/small.csv --start 0 --end 1 --out {out}/part.csv',
  'trace scale {out}/small.csv --rate 2 --out {out}/scaled.csv',
  'trace map {out}/small.csv --tenants x,y --by hash --out {out}/mapped.csv',
  'trace merge {out}/small.csv {out}/small.csv --out {out}/merged.csv',
  'profile show {repo}/calibration/t4/resnet50-onnx-trt-fp16.profile.json --json',
  'profile check {repo}/calibration/t4',
  'profile --help',
  '--version',
];

const commands = await loadCommands();

const ODD_WORDS = [
  ...words(
    '- -- --- -x -xyz -h --no- --no-json --json= --json=maybe --out --out= --tenant --csv --json',
    '',
    ' ',
  ),
  ...words('--seed --seed= --seed=a --seed.a=1 --__proto__=1 --constructor=1 --help=x --version=1'),
  ...words('--threads=0 --threads=1.5 --runs=-1 --runs=x --duration=NaN --duration=1e308 --duration=-0'),
  ...words('--max-unpacked=0 --max-unpacked=1GiB --maxUnpacked=1 --warm-up=Infinity --warmUp=0.01'),
  ...words('x 0 -1 1e308 NaN a,b , a=b { 💥 /dev/null /dev/zero', '\ufeff', 'a\u0000b', 'x'.repeat(1000)),
  ...words('{out} {out}/none {out}/small.csv {out}/shared.yaml {repo}/package.json {repo}/calibration/t4'),
  ...words('simulate trace profile toString __proto__'),
];

function commandLine(random: Random): string {
  const line = pick(random, SOUND).split(' ');
  if (chance(random, 0.15)) return line.join('\n');
  for (let left = fewChanges(random); left > 0; left--) {
    const at = random.nextInt(line.length + 1);
    const change = random.nextInt(5);
    if (change === 0) line.splice(at, 1);
    else if (change === 1) line.splice(at, 0, pick(random, ODD_WORDS));
    else if (change === 2) line.splice(at, 1, pick(random, ODD_WORDS));
    else if (change === 3) line.splice(at, 0, ...line.slice(at, at + between(random, 1, 2)));
    else line.splice(at, 0, pick(random, pick(random, SOUND).split(' ')));
  }
  return line.join('\n');
}

/** What a run of the command line prints is nobody's; mistakes in the words are refusals as those in files. */
async function runCommandLine(text: string): Promise<void> {
  const out = makeFolder();
  const filled = text.split('\n').map((word) => word.replaceAll('{repo}', ROOT).replaceAll('{out}', out));
  const words = within(filled, out);
  if (!isHarmless(words)) return;
  const restore = silenced();
  const { exitCode } = process;
  try {
    await createParser(words, commands).wrap(100).parseAsync();
  } catch (error) {
    throw asRefusal(error);
  } finally {
    restore();
    process.exitCode = exitCode;
    rmSync(out, { recursive: true, force: true });
  }
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

function makeFolder(): string {
  const out = ownFolder();
  writeFileSync(join(out, 'shared.yaml'), SHARED_SCENARIO);
  writeFileSync(join(out, 'sweep.yaml'), SWEEP);
  writeFileSync(join(out, 'small.csv'), 'arrival_us,tenant\n0,a\n500000,b\n1000000,a\n');
  writeFileSync(join(out, 'counts.txt'), '2 0 3\n1\n');
  return out;
}

const SWEEP = `perseus: 1
name: small
scenario: shared.yaml
axes: [{name: load, vary: loadScale, values: [0.5, 1]}]
`;

/** Whether it writes only where it is told to, starts no threads, and asks no server: by the words alone, wherever they are. */
function isHarmless(words: readonly string[]): boolean {
  const isHelp = words.includes('--help') || words.includes('-h');
  if (isHelp && !words.includes('--')) return true;
  if (words.some((word) => ASKING.includes(word))) return false;
  if (!words.some((word) => WRITING.includes(word))) return true;
  const isTold = words.some((word) => /^--out(=.+)?$/.test(word)) && !words.includes('--');
  return isTold && (!words.includes('sweep') || words.includes('inline'));
}

/** Commands that ask servers, or search on threads of their own. */
const ASKING = ['live', 'validate', 'calibrate', 'worker', 'plan', 'tune'];
/** Commands that write into the folder that they are started in, where they are told no other. */
const WRITING = ['sweep', 'init'];

/** What is to be written, in the folder: a word may stand where a path is meant. */
function within(words: readonly string[], out: string): string[] {
  const inFolder = (path: string) => (path === '' || path.startsWith(out) ? path : join(out, path));
  return words.map((word, at) => {
    const [, option, path] = /^(--(?:out|html|log|junit|chart|emit)=)(.*)$/s.exec(word) ?? [];
    if (option !== undefined) return `${option}${inFolder(path!)}`;
    const isValue = /^--(?:out|html|log|junit|chart|emit)$/.test(words[at - 1] ?? '');
    return isValue && !word.startsWith('-') ? inFolder(word) : word;
  });
}

function silenced(): () => void {
  const { log } = console;
  const writers = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  const swallow = (_: unknown, ...rest: unknown[]) => {
    const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    done?.();
    return true;
  };
  console.log = () => undefined;
  for (const { stream } of writers) stream.write = swallow as typeof stream.write;
  return () => {
    console.log = log;
    for (const { stream, write } of writers) stream.write = write;
  };
}

function asRefusal(error: unknown): unknown {
  if (error instanceof UsageError || error instanceof LiveError)
    return InputError.of(error.message, error.remedy, { file: INPUT_FILE });
  // The system's errors are told in words, too: a folder that may not be written to, a disk that is full.
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined)
    return InputError.of(`${syscall}: ${code}`, undefined, { file: INPUT_FILE });
  if (!(error instanceof InputError)) return error;
  return new InputError(error.problems.map((problem) => ({ file: INPUT_FILE, ...problem })));
}
