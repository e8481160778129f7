import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The files below a folder of the repository whose names end so, in order of their paths. */
export function shippedFiles(folder: string, suffix: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => join(ROOT, folder, file));
}

/** The texts of {@link shippedFiles}. */
export function shippedTexts(folder: string, suffix: string): readonly string[] {
  return shippedFiles(folder, suffix).map((file) => readFileSync(file, 'utf8'));
}

/** The first lines of every trace that perseus ships. */
export function shippedTraceHeads(lines: number): readonly string[] {
  return shippedFiles('traces', '').flatMap((file) => {
    if (!/\.csv(\.gz)?$/.test(file)) return [];
    const bytes = readFileSync(file);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    return [`${text.split('\n').slice(0, lines).join('\n')}\n`];
  });
}
