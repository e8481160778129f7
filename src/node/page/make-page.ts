import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type CarriedScenario, carriedToText, carry, resourcesOf } from '../../page/carried.js';
import { simulateCarried } from '../../page/simulate-carried.js';
import { version } from '../runs/package-facts.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';
import { pageTemplate } from './page-template.js';

/** The page opens with an answer; of a longer scenario with that of its beginning. */
const MOST_REQUESTS = 1_000_000;

/**
 * The page as one file that needs no network, with a scenario and its answer in it.
 * @throws InputError where the page was not built and cannot be
 */
export async function makePage(
  loaded: LoadedScenario,
  say?: (text: string) => void,
): Promise<{ readonly page: string; readonly hash: string | undefined }> {
  const template = await pageTemplate(say);
  const carried = carry(loaded, version());
  const answer = simulateCarried(carried.spec, resourcesOf(carried), {
    version: carried.version,
    mostRequests: MOST_REQUESTS,
  });
  const isAnswered = 'report' in answer;
  const page = withCarried(template, { ...carried, ...(isAnswered && { answer }) });
  return { page: withPolicy(page), hash: isAnswered && answer.isWhole ? answer.hash : undefined };
}

/** Compressed, and in letters that mean nothing to HTML. */
function withCarried(template: string, carried: CarriedScenario): string {
  const data = deflateSync(carriedToText(carried), { level: 9 }).toString('base64');
  return template.replace('<!-- carried -->', `<script type="text/plain" id="carried">${data}</script>`);
}

function withPolicy(page: string): string {
  const meta = `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(page)}">`;
  return page.replace('<meta charset="utf-8">', (charset) => `${charset}\n    ${meta}`);
}

/**
 * What a browser lets a page do: run the scripts that are in it, and nothing that a scenario or a link may bring; load
 * nothing from anywhere.
 */
export function contentSecurityPolicy(page: string): string {
  const scripts = [...page.matchAll(/<script type="module"[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')} blob:`,
    'worker-src blob: data:',
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
