import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepBench } from './case.js';
import { oneModel } from './workload.js';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const FILES = ['results.parquet', 'results.arrow', 'results.csv', 'results.json', 'report.html'];
const SWEEP = `perseus: 1
name: kills
scenario: scenario.yaml
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 4, 8, 16]}
  - {name: delayUs, vary: queueDelayUs, values: [0, 500, 1000, 2000, 4000]}
  - {name: load, vary: loadScale, values: [0.5, 1]}
`;

/** A sweep killed -9 at random moments and begun again each time: how many of its files differ in the end. */
export const kills: SweepBench = async ({ quick, say }) => {
  const times = quick ? 3 : 20;
  const folder = mkdtempSync(join(tmpdir(), 'perseus-kills-'));
  try {
    writeFileSync(join(folder, 'scenario.yaml'), oneModel(300_000));
    writeFileSync(join(folder, 'sweep.yaml'), SWEEP);
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    await runSweep(folder, whole);
    for (let kill = 1; kill <= times; kill++) {
      const afterMs = 500 + Math.random() * 4000;
      const ended = await runSweep(folder, killed, afterMs);
      say(`kill ${kill} after ${afterMs.toFixed(0)} ms: ${ended}`);
      // What is left to kill must not run out.
      if (ended === 'it was done before' && kill < times) rmSync(killed, { recursive: true, force: true });
    }
    await runSweep(folder, killed);
    const differing = FILES.filter(
      (file) => !readFileSync(join(whole, file)).equals(readFileSync(join(killed, file))),
    );
    const name = `files of a sweep that differ after ${times} kills at random moments`;
    return [{ name, value: differing.length, bound: 0, unit: 'files' }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function runSweep(folder: string, out: string, killAfterMs?: number): Promise<string> {
  const words = [
    '--import',
    'tsx',
    MAIN,
    'sweep',
    join(folder, 'sweep.yaml'),
    '--out',
    out,
    '--threads',
    '1',
  ];
  const child = spawn(process.execPath, words, { stdio: 'ignore' });
  const ended = new Promise<number | null>((done) => child.on('exit', done));
  if (killAfterMs !== undefined) {
    await Promise.race([ended, sleep(killAfterMs)]);
    child.kill('SIGKILL');
  }
  const code = await ended;
  if (code === null) return 'killed';
  if (code !== 0) throw new Error(`perseus sweep ended with ${code}`);
  return 'it was done before';
}
