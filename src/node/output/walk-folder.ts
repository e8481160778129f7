import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What lies below a folder, by paths as seen from it, with forward slashes, in order. Links are files. */
export interface FolderContent {
  readonly files: readonly string[];
  /** Those that are looked into. */
  readonly folders: readonly string[];
}

/** Looks into a folder; one for which `enters` is false counts as a file. */
export async function filesBelow(
  folder: string,
  enters: (folder: string) => boolean = () => true,
): Promise<FolderContent> {
  const files: string[] = [];
  const folders: string[] = [];
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && enters(path)) {
        folders.push(path);
        await walk(path);
      } else files.push(path);
    }
  };
  await walk('');
  return { files, folders };
}
