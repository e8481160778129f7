import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type CarriedScenario, carriedToText, carry, resourcesOf } from '../../page/carried.js';
import type { PageAnswer } from '../../page/page-answer.js';
import { simulateCarried } from '../../page/simulate-carried.js';
import { encodeValue } from '../../sweep/content.js';
import { traceLength } from '../../trace/trace.js';
import { version } from '../runs/package-facts.js';
import type { LoadedScenario } from '../scenario/scenario-files.js';
import { builtTemplate, pageTemplate } from './page-template.js';
import { readShipped } from './read-shipped.js';

/** The page opens with an answer; of a longer scenario with that of its beginning. */
const MOST_REQUESTS = 1_000_000;

/** Arrivals of traces in a report: about a megabyte. */
const MOST_ARRIVALS = 200_000;

/**
 * The page as one file that needs no network, with a scenario and its answer in it.
 * @throws InputError where the page was not built and cannot be
 */
export async function makePage(
  loaded: LoadedScenario,
  say?: (text: string) => void,
): Promise<{ readonly page: string; readonly hash: string | undefined }> {
  const [template, shipped] = await Promise.all([pageTemplate(say), packedShipped()]);
  const carried = carry(loaded, version());
  const answer = simulateCarried(carried.spec, resourcesOf(carried), {
    version: carried.version,
    mostRequests: MOST_REQUESTS,
  });
  const isAnswered = 'report' in answer;
  const page = withData(template, { ...carried, ...(isAnswered && { answer }) }, shipped);
  return { page: withPolicy(page), hash: isAnswered && answer.isWhole ? answer.hash : undefined };
}

/**
 * The page of a run as a zlib stream in base64, for its report.
 * @param answer what the run gave, where it is one that the page gives, too
 * @returns null where the page is not built, or the traces would make the report too large
 */
export async function packedPage(
  loaded: LoadedScenario,
  answer: PageAnswer | undefined,
): Promise<string | null> {
  const template = await builtTemplate();
  const arrivals = [...loaded.resources.traces.values()].map(({ value }) => (value ? traceLength(value) : 0));
  if (template === undefined || arrivals.reduce((sum, each) => sum + each, 0) > MOST_ARRIVALS) return null;
  const carried = { ...carry(loaded, version()), ...(answer && { answer }) };
  return deflateSync(withPolicy(withData(template, carried, await packedShipped()))).toString('base64');
}

let packedOnce: Promise<string> | undefined;

/** What perseus ships, packed once: it does not change while a process runs. */
function packedShipped(): Promise<string> {
  packedOnce ??= readShipped().then((shipped) => packed(encodeValue(shipped)));
  return packedOnce;
}

/** Compressed, and in letters that mean nothing to HTML. */
function packed(text: string): string {
  return deflateSync(text, { level: 9 }).toString('base64');
}

function withData(template: string, carried: CarriedScenario, shipped: string): string {
  const scripts = Object.entries({ carried: packed(carriedToText(carried)), shipped }).map(
    ([id, data]) => `<script type="text/plain" id="${id}">${data}</script>`,
  );
  return template.replace('<!-- carried -->', scripts.join('\n    '));
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
