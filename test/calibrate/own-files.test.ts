import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openCalibrationFolder } from '../../src/node/calibrate/calibration-folder.js';

const root = mkdtempSync(join(tmpdir(), 'perseus-own-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const open = (folder: string, ...models: string[]) =>
  openCalibrationFolder(
    folder,
    {
      server: 'triton',
      serverVersion: '2',
      client: 'here',
      models: Object.fromEntries(models.map((model) => [model, 'as it is'])),
    },
    { url: 'here:8001' },
  );

it('a calibration replaces no profile or fit that it has not made, and lets others lie beside its own', async () => {
  const folder = mkdtempSync(join(root, 'new-'));
  for (const name of ['m.profile.json', 'other.profile.json', 'server.json', 'fit.txt', 'notes.md'])
    writeFileSync(join(folder, name), 'mine');
  await expect(open(folder, 'm')).rejects.toThrow(
    'holds server.json, fit.txt, m.profile.json, which perseus calibrate did not write; name another folder, or move away',
  );
  expect(readdirSync(folder).sort()).toEqual([
    'fit.txt',
    'm.profile.json',
    'notes.md',
    'other.profile.json',
    'server.json',
  ]);
  for (const name of ['m.profile.json', 'server.json', 'fit.txt']) rmSync(join(folder, name));
  await open(folder, 'm');
  for (const name of ['m.profile.json', 'fit.txt']) writeFileSync(join(folder, name), 'by the calibration');
  await open(folder, 'm');
  await expect(open(folder, 'm', 'other')).rejects.toThrow('holds other.profile.json, which');
  expect(readFileSync(join(folder, 'other.profile.json'), 'utf8')).toBe('mine');
});
