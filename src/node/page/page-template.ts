import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../base/problem.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILT = join(ROOT, 'dist/what-if/index.html');
const CONFIG = join(ROOT, 'src/page/browser/vite.config.ts');

/**
 * The page as it was built, with nothing open. A checkout builds it when it is first asked for.
 * @throws InputError where it was not built and cannot be
 */
export async function pageTemplate(say: (text: string) => void = () => {}): Promise<string> {
  if (await isStale()) {
    say('building the page (once after each change of the sources)');
    await buildPage(join(ROOT, 'dist/what-if'));
  }
  return readFile(BUILT, 'utf8');
}

/** The page as it was built, unless the sources have changed since: nobody waits for it then. */
export async function builtTemplate(): Promise<string | undefined> {
  return (await isStale()) ? undefined : readFile(BUILT, 'utf8');
}

/** Only a checkout has sources; an installed package is never stale. */
async function isStale(): Promise<boolean> {
  if (!existsSync(BUILT)) return true;
  if (!existsSync(CONFIG)) return false;
  const builtMs = statSync(BUILT).mtimeMs;
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  return files.some((file) => statSync(join(ROOT, 'src', file)).mtimeMs > builtMs);
}

async function buildPage(outDir: string): Promise<void> {
  if (!existsSync(CONFIG)) throw InputError.of('the page is missing', 'install perseus again');
  const vite = await import('vite').catch(() => undefined);
  if (vite === undefined) throw InputError.of('the page is not built', `run npm ci in ${ROOT}`);
  await vite.build({ configFile: CONFIG, build: { outDir }, logLevel: 'error' });
}
