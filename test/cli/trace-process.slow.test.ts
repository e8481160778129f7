import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'perseus-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function perseus(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/cli/main.ts', ...words],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

it('prints results on stdout and what it did on stderr', () => {
  const out = join(folder, 'a.arrow');
  const made = perseus(
    'trace',
    'generate',
    ...'--process constant --rate 10 --duration 1'.split(' '),
    '--out',
    out,
  );
  expect(made).toEqual({
    status: 0,
    stdout: '',
    stderr: `wrote ${out}: 10 requests of 1 tenant over 1 s, 10.0 per second\n`,
  });
  const { status, stdout, stderr } = perseus('trace', 'describe', out, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout).total.requests).toBe(10);
});

it('leaves a file as it was when the input is wrong, and exits with 2', () => {
  const out = join(folder, 'kept.csv');
  const wrong = join(folder, 'wrong.csv');
  writeFileSync(out, 'mine');
  writeFileSync(wrong, 'arrival_us\nx\n-1\n');
  const before = readdirSync(folder);
  const { status, stdout, stderr } = perseus('trace', 'convert', wrong, out);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.split('\n').filter((line) => line.startsWith(`${wrong}:`))).toHaveLength(2);
  expect(readFileSync(out, 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toEqual(before);
});

it('says what can be done with a trace when that is left out', () => {
  const { status, stderr } = perseus('trace');
  expect(status).toBe(2);
  expect(stderr).toContain('Name what to do with a trace; perseus trace --help lists it.');
});
