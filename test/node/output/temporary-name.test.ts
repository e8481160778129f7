import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createFile } from '../../../src/node/output/create-file.js';
import { isTemporaryName, TEMPORARY_BYTES, temporaryName } from '../../../src/node/output/temporary-name.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-temporary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a temporary name differs each time, is known again, and is longer by what is told', () => {
  const names = Array.from({ length: 100 }, () => basename(temporaryName('results/page.html')));
  expect(new Set(names).size).toBe(100);
  for (const name of names) expect([name.length, isTemporaryName(name)]).toEqual([9 + TEMPORARY_BYTES, true]);
  for (const other of [
    '.notes.tmp',
    'page.html',
    '.page.html.123.tmp',
    '.page.html.0123456789abcdef.tmp.bak',
  ])
    expect([other, isTemporaryName(other)]).toEqual([other, false]);
});

it('a new file is not written through a link, nor over a file, that somebody has put in its place', async () => {
  writeFileSync(join(folder, 'target'), 'mine');
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  for (const name of ['link', 'dangling', 'target'])
    await expect(createFile(join(folder, name), 'ours'), name).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('mine');
});
