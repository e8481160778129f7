import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireNumbers } from '../src/cli/number-options.js';
import { loadFamilies } from './fuzz/families.js';
import type { Family } from './fuzz/family.js';
import { addTallies, inputOf, NOTHING, type Stretch, type Tally } from './fuzz/run.js';
import { tallyTable } from './fuzz/table.js';
import { WatchedWorker } from './fuzz/watched-worker.js';
import { runScript } from './support/run-script.js';
import { scriptOptions } from './support/script-options.js';

const WORKERS = 2;
/** Inputs that a worker takes at a time. */
const STRETCH = 200;
/** Failures of one family that are written out and shown; they tend to be of one kind. */
const MOST_SHOWN = 10;

const USAGE = `usage: npm run fuzz -- [--count N] [--seed TEXT] [--only TEXT]
       npm run fuzz -- --replay FILE --family NAME
  --count N       inputs over all families (100000)
  --seed TEXT     inputs follow from the seed, the family and their number (1)
  --only TEXT     only families whose name holds this text
  --replay FILE   read one input again, of the family that --family names
Throws broken inputs of every kind at perseus and demands a checked value or a clear error for each. A table goes to stdout,
progress to stderr; inputs that fail are written to a folder for temporary files. Exit status 1 when any failed.
`;

async function main(): Promise<number> {
  const values = scriptOptions(USAGE, {
    count: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    replay: { type: 'string' },
    family: { type: 'string' },
  });
  const families = await loadFamilies();
  if (values.replay !== undefined) return replay(families, values.replay, values.family);
  const count = Number(values.count);
  requireNumbers({ count: [count, { from: 1, whole: true }] });
  const chosen = families.filter(({ name }) => name.includes(values.only.replace(/s$/, '')));
  if (chosen.length === 0) {
    process.stderr.write(`--only: families are ${namesOf(families)}\n`);
    return 2;
  }
  return fuzz(chosen, { count, seed: values.seed });
}

interface FuzzOptions {
  readonly count: number;
  readonly seed: string;
}

async function fuzz(chosen: readonly Family[], { count, seed }: FuzzOptions): Promise<number> {
  const startMs = performance.now();
  const tallies = await runAll(chosen, Math.ceil(count / chosen.length), seed);
  process.stderr.write('\n');
  process.stdout.write(tallyTable(tallies));
  const inputs = [...tallies.values()].reduce((sum, tally) => sum + tally.inputs, 0);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  process.stdout.write(`${inputs} inputs of seed ${seed} in ${seconds} s\n`);
  const failed = chosen.filter(({ name }) => tallies.get(name)!.failures.length > 0);
  for (const family of failed) await showFailures(family, tallies.get(family.name)!, seed);
  return failed.length === 0 ? 0 : 1;
}

/** `each` inputs of every family, on all workers; the tallies do not depend on which ran what. */
async function runAll(chosen: readonly Family[], each: number, seed: string): Promise<Map<string, Tally>> {
  const stretches = chosen.flatMap(({ name }) => stretchesOf(name, each, seed));
  const tallies = new Map(chosen.map(({ name }) => [name, NOTHING]));
  let next = 0;
  const work = async () => {
    const worker = new WatchedWorker();
    for (let stretch = stretches[next++]; stretch !== undefined; stretch = stretches[next++]) {
      const tally = await worker.run(stretch);
      tallies.set(stretch.family, addTallies(tallies.get(stretch.family)!, tally));
      showProgress(next / stretches.length, stretch.family);
    }
    await worker.close();
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return tallies;
}

function stretchesOf(family: string, each: number, seed: string): Stretch[] {
  return Array.from({ length: Math.ceil(each / STRETCH) }, (_, i) => ({
    family,
    seed,
    from: i * STRETCH,
    to: Math.min(each, (i + 1) * STRETCH),
  }));
}

function showProgress(share: number, family: string): void {
  const percent = Math.min(100, Math.round(100 * share));
  const end = process.stderr.isTTY ? '\x1b[K\r' : '\n';
  process.stderr.write(`fuzz: ${percent} %, ${family}${end}`);
}

/** Writes failed inputs to files, and says what is wrong with each and how to see it again. */
async function showFailures(family: Family, { failures }: Tally, seed: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-fuzz-'));
  const inOrder = [...failures].sort((a, b) => a.index - b.index);
  for (const { index, reason } of inOrder.slice(0, MOST_SHOWN)) {
    const file = join(folder, `${family.name}-${seed}-${index}`);
    writeFileSync(file, await inputOf(family, seed, index));
    process.stdout.write(
      `\n${family.name} #${index} ${reason}\n  npm run fuzz -- --replay ${file} --family ${family.name}\n`,
    );
  }
  if (failures.length > MOST_SHOWN)
    process.stdout.write(`\nand ${failures.length - MOST_SHOWN} more of ${family.name}\n`);
}

/** Reads one input and shows what happens, with the stack of what it throws. */
async function replay(families: readonly Family[], file: string, name: string | undefined): Promise<number> {
  const family = families.find((known) => known.name === name);
  if (family === undefined) {
    process.stderr.write(`--family is one of ${namesOf(families)}\n`);
    return 2;
  }
  const startMs = performance.now();
  try {
    await family.read(new Uint8Array(readFileSync(file)));
    process.stdout.write('accepted\n');
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  process.stdout.write(`${Math.round(performance.now() - startMs)} ms\n`);
  return 0;
}

function namesOf(families: readonly Family[]): string {
  return families.map(({ name }) => name).join(', ');
}

await runScript(main);
// Endless loops of failed inputs must not hold the process.
process.exit();
