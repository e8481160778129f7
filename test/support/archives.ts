import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Several small files in one text, in the form that Go's tests call txtar: a head, then each file behind a line
 * `-- path --`.
 */
export interface Archive {
  /** `vision/faces`, say. */
  readonly name: string;
  /** `key: value` of the lines of the head that are no comments. */
  readonly head: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
}

const FILE_LINE = /^-- (.+) --$/m;

export function parseArchive(name: string, text: string): Archive {
  const [head = '', ...parts] = text.split(FILE_LINE);
  const files = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) files.set(parts[i]!, parts[i + 1]!.replace(/^\n/, ''));
  const told = head.split('\n').flatMap((line) => {
    const [, key, value] = /^([a-z][a-z ]*): (.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value!] as const];
  });
  return { name, head: new Map(told), files };
}

const FOLDER = join(import.meta.dirname, '../fixtures/repositories');

/** Model repositories in the shapes of those that people publish, written for these tests. */
export function repositoryArchives(): readonly Archive[] {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txtar'))
    .sort();
  return paths.map((path) =>
    parseArchive(path.slice(0, -'.txtar'.length), readFileSync(join(FOLDER, path), 'utf8')),
  );
}

/** Writes the files of an archive below a folder. */
export function unpackArchive({ files }: Archive, folder: string): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
