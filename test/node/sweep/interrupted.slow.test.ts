import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sweepCommand } from '../../../src/cli/commands/sweep.js';
import { runCommand } from '../../cli/in-process.js';
import { PERSEUS } from '../../cli/small-scenario.js';
import { smallSweep } from './small-sweep.js';

const small = smallSweep();
const run = (...words: string[]) => runCommand(sweepCommand, ['sweep', ...words, '--threads', '1']);

it('a sweep keeps what is done on Ctrl-C, ends with 130, and goes on from there', async () => {
  const file = small.write(
    'long.yaml',
    readFileSync(small.sweep, 'utf8').replace('axes:', 'set: {durationS: 300}\naxes:'),
  );
  const words = [...PERSEUS, 'sweep', file, '--out', small.path('long'), '--threads', '1'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  let isInterrupted = false;
  child.stderr.on('data', (text) => {
    stderr += text;
    // The first line of progress comes when work begins.
    if (!isInterrupted && stderr.includes('of 12 scenarios')) isInterrupted = child.kill('SIGINT');
  });
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(130);
  const [, kept] = /stopped: (\d+) of 12 scenarios are kept/.exec(stderr)!;
  const { stdout } = await run(file, '--out', small.path('long'), '--json');
  expect(JSON.parse(stdout).rows).toHaveLength(36);
  expect(Number(kept)).toBeLessThan(12);
});
