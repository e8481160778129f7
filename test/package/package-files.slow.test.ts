import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const facts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

it('the package holds what its commands and pages name, and neither sources nor tests', () => {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const folders = new Set(files.map(({ path }: { path: string }) => path.split('/')[0]));
  for (const folder of ['bin', 'docs', 'schemas', 'examples', 'traces', 'calibration', 'README.md'])
    expect(folders).toContain(folder);
  for (const folder of ['src', 'test', 'scripts', 'results', 'node_modules'])
    expect(folders).not.toContain(folder);
  for (const folder of facts.files) expect(folder === 'dist' || existsSync(join(root, folder))).toBe(true);
});
