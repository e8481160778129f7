import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { blocks } from './markdown.js';

export const ROOT = new URL('../..', import.meta.url).pathname;
/** In the commands of the pages the address of a live server. */
export const URL_OF_SERVER = 'localhost:8001';
const IMAGES = 'docs/images/';
/** The scripts of package.json by name. */
export const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts;

/** Pages whose commands, outputs and examples are run. */
export const GUIDE = ['README.md', ...pagesIn('docs')];

/** In the order of the pages; what several pages show is there once. */
export const commands = [
  ...new Set(
    GUIDE.flatMap((page) => blocks(read(page), 'sh'))
      .flatMap((block) => block.split('\n'))
      .map((line) => line.replace(/#.*/, '').trim())
      // What is served until Ctrl-C has tests of its own (test/page/browser).
      .filter((line) => line.startsWith('npx perseus ') && !line.startsWith('npx perseus open')),
  ),
];
export const live = commands.filter((command) => command.includes(URL_OF_SERVER));
export const pictures = commands.filter((command) => command.includes(IMAGES));
export const offline = commands.filter((command) => !live.includes(command) && !pictures.includes(command));

/** The pages of a folder, with their paths from the root. */
export function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

/** A text file, by its path from the root. */
export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Output of a command line, as a shell would run it. Fails on other exit codes than those. */
export async function perseus(line: string, codes = [0]): Promise<string> {
  const words = line.replace(/^npx perseus /, '');
  const shell = promisify(execFile)('sh', ['-c', `exec "$0" bin/perseus.js ${words}`, process.execPath], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
  });
  const { stdout } = await shell.catch((error: { code?: number; stdout: string }) => {
    if (codes.includes(error.code ?? -1)) return error;
    throw error;
  });
  return stdout;
}
