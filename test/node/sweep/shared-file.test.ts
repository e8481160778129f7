import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSharedFile } from '../../../src/node/sweep/shared-file.js';

it('a shared file that cannot be written leaves nothing behind, and the failure names the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perseus-shared-'));
  const taken = join(folder, 'points.json');
  mkdirSync(join(taken, 'full'), { recursive: true });
  await expect(writeSharedFile(taken, '{}')).rejects.toMatchObject({ path: taken });
  expect(readdirSync(folder)).toEqual(['points.json']);
  rmSync(folder, { recursive: true });
});
