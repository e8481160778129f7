import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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
