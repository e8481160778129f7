import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const folder = 'src/live/triton/generated';

it('the stubs are those that buf makes of proto/', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'perseus-stubs-'));
  try {
    const buf = join(root, 'node_modules/.bin/buf');
    execFileSync(buf, ['generate', '--output', fresh], { cwd: root, timeout: 60_000 });
    const files = readdirSync(join(root, folder));
    expect(files.sort()).toEqual(['grpc_service.ts', 'model_config.ts']);
    for (const file of files) {
      expect(readFileSync(join(root, folder, file), 'utf8')).toBe(
        readFileSync(join(fresh, folder, file), 'utf8'),
      );
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});
