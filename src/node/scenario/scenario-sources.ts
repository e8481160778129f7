import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { remembered } from '../../base/remembered.js';
import { encodeValue } from '../../sweep/content.js';
import { copyPlain, isRecord } from '../../sweep/plain.js';
import { isShipped, placeOfNamed } from '../files/named-path.js';
import { renameFiles } from './named-files.js';
import { readProfiles } from './profile-files.js';

/** The scenario of a run folder as plain data, of whatever form, and the folder. */
export interface FiledScenario {
  readonly folder: string;
  readonly scenario: unknown;
}

/**
 * The scenarios of two folders with their profiles and traces named by where they lie from here. A file
 * of the second that holds what one of the first holds has its name, so that only other content is
 * another name. What cannot be read keeps the name that it has.
 */
export async function nameByContent(
  a: FiledScenario,
  b: FiledScenario,
): Promise<readonly [unknown, unknown]> {
  const namesOfContent = new Map<string, string>();
  const named = async ({ folder, scenario }: FiledScenario) => {
    const copy = copyPlain(scenario);
    if (!isRecord(copy)) return scenario;
    const names = new Map<string, string>();
    renameFiles(copy, (path) => {
      names.set(path, path);
      return path;
    });
    for (const path of names.keys()) {
      const place = placeOfNamed(path, folder);
      const content = await contentOf(place);
      if (content !== undefined)
        names.set(
          path,
          remembered(namesOfContent, content, () => place),
        );
    }
    renameFiles(copy, (path) => names.get(path)!);
    return copy;
  };
  return [await named(a), await named(b)];
}

/** The hash of a file, or of profiles with what is known of their server; undefined where it cannot be read. */
async function contentOf(path: string): Promise<string | undefined> {
  try {
    const isFile = !isShipped(path) && !/[*?]|\.profile\.json$/.test(path) && (await stat(path)).isFile();
    const content = isFile ? await readFile(path) : encodeValue(await profilesIn(path));
    return createHash('sha256').update(content).digest('hex');
  } catch {
    return undefined;
  }
}

async function profilesIn(path: string) {
  return (await readProfiles([path])).map(({ profile }) => profile);
}
