import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../../base/closest.js';
import { InputError } from '../../base/problem.js';
import { isShipped, SHIPPED } from '../files/named-path.js';

/** Folder of the package with the profiles that perseus ships. */
export const SHIPPED_PROFILES = fileURLToPath(new URL('../../../calibration', import.meta.url));

const SUFFIX = '.profile.json';

/**
 * The place of what `shipped:t4` names, a folder of profiles, or `shipped:t4/resnet50-onnx-trt-fp16`, one of them.
 * Other paths stay as they are.
 * @throws InputError where perseus ships no such profiles
 */
export async function shippedPlace(path: string): Promise<string> {
  if (!isShipped(path)) return path;
  const [folder = '', ...rest] = path.slice(SHIPPED.length).split('/');
  const folders = await shippedFolders();
  if (!folders.includes(folder)) {
    const meant = closest(folder, folders);
    const remedy =
      meant === undefined
        ? `write one of ${folders.map(shippedName).join(', ')}`
        : `write ${SHIPPED}${meant}`;
    throw InputError.of(`there are no shipped profiles "${folder}"`, remedy);
  }
  const name = rest.join('/');
  return name === '' ? join(SHIPPED_PROFILES, folder) : shippedFile(folder, name);
}

async function shippedFile(folder: string, name: string): Promise<string> {
  const files = (await readdir(join(SHIPPED_PROFILES, folder))).filter((file) => file.endsWith(SUFFIX));
  const names = files.map((file) => file.slice(0, -SUFFIX.length));
  const wanted = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  if (names.includes(wanted)) return join(SHIPPED_PROFILES, folder, `${wanted}${SUFFIX}`);
  const meant = closest(wanted, names);
  const remedy =
    meant === undefined ? `write one of ${names.join(', ')}` : `write ${SHIPPED}${folder}/${meant}`;
  throw InputError.of(`${SHIPPED}${folder} has no profile "${wanted}"`, remedy);
}

export async function shippedFolders(): Promise<readonly string[]> {
  const entries = await readdir(SHIPPED_PROFILES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const holdProfiles = await Promise.all(
    folders.map(async (name) =>
      (await readdir(join(SHIPPED_PROFILES, name))).some((file) => file.endsWith(SUFFIX)),
    ),
  );
  return folders.filter((_, i) => holdProfiles[i]).sort();
}

function shippedName(folder: string): string {
  return `${SHIPPED}${folder}`;
}
