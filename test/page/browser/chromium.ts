import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { makePage } from '../../../src/node/page/make-page.js';
import { loadScenario, type ScenarioOverrides } from '../../../src/node/scenario/scenario-files.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where Chromium is, if it is anywhere. `PERSEUS_CHROMIUM` names another place. */
export function chromiumPath(): string | undefined {
  const named = process.env['PERSEUS_CHROMIUM'];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  for (const name of NAMES) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {}
  }
  return undefined;
}

/** For `describe.skipIf`: says once why the tests in a browser are skipped. */
export function noChromium(): boolean {
  const isMissing = chromiumPath() === undefined;
  if (isMissing)
    process.stderr.write(
      'The tests in a real browser are skipped: there is no Chromium; install it (apt-get install chromium), or name it in PERSEUS_CHROMIUM\n',
    );
  return isMissing;
}

/** Root may not use Chromium's own sandbox. */
export function launch(...args: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath()!, args: ['--no-sandbox', ...args] });
}

/** A page with a scenario, and what went wrong on it. */
export interface Opened {
  readonly page: Page;
  /** Name of the figures that the command line gives. */
  readonly hash: string | undefined;
  readonly errors: readonly string[];
}

/** Opens a scenario from a file, as somebody would who was sent it. */
export async function openFile(
  browser: Browser,
  folder: string,
  scenario: string,
  { overrides = {}, ...options }: Parameters<Browser['newPage']>[0] & { overrides?: ScenarioOverrides } = {},
): Promise<Opened> {
  const { page: text, hash } = await makePage(await loadScenario(scenario, overrides));
  const file = join(folder, `${Math.random()}.html`);
  await writeFile(file, text);
  const page = await browser.newPage(options);
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  return { page, hash, errors };
}

/**
 * Waits until the whole run is shown, of which the top of the page then says the name.
 * @param before what it said before a change: a busy machine takes that up late
 */
export async function wholeRun(page: Page, before = ''): Promise<string> {
  const status = page.getByRole('status').first();
  await page.waitForFunction(
    (known) => {
      const text = document.querySelector('[role=status]')?.textContent ?? '';
      return text.includes('result') && text !== known;
    },
    before,
    { timeout: 60_000 },
  );
  return (await status.textContent()) ?? '';
}
