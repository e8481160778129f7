import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vitest/config';

const ROOT = join(import.meta.dirname, '../..');

/** Compiles the sources into dist/ where they are newer, once before the tests, as every start of perseus does. */
export default function compile(): void {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'bin/perseus.js'), '--version'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the sources do not compile: npm run build says why');
}

/**
 * Lets sources start their threads from what is compiled: a thread that translates TypeScript costs a second.
 * Sending threads stay as they are, because tests give them clients that are written in TypeScript.
 */
export function compiledThreads(): Plugin {
  return {
    name: 'compiled-threads',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(join(ROOT, 'src/'))) return undefined;
      if (!/\b(workerPool|runApart|startWorker)\(/.test(code) || code.includes("'load-worker'"))
        return undefined;
      const compiled = id.replace(join(ROOT, 'src/'), join(ROOT, 'dist/')).replace(/\.ts$/, '.js');
      const url = JSON.stringify(pathToFileURL(compiled).href);
      return { code: code.replaceAll('import.meta.url', url), map: null };
    },
  };
}
