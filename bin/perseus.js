#!/usr/bin/env node
// Runs the compiled command line; in a fresh clone, where nothing is compiled yet or sources are
// newer, compiles first.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiled = join(root, 'dist');
const main = join(compiled, 'cli/main.js');

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

/** Others may be compiling at the same moment (the tasks of an array job, say): each does so in a folder of its own. */
function compile() {
  const compiler = findCompiler();
  const workplace = makeWorkplace();
  // Not the workplace itself, which nobody else may read.
  const fresh = join(workplace, 'dist');
  const built = spawnSync(
    process.execPath,
    [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh],
    {
      stdio: ['ignore', 2, 2],
    },
  );
  if (built.status === 0 && isStale()) putInPlace(fresh, join(workplace, 'old'));
  rmSync(workplace, { recursive: true, force: true });
  return built.status === 0;
}

function findCompiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  } catch {
    const remedy = existsSync(join(root, 'src'))
      ? `run npm ci in ${root}`
      : 'install a package that npm pack made after npm run build';
    process.stderr.write(`perseus: nothing is compiled here, and there is no compiler; ${remedy}\n`);
    process.exit(1);
  }
}

function makeWorkplace() {
  try {
    return mkdtempSync(join(root, 'dist-'));
  } catch (error) {
    process.stderr.write(
      `perseus: ${root} cannot be written (${error.code}); run npm run build as somebody who may write there\n`,
    );
    process.exit(1);
  }
}

function putInPlace(fresh, old) {
  for (const [from, to] of [
    [compiled, old],
    [fresh, compiled],
  ]) {
    try {
      renameSync(from, to);
    } catch (error) {
      // There was none, or another process was faster.
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    }
  }
}

if (isStale()) {
  process.stderr.write('perseus: compiling (once after each change of the sources)\n');
  if (!compile()) process.exit(1);
}
await import(main);
