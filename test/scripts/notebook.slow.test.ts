import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PERSEUS } from '../cli/small-scenario.js';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'perseus-notebook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A Python with the packages of docs/python.md: the one that PERSEUS_PYTHON names, else one of its own; or why there is none. */
function python(): { readonly path: string } | { readonly why: string } {
  const named = process.env['PERSEUS_PYTHON'];
  if (named !== undefined) return { path: named };
  const [, packages] = /pip install (.+)/.exec(readFileSync(join(ROOT, 'docs/python.md'), 'utf8'))!;
  try {
    execFileSync('python3', ['-m', 'venv', join(folder, 'venv')], { stdio: 'pipe' });
    const path = join(folder, 'venv/bin/python');
    execFileSync(path, ['-m', 'pip', 'install', '-q', ...packages!.split(' ')], { stdio: 'pipe' });
    return { path };
  } catch (error) {
    return { why: `no python3 with ${packages}: ${String(error).split('\n')[0]}` };
  }
}

it('the notebook of docs/python.md runs from its first cell to its last', { timeout: 600_000 }, (context) => {
  const found = python();
  if ('why' in found) return context.skip(found.why);
  const { cells } = JSON.parse(readFileSync(join(ROOT, 'examples/python/results.ipynb'), 'utf8')) as {
    cells: { cell_type: string; source: string[] }[];
  };
  const code = cells.filter(({ cell_type }) => cell_type === 'code').map(({ source }) => source.join(''));
  const script = join(folder, 'notebook.py');
  writeFileSync(script, code.join('\n'));
  const { status, stderr } = spawnSync(found.path, [script], {
    encoding: 'utf8',
    cwd: ROOT,
    env: { ...process.env, PERSEUS: `${process.execPath} ${PERSEUS.join(' ')}` },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
