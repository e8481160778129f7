import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { PERSEUS } from '../../cli/small-scenario.js';
import { bytesBelow, smallSweep } from './small-sweep.js';

/** PERSEUS_KILLS=20 npx vitest run test/node/sweep/kill.slow.test.ts is the long form. */
const KILLS = Number(process.env['PERSEUS_KILLS'] ?? 3);

/** Twelve points of about a third of a second, so that most kills come in the middle of work. */
const small = smallSweep();
const sweep = small.write(
  'slow.yaml',
  `perseus: 1
name: slow
scenario: small.yaml
set: {durationS: 400}
axes:
  - {name: batch, vary: maxBatchSize, values: [2, 8]}
  - {name: sharing, vary: sharing, values: [streams, exclusive]}
  - {name: load, vary: loadScale, values: [0.5, 1, 1.5]}
`,
);

it(`a sweep killed at ${KILLS} random moments and run again ends with the same bytes`, async () => {
  // By the same program: points are filed under a hash of its code.
  expect(await ended(run(sweep, small.path('whole')))).toBe(0);
  const random = new RandomStreams(process.env['FC_SEED'] ?? '1').get('kills');
  const out = small.path('killed');
  for (let kill = 0; kill < KILLS; kill++) {
    const child = run(sweep, out);
    const end = ended(child);
    // Some come while it starts, some in the middle, the last ones while results are written.
    await Promise.race([end, sleep(200 + random.next() * 2500)]);
    child.kill('SIGKILL');
    await end;
  }
  expect(await ended(run(sweep, out))).toBe(0);
  expect(bytesBelow(out)).toEqual(bytesBelow(small.path('whole')));
}, 300_000);

/** The exit code, null where it was killed. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve));
}

function run(file: string, out: string): ChildProcess {
  const words = [...PERSEUS, 'sweep', file, '--out', out, '--threads', '1'];
  return spawn(process.execPath, words, { stdio: 'ignore' });
}
