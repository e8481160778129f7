import { execFile, execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFileAtomically, writeFolderAtomically } from '../../src/node/files/atomic-write.js';
import { requireFilePlace } from '../../src/node/files/output-places.js';

const root = mkdtempSync(join(tmpdir(), 'perseus-atomic-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a result that is written whole or not at all', () => {
  it('goes where a link leads, and leaves the link', async () => {
    mkdirSync(join(root, 'disk'));
    writeFileSync(join(root, 'disk/real.html'), 'before');
    symlinkSync('disk/real.html', join(root, 'link.html'));
    await writeFileAtomically(join(root, 'link.html'), 'after');
    expect(lstatSync(join(root, 'link.html')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(root, 'disk/real.html'), 'utf8')).toBe('after');
    mkdirSync(join(root, 'disk/run'));
    symlinkSync('disk/run', join(root, 'run'));
    await writeFolderAtomically(join(root, 'run'), async (folder) => writeFileSync(join(folder, 'a'), ''));
    expect(lstatSync(join(root, 'run')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(root, 'disk')).sort()).toEqual(['real.html', 'run']);
    expect(readdirSync(join(root, 'disk/run'))).toEqual(['a']);
  });

  it.skipIf(process.platform === 'win32')('goes through a pipe (or into a device), which stays', async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await requireFilePlace('--junit', pipe);
    const reader = promisify(execFile)('cat', [pipe]);
    await writeFileAtomically(pipe, 'through');
    expect((await reader).stdout).toBe('through');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });
});
