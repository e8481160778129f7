#!/usr/bin/env node
// Runs the compiled command line; in a fresh clone, where nothing is compiled yet or sources are
// newer, compiles first.
import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'dist/cli/main.js');
const bundled = join(root, 'dist/start/main.js');

/** Only a checkout has sources; an installed package is never stale. */
function isStale() {
  if (!existsSync(main)) return true;
  const sources = join(root, 'src');
  return existsSync(sources) && holdsNewer(sources, statSync(main).mtimeMs);
}

function holdsNewer(folder, timeMs) {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? holdsNewer(path, timeMs) : statSync(path).mtimeMs > timeMs;
  });
}

/** The bundle, which starts in half the time, unless somebody has compiled without making it again. */
function entry() {
  return existsSync(bundled) && statSync(bundled).mtimeMs >= statSync(main).mtimeMs ? bundled : main;
}

if (isStale()) {
  process.stderr.write('perseus: compiling (once after each change of the sources)\n');
  const { compile } = await import('./compile.js');
  if (!(await compile(root, isStale))) process.exit(1);
}
// Node keeps compiled code between runs from version 22 on.
module.enableCompileCache?.();
await import(entry());
