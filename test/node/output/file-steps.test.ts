import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

/** What of node:fs only looks. */
const READING = new Set([
  'access',
  'constants',
  'createReadStream',
  'existsSync',
  'lstat',
  'readdir',
  'readdirSync',
  'readFile',
  'readFileSync',
  'readlinkSync',
  'realpath',
  'stat',
  'statfs',
  'statSync',
]);

const STEPS = 'node/output/file-steps.ts';
/** Shared memory is no disk: its file is gone before a run begins. */
const MEMORY = 'live/shared-tensors.ts';

it('files are changed by the steps of one module only, where faults can be put in', () => {
  const src = resolve(import.meta.dirname, '../../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    return [...text.matchAll(/import ([^;]*?) from '(?:node:)?fs(?:\/promises)?'/g)].map(([, names]) => ({
      file: file.replaceAll('\\', '/'),
      names: importedNames(names!),
    }));
  });
  const others = found.filter(({ file, names }) => {
    return ![STEPS, MEMORY].includes(file) && names.some((name) => !READING.has(name));
  });
  expect(found.length).toBeGreaterThan(20);
  expect(others).toEqual([]);
});

/** Names as the module exports them, types left out; `* as fs` is none of those that only look. */
function importedNames(clause: string): string[] {
  if (clause.startsWith('type ')) return [];
  if (!clause.startsWith('{')) return [clause];
  const names = clause.replace(/[{}]/g, '').split(',');
  return names
    .map((name) => name.trim().split(' as ')[0]!)
    .filter((name) => name !== '' && !name.startsWith('type '));
}
