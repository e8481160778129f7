import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
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
 * The bundle, as users' threads do: one that loads each compiled file by itself takes 0.3 s more.
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
      const bundled = code.replace(/new URL\('([^']+)', import\.meta\.url\)/g, (place, file: string) => {
        const thread = join(ROOT, 'dist/start', basename(file));
        return existsSync(thread) ? `new URL(${urlOf(thread)})` : place;
      });
      return { code: bundled.replaceAll('import.meta.url', urlOf(compiled)), map: null };
    },
  };
}

function urlOf(path: string): string {
  return JSON.stringify(pathToFileURL(path).href);
}
