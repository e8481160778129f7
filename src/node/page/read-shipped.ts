import { basename } from 'node:path';
import type { Shipped } from '../../page/edit/placement-shipped.js';
import type { ProfileFile } from '../../scenario/resources.js';
import { SHIPPED } from '../files/named-path.js';
import { readPriceBook } from '../scenario/price-files.js';
import { readProfiles } from '../scenario/profile-files.js';
import { PROFILE_SUFFIX, shippedFolders } from '../scenario/shipped-profiles.js';

/** Everything that perseus ships, each profile under the name that a scenario has for it. */
export async function readShipped(): Promise<Shipped> {
  const folders = await Promise.all(
    (await shippedFolders()).map(async (folder) => {
      const files = await readProfiles([`${SHIPPED}${folder}`]);
      return files.map((each) => named(each, `${SHIPPED}${folder}`));
    }),
  );
  const { prices } = await readPriceBook();
  return { profiles: Object.fromEntries(folders.flat().map((each) => [each.file, [each]])), prices };
}

function named({ file, serverFile, profile }: ProfileFile, folder: string): ProfileFile {
  return {
    file: `${folder}/${basename(file, PROFILE_SUFFIX)}`,
    ...(serverFile !== undefined && { serverFile: `${folder}/${basename(serverFile)}` }),
    profile,
  };
}
