import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { closest } from '../../base/closest.js';
import { InputError, ProblemList } from '../../base/problem.js';
import { writeFileAtomically } from '../files/atomic-write.js';
import { exists } from '../files/exists.js';
import { requireFolderPlace } from '../files/output-places.js';
import { readBytesIfPresent } from '../files/read-text.js';
import { SERVER_PROFILE } from './profile-files.js';
import { PROFILE_SUFFIX } from './shipped-profiles.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Folders of `examples/` in the package, and the command that takes what lies there. */
const COMMANDS = { scenarios: 'simulate', sweeps: 'sweep', plans: 'plan', expectations: 'check' } as const;
const EXAMPLES = 'examples';
const SUFFIX = '.yaml';

/** A file to learn from that perseus ships. Its paths are those in the package, and those that it is written to. */
export interface Example {
  /** `scenarios/two-tenants`, say. */
  readonly name: string;
  readonly file: string;
  readonly command: string;
}

export interface WrittenExample {
  readonly file: string;
  readonly command: string;
  /** How many files were written, the example and those that it names. */
  readonly written: number;
  /** How many of them were there already, as they are shipped. */
  readonly kept: number;
}

/** Every shipped example, and the first sentence of the comment at its head. */
export async function listExamples(): Promise<readonly (Example & { readonly about: string })[]> {
  return Promise.all(
    (await findExamples()).map(async (example) => ({
      ...example,
      about: firstSentence(await readFile(join(ROOT, example.file), 'utf8')),
    })),
  );
}

/**
 * Writes an example and every file that it names into a folder, at the paths that they have in the package.
 *
 * @param name with or without its folder
 * @throws InputError where there is no such example, or where other files have those paths; nothing is written then
 */
export async function writeExample(name: string, folder: string): Promise<WrittenExample> {
  const example = chooseExample(name, await findExamples());
  await requireFolderPlace('--out', folder);
  const missing = new Map<string, Uint8Array>();
  const problems = new ProblemList();
  const files = await withNamedFiles(example.file);
  for (const file of files) {
    const target = join(folder, file);
    const shipped = await readFile(join(ROOT, file));
    const present = await readBytesIfPresent(target);
    if (present === undefined) missing.set(target, shipped);
    else if (!shipped.equals(present)) {
      const remedy = 'move it away, or name another folder with --out';
      problems.add({ file: target, what: 'another file has this name already', remedy });
    }
  }
  problems.throwIfAny();
  for (const [target, content] of missing) await writeFileAtomically(target, content);
  const { command } = example;
  return {
    file: join(folder, example.file),
    command,
    written: missing.size,
    kept: files.length - missing.size,
  };
}

async function findExamples(): Promise<readonly Example[]> {
  const found = await Promise.all(
    Object.entries(COMMANDS).map(async ([folder, command]) => {
      const names = (await readdir(join(ROOT, EXAMPLES, folder)))
        .filter((name) => name.endsWith(SUFFIX))
        .sort();
      return names.map((name) => ({
        name: `${folder}/${basename(name, SUFFIX)}`,
        file: `${EXAMPLES}/${folder}/${name}`,
        command,
      }));
    }),
  );
  return found.flat();
}

function chooseExample(name: string, examples: readonly Example[]): Example {
  const wanted = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  const named = examples.filter((example) => [example.name, basename(example.name)].includes(wanted));
  const [first, ...others] = named;
  if (first !== undefined && others.length === 0) return first;
  const path = '--example';
  if (first !== undefined) {
    const remedy = `write ${named.map((example) => example.name).join(' or ')}`;
    throw InputError.of(`several examples are called "${name}"`, remedy, { path });
  }
  const names = examples.flatMap((example) => [example.name, basename(example.name)]);
  const meant = closest(wanted, names);
  const remedy = meant === undefined ? '--example alone lists all' : `did you mean ${meant}?`;
  throw InputError.of(`there is no example "${name}"`, remedy, { path });
}

/** A file of the package, and those that it names or that lie in folders that it names; without doubles. */
async function withNamedFiles(file: string, found = new Set<string>()): Promise<readonly string[]> {
  found.add(file);
  if (!file.endsWith(SUFFIX)) return [...found];
  for (const text of textsIn(parse(await readFile(join(ROOT, file), 'utf8')))) {
    // Names of models and devices have no slash, or lead nowhere.
    if (!text.includes('/')) continue;
    for (const named of await filesAt(join(dirname(file), text)))
      if (!found.has(named)) await withNamedFiles(named, found);
  }
  return [...found];
}

/** The file of that path, or all below the folder of that path; none where nothing has it. */
async function filesAt(path: string): Promise<readonly string[]> {
  const facts = await stat(join(ROOT, path)).catch(() => undefined);
  if (facts === undefined) return [];
  if (!facts.isDirectory()) return [path, ...(await serverProfileOf(path))];
  const names = (await readdir(join(ROOT, path))).sort();
  return (await Promise.all(names.map((name) => filesAt(join(path, name))))).flat();
}

/** Of a profile that is named by itself. */
async function serverProfileOf(path: string): Promise<readonly string[]> {
  const file = join(dirname(path), SERVER_PROFILE);
  return path.endsWith(PROFILE_SUFFIX) && (await exists(join(ROOT, file))) ? [file] : [];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Of the comment at the head of a file. */
function firstSentence(text: string): string {
  const [comment = ''] = /^(# .*\n)*/.exec(text) ?? [];
  const words = comment.replace(/^# /gm, '').replace(/\s+/g, ' ').trim();
  return /^.*?[.?](?= |$)/.exec(words)?.[0] ?? words;
}
