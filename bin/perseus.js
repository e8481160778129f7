#!/usr/bin/env node
// Runs the compiled command line; in a fresh clone, where nothing is compiled yet or sources are
// newer, compiles first.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'dist/cli/main.js');

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile())
      latest = Math.max(latest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return latest;
}

function isStale() {
  if (!existsSync(main)) return true;
  const sources = join(root, 'src');
  return existsSync(sources) && newest(sources) > statSync(main).mtimeMs;
}

if (isStale()) {
  process.stderr.write('perseus: compiling (once after each change of the sources)\n');
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const built = spawnSync(
    process.execPath,
    [join(dirname(compiler), 'bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
    {
      stdio: ['ignore', 2, 2],
    },
  );
  if (built.status !== 0) process.exit(1);
  // A compiler that finds nothing to change leaves the file's time as it was.
  const { utimesSync } = await import('node:fs');
  utimesSync(main, new Date(), new Date());
}
await import(main);
