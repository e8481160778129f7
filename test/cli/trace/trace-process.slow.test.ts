import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { PERSEUS, perseus } from '../small-scenario.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('prints results on stdout and what it did on stderr', () => {
  const out = join(folder, 'a.arrow');
  const made = perseus([...'trace generate --process constant --rate 10 --duration 1 --out'.split(' '), out]);
  expect(made).toEqual({
    code: 0,
    stdout: '',
    stderr: `wrote ${out}: 10 requests of 1 tenant over 1 s, 10.0 per second\n`,
  });
  const { code, stdout, stderr } = perseus(['trace', 'describe', out, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).total.requests).toBe(10);
});

it('imports what comes in on standard input, packed or not', () => {
  const counts = Buffer.from('2\n3\n');
  for (const input of [counts, gzipSync(counts)]) {
    const words = `trace import - --from counts --bin 1m --json --out ${join(folder, 'piped.csv')}`.split(
      ' ',
    );
    const { status, stdout } = spawnSync(process.execPath, [...PERSEUS, ...words], {
      encoding: 'utf8',
      input,
    });
    expect([status, JSON.parse(stdout).requests]).toEqual([0, 5]);
  }
});

it('leaves a file as it was when the input is wrong, and exits with 2', () => {
  const out = join(folder, 'kept.csv');
  const wrong = join(folder, 'wrong.csv');
  writeFileSync(out, 'mine');
  writeFileSync(wrong, 'arrival_us\nx\n-1\n');
  const before = readdirSync(folder);
  const { code, stdout, stderr } = perseus(['trace', 'convert', wrong, out]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.split('\n').filter((line) => line.startsWith(`${wrong}:`))).toHaveLength(2);
  expect(readFileSync(out, 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toEqual(before);
});

it('says what can be done with a trace when that is left out', () => {
  const { code, stderr } = perseus(['trace']);
  expect(code).toBe(2);
  expect(stderr).toContain('Name what to do with a trace; perseus trace --help lists it.');
});
