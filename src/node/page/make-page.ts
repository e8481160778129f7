import { basename } from 'node:path';
import { deflateSync } from 'node:zlib';
import { type CarriedScenario, carriedToText, carry } from '../../page/carried.js';
import type { Shelf } from '../../page/edit/placement-shelf.js';
import type { ProfileFile } from '../../scenario/resources.js';
import { encodeValue } from '../../sweep/content.js';
import { SHIPPED } from '../files/named-path.js';
import { version } from '../runs/package-facts.js';
import { readPriceBook } from '../scenario/price-files.js';
import { PROFILE_SUFFIX, readProfiles } from '../scenario/profile-files.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';
import { shippedFolders } from '../scenario/shipped-profiles.js';
import { pageTemplate } from './page-template.js';

/** The page as one file that needs no network, with a scenario open in it. */
export async function makePage(loaded: LoadedScenario, say?: (text: string) => void): Promise<string> {
  const [template, shelf] = await Promise.all([pageTemplate(say), shippedShelf()]);
  return withData(template, carry(loaded, version()), shelf);
}

/** Everything that perseus ships, each profile under the name that a scenario has for it. */
async function shippedShelf(): Promise<Shelf> {
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

/** Compressed, and in letters that mean nothing to HTML. */
function withData(template: string, carried: CarriedScenario, shelf: Shelf): string {
  const scripts = Object.entries({ carried: carriedToText(carried), shelf: encodeValue(shelf) }).map(
    ([id, text]) => {
      const data = deflateSync(text, { level: 9 }).toString('base64');
      return `<script type="text/plain" id="${id}">${data}</script>`;
    },
  );
  return template.replace('<!-- carried -->', scripts.join('\n    '));
}
