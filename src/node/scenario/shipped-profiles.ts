import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../../base/closest.js';
import { InputError } from '../../base/problem.js';
import { isShipped, SHIPPED } from '../files/named-path.js';

/** Folder of the package with the profiles that perseus ships. */
export const SHIPPED_PROFILES = fileURLToPath(new URL('../../../calibration', import.meta.url));

export const PROFILE_SUFFIX = '.profile.json';

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
    const known = meant === undefined ? `one of ${folders.map(shippedName).join(', ')}` : shippedName(meant);
    throw InputError.of(`there are no shipped profiles "${folder}"`, `write ${known}`);
  }
  const name = rest.join('/');
  return name === '' ? join(SHIPPED_PROFILES, folder) : shippedFile(folder, name);
}

async function shippedFile(folder: string, name: string): Promise<string> {
  const files = (await readdir(join(SHIPPED_PROFILES, folder))).filter((file) =>
    file.endsWith(PROFILE_SUFFIX),
  );
  const names = files.map((file) => file.slice(0, -PROFILE_SUFFIX.length));
  const wanted = name.endsWith(PROFILE_SUFFIX) ? name.slice(0, -PROFILE_SUFFIX.length) : name;
  if (names.includes(wanted)) return join(SHIPPED_PROFILES, folder, `${wanted}${PROFILE_SUFFIX}`);
  const meant = closest(wanted, names);
  const known = meant === undefined ? `one of ${names.join(', ')}` : shippedName(`${folder}/${meant}`);
  throw InputError.of(`${shippedName(folder)} has no profile "${wanted}"`, `write ${known}`);
}

export async function shippedFolders(): Promise<readonly string[]> {
  const entries = await readdir(SHIPPED_PROFILES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const holdProfiles = await Promise.all(
    folders.map(async (name) =>
      (await readdir(join(SHIPPED_PROFILES, name))).some((file) => file.endsWith(PROFILE_SUFFIX)),
    ),
  );
  return folders.filter((_, i) => holdProfiles[i]).sort();
}

function shippedName(folder: string): string {
  return `${SHIPPED}${folder}`;
}
