import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { keptCalibrations } from '../../scripts/kept/calibrations.js';

const KEPT = join(import.meta.dirname, '../../results/live/kept');
const folder = mkdtempSync(join(tmpdir(), 'perseus-kept-'));
const measured = join(folder, 'own/measured.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

function copied(change: (rows: Record<string, unknown>[]) => unknown) {
  cpSync(join(KEPT, '89694d0'), join(folder, 'own'), { recursive: true });
  const rows = JSON.parse(readFileSync(measured, 'utf8')) as Record<string, unknown>[];
  writeFileSync(measured, JSON.stringify(change(rows), undefined, 1));
}

it('a calibration of which some cases were measured is read', async () => {
  copied((rows) => rows.slice(0, 3));
  const [own] = await keptCalibrations(folder);
  expect(own).toMatchObject({ commit: 'own', measured: { length: 3 } });
  expect(own!.profiles.length).toBeGreaterThan(0);
});

it('what was measured of a case or a tenant that is not known is named with its line, all at once', async () => {
  copied(([first, second]) => [
    { ...first, scenario: 'none' },
    { ...second, tenant: 'vgg' },
  ]);
  await expect(keptCalibrations(folder)).rejects.toThrow(
    /measured\.json:\d+:\d+: \[0\]\.scenario: no case has "none"; write one of [\s\S]*\[1\]\.tenant: no case has "vgg"; write one of medium_delay_0$/,
  );
});

it('figures that are none, a file that is no JSON and one that is not there are told', async () => {
  copied(([first]) => [{ ...first, p50Ms: 'fast' }]);
  await expect(keptCalibrations(folder)).rejects.toThrow(/measured\.json:\d+:\d+: \[0\]\.p50Ms: /);
  writeFileSync(measured, '[{"scenario": 3');
  await expect(keptCalibrations(folder)).rejects.toThrow(/measured\.json:/);
  rmSync(measured);
  await expect(keptCalibrations(folder)).rejects.toThrow(/measured\.json: there is no such file; add it/);
});

it('a folder without a calibration is refused', async () => {
  for (const empty of [folder, join(folder, 'nowhere')])
    await expect(keptCalibrations(empty)).rejects.toThrow(/holds no calibration; give a folder of such as /);
});
