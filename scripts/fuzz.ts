import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadFamilies } from './fuzz/families.js';
import type { Family } from './fuzz/family.js';
import { type Amount, fuzzFamily, type Tally } from './fuzz/run.js';
import { runScript, say } from './support/run-script.js';
import { countOf, describedOptions } from './support/script-options.js';
import { type Column, tableOf, terminalTable } from './support/table.js';

const WORKERS = 2;
const MOST_INPUTS = 1_000_000;
/** An input that takes so long is taken for one that never ends. */
const HANG_MS = 30_000;
const LOOK_EVERY_MS = 500;
/** Heap of a worker: far more than any input needs. */
const HEAP_MB = 1500;

async function main(): Promise<number> {
  const given = describedOptions(
    'npm run fuzz',
    `Throws broken inputs of every kind at perseus and demands a checked value or a clear error for each. A table goes to stdout,
progress to stderr; the first input of a family that fails is made as small as it goes and written to a folder for temporary
files. Exit status 1 when any failed.`,
    {
      each: { takes: 'N', default: '4000', help: 'inputs of every family' },
      seed: { takes: 'N', default: '1', help: 'inputs follow from the seed and the family' },
      only: { takes: 'TEXT', default: '', help: 'only families whose name holds this text' },
      replay: { takes: 'FILE', help: 'read one input again, of the family that --family names' },
      family: { takes: 'NAME', help: 'of the input to replay' },
    },
  );
  const families = await loadFamilies();
  const names = families.map(({ name }) => name);
  if (given.replay !== undefined) {
    const family = families.find(({ name }) => name === given.family);
    if (family !== undefined) return replay(family, given.replay);
    say(`--family is one of ${names.join(', ')}`);
    return 2;
  }
  const amount = { seed: countOf('seed', given.seed), count: countOf('each', given.each, MOST_INPUTS) };
  const chosen = names.filter((name) => name.includes(given.only.replace(/s$/, '')));
  if (chosen.length > 0) return fuzz(chosen, amount);
  say(`--only: families are ${names.join(', ')}`);
  return 2;
}

type Finished = readonly [family: string, tally: Tally];

/** Every family on one of the workers. */
async function fuzz(chosen: readonly string[], amount: Amount): Promise<number> {
  const startMs = performance.now();
  let done = 0;
  const onFinished = (name: string) => say(`fuzz: ${++done} of ${chosen.length}, ${name}`);
  const shares = Array.from({ length: WORKERS }, (_, w) => chosen.filter((_, i) => i % WORKERS === w));
  const parts = await Promise.all(shares.map((names) => runShare(names, amount, onFinished))).catch(
    (error: Error) => say(error.message),
  );
  if (parts === undefined) return 1;
  const finished = parts.flat();
  process.stdout.write(`${terminalTable(tableOf(finished, COLUMNS))}\n`);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  process.stdout.write(`${amount.count} inputs of each, seed ${amount.seed}, in ${seconds} s\n`);
  for (const [name, { failure }] of finished) if (failure !== undefined) showFailure(name, failure);
  return finished.some(([, { failure }]) => failure !== undefined) ? 1 : 0;
}

const COLUMNS: readonly Column<Finished>[] = [
  ['family', ([name]) => name],
  ['inputs', ([, { inputs }]) => inputs],
  ['accepted', ([, { accepted }]) => accepted],
  ['refused', ([, { refused }]) => refused],
  ['fails', ([, { failure }]) => (failure === undefined ? 'no' : 'YES')],
  ['mean CPU ms', ([, { totalMs, inputs }]) => (totalMs / inputs).toFixed(1)],
  ['slowest CPU ms', ([, { slowestMs }]) => slowestMs.toFixed(0)],
];

/** Node itself reads no TypeScript in a worker thread: a line of JavaScript makes tsx do it. */
const ENTRY = `import('${import.meta.resolve('tsx/esm/api')}')
  .then(({ tsImport }) => tsImport('${import.meta.url}', '${import.meta.url}'));`;

interface Share {
  readonly names: readonly string[];
  readonly amount: Amount;
  /** Families begun and inputs begun of the last one, where the main thread sees them even while this one is caught. */
  readonly progress: Int32Array;
}

/** A thread that makes and reads the inputs of some families. One that hangs it, or uses its memory up, ends the search. */
function runShare(
  names: readonly string[],
  amount: Amount,
  onFinished: (family: string) => void,
): Promise<Finished[]> {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const share: Share = { names, amount, progress };
  const worker = new Worker(ENTRY, {
    eval: true,
    workerData: share,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const finished: Finished[] = [];
  return new Promise((resolve, reject) => {
    const fail = (what: string) =>
      reject(new Error(`${names[progress[0]! - 1]}, input ${progress[1]} of seed ${amount.seed} ${what}`));
    let last = '';
    let sinceMs = performance.now();
    const watch = setInterval(() => {
      const now = progress.join();
      // Nothing is begun while the families are loaded.
      if (now !== last || progress[0] === 0) sinceMs = performance.now();
      last = now;
      if (performance.now() - sinceMs > HANG_MS) fail(`does not end within ${HANG_MS / 1000} s`);
    }, LOOK_EVERY_MS);
    worker.on('message', (one: Finished) => {
      finished.push(one);
      onFinished(one[0]);
    });
    worker.once('error', (error: Error) => fail(`stops the process: ${error.message}`));
    worker.once('exit', () => {
      clearInterval(watch);
      resolve(finished);
    });
  });
}

async function work({ names, amount, progress }: Share): Promise<void> {
  const families = await loadFamilies();
  for (const name of names) {
    const family = families.find((each) => each.name === name)!;
    progress[0]!++;
    progress[1] = 0;
    const tally = await fuzzFamily(family, amount, () => void progress[1]!++);
    parentPort!.postMessage([name, tally] satisfies Finished);
  }
}

/** Writes a failed input to a file, and says what is wrong with it and how to see it again. */
function showFailure(name: string, { reason, input }: NonNullable<Tally['failure']>): void {
  const file = join(mkdtempSync(join(tmpdir(), 'perseus-fuzz-')), name);
  writeFileSync(file, input);
  process.stdout.write(`\n${name} ${reason}\n  npm run fuzz -- --replay ${file} --family ${name}\n`);
}

/** Reads one input and shows what happens, with the stack of what it throws. */
async function replay(family: Family, file: string): Promise<number> {
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

if (isMainThread) {
  await runScript(main);
  // Endless loops of failed inputs must not hold the process.
  process.exit();
} else {
  await work(workerData as Share);
}
