import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { PERSEUS } from '../../cli/small-scenario.js';
import { bytesBelow, runInline, smallSweep } from './small-sweep.js';

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
  await runInline(sweep, small.path('whole'));
  const random = new RandomStreams(process.env['FC_SEED'] ?? '1').get('kills');
  const out = small.path('killed');
  for (let kill = 0; kill < KILLS; kill++) {
    const child = run(sweep, out);
    const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
    // Some come while it starts, some in the middle, the last ones while results are written.
    await Promise.race([ended, sleep(200 + random.next() * 2500)]);
    child.kill('SIGKILL');
    await ended;
  }
  const last = run(sweep, out);
  expect(await new Promise((resolve) => last.on('exit', resolve))).toBe(0);
  expect(bytesBelow(out)).toEqual(bytesBelow(small.path('whole')));
}, 300_000);

function run(file: string, out: string) {
  const words = [...PERSEUS, 'sweep', file, '--out', out, '--threads', '1'];
  return spawn(process.execPath, words, { stdio: 'ignore' });
}
