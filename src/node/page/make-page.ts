import { deflateSync } from 'node:zlib';
import { type CarriedScenario, carriedToText, carry } from '../../page/carried.js';
import { version } from '../runs/package-facts.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';
import { pageTemplate } from './page-template.js';

/** The page as one file that needs no network, with a scenario open in it. */
export async function makePage(loaded: LoadedScenario, say?: (text: string) => void): Promise<string> {
  return withCarried(await pageTemplate(say), carry(loaded, version()));
}

/** Compressed, and in letters that mean nothing to HTML. */
function withCarried(template: string, carried: CarriedScenario): string {
  const data = deflateSync(carriedToText(carried), { level: 9 }).toString('base64');
  return template.replace('<!-- carried -->', `<script type="text/plain" id="carried">${data}</script>`);
}
