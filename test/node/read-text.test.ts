import { lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCalibrationFolder, readObservations } from '../../src/node/calibrate/calibration-folder.js';
import { writeOwnText } from '../../src/node/files/own-text.js';
import { readTextIfPresent } from '../../src/node/files/read-text.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perseus-read-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** There, and unreadable for anybody, whatever rights a test has: a link to itself. */
async function unreadable(name: string): Promise<string> {
  const file = join(folder, name);
  await symlink(file, file);
  return file;
}

describe('a file that need not be there', () => {
  it('is nothing where it is missing, or its folder is', async () => {
    expect(await readTextIfPresent(join(folder, 'none'))).toBeUndefined();
    expect(await readTextIfPresent(join(folder, 'no', 'none'))).toBeUndefined();
    await writeFile(join(folder, 'file'), 'text');
    expect(await readTextIfPresent(join(folder, 'file', 'none'))).toBeUndefined();
    expect(await readTextIfPresent(join(folder, 'file'))).toBe('text');
  });

  it('is no nothing where it cannot be read', async () => {
    await mkdir(join(folder, 'sub'));
    await expect(readTextIfPresent(join(folder, 'sub'))).rejects.toThrow('sub: this is a folder');
    await expect(readTextIfPresent(await unreadable('loop'))).rejects.toThrow('it cannot be read (ELOOP)');
  });
});

describe('what cannot be read is not written over', () => {
  it('neither a text that people may have changed', async () => {
    const file = await unreadable('expectations.yaml');
    await expect(writeOwnText(file, 'ours')).rejects.toThrow('cannot be read');
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
  });

  it('nor what a calibration was measured on', async () => {
    const file = await unreadable('calibration.json');
    const fingerprint = { server: 'triton', serverVersion: '2.53.0', client: 'laptop', models: {} };
    await expect(openCalibrationFolder(folder, fingerprint, { url: 'http://x' })).rejects.toThrow(
      'cannot be read',
    );
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
  });

  it('nor are its points measured again', async () => {
    await unreadable('points');
    await expect(readObservations(folder)).rejects.toThrow('cannot be read');
  });
});
