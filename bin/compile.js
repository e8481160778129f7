// Compiles a checkout: TypeScript to JavaScript, and that into bundles. Types are not checked: `npm run typecheck` does that.
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, loadEsbuild } from './bundle.js';

/**
 * Others may be compiling at the same moment (the tasks of an array job, say): each does so in a folder of its own.
 * @param {string} root the checkout
 * @param {() => boolean} isStale whether nobody else has been faster
 * @returns whether the sources compile
 */
export async function compile(root, isStale) {
  const esbuild = (await loadEsbuild()) ?? endWithoutCompiler(root);
  const workplace = makeWorkplace(root);
  // Not the workplace itself, which nobody else may read.
  const fresh = join(workplace, 'dist');
  try {
    await esbuild.build({
      entryPoints: sourcesOf(root),
      outbase: join(root, 'src'),
      outdir: fresh,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'error',
    });
    await bundle(fresh);
    if (isStale()) putInPlace(fresh, join(root, 'dist'), join(workplace, 'old'));
    return true;
  } catch (error) {
    // Errors of the sources are told already.
    if (error.errors === undefined) throw error;
    return false;
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

/** What runs in Node: the page in a browser is built by vite. */
function sourcesOf(root) {
  const sources = join(root, 'src');
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .map((file) => join(sources, file))
    .filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith(join(sources, 'page/browser/')));
}

function endWithoutCompiler(root) {
  const remedy = existsSync(join(root, 'src'))
    ? `run npm ci in ${root}`
    : 'install a package that npm pack made after npm run build';
  process.stderr.write(`perseus: nothing is compiled here, and there is no compiler; ${remedy}\n`);
  process.exit(1);
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
