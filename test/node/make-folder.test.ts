import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/node/files/make-folder.js';
import {
  requireFilePlace,
  requireFolderPlace,
  requireNewFolderPlace,
} from '../../src/node/files/output-places.js';
import { requireSweepFolder } from '../../src/node/sweep/own-sweep.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-make-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder for results', () => {
  it('is made with those above it, also where others make it at the same time, and is left where it is there', async () => {
    // Many places, and makers that start one after the other: one of them then finds the folder above missing, and there
    // a moment later.
    for (let round = 0; round < 200; round++) {
      const place = join(folder, `${round}/b/c`);
      await Promise.all(
        Array.from({ length: 6 }, async (_, index) => {
          for (let turn = 0; turn < index; turn++) await new Promise((next) => setImmediate(next));
          await makeFolder(place);
        }),
      );
      await makeFolder(place);
      expect(existsSync(place)).toBe(true);
    }
    await makeFolder('/');
  });

  it('is not made where a file has its name, or a link that leads nowhere', async () => {
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeFolder(join(folder, 'link'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('is refused before a long run where its name is too long, or a part of the path a link that leads nowhere', async () => {
    const long = join(folder, 'x'.repeat(245));
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    for (const place of [long, join(folder, 'x'.repeat(300), 'x'), join(folder, 'loop/x')])
      await expect(requireFilePlace('--html', place), place).rejects.toThrow(/--html: .*(longer|no folder)/);
    await expect(requireFolderPlace('--out', long)).rejects.toThrow('--out: ');
    await expect(requireFolderPlace('--out', join(folder, 'loop'))).rejects.toThrow('is no folder');
    await expect(requireNewFolderPlace('--out', long)).rejects.toThrow('--out: ');
    await expect(requireSweepFolder(join(folder, 'loop'))).rejects.toThrow('is no folder');
  });

  // Node's own recursive mkdir never comes back from there.
  it.runIf(existsSync('/proc/self'))(
    'is refused in /proc, before a long run and when it is to be made',
    async () => {
      await expect(makeFolder('/proc/x/y')).rejects.toThrow(/no folder can be made here|ENOENT|EACCES/);
      await expect(requireFolderPlace('--out', '/proc/x/y')).rejects.toThrow('--out: /proc ');
      await expect(requireFilePlace('--html', '/proc/x/y.html')).rejects.toThrow('--html: /proc ');
    },
  );
});
