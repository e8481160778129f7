// Compiles a checkout: TypeScript to JavaScript, and that into bundles.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.js';

/**
 * Others may be compiling at the same moment (the tasks of an array job, say): each does so in a folder of its own.
 * @param {string} root the checkout
 * @param {() => boolean} isStale whether nobody else has been faster
 * @returns whether the sources compile
 */
export async function compile(root, isStale) {
  const compiler = findCompiler(root);
  const workplace = makeWorkplace(root);
  // Not the workplace itself, which nobody else may read.
  const fresh = join(workplace, 'dist');
  try {
    const built = spawnSync(
      process.execPath,
      [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh],
      { stdio: ['ignore', 2, 2] },
    );
    if (built.status !== 0) return false;
    await bundle(fresh);
    if (isStale()) putInPlace(fresh, join(root, 'dist'), join(workplace, 'old'));
    return true;
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

function findCompiler(root) {
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

function makeWorkplace(root) {
  try {
    return mkdtempSync(join(root, 'dist-'));
  } catch (error) {
    process.stderr.write(
      `perseus: ${root} cannot be written (${error.code}); run npm run build as somebody who may write there\n`,
    );
    process.exit(1);
  }
}

function putInPlace(fresh, compiled, old) {
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
