import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whether the module of this address is the program that was started, not one that a test reads. */
export function isStarted(url: string): boolean {
  return url === pathToFileURL(resolve(process.argv[1] ?? '')).href;
}

/** Writes texts by their file below a folder. */
export function writeFiles(files: ReadonlyMap<string, string>, folder = '.'): void {
  for (const [file, text] of files) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`${path}\n`);
  }
}
