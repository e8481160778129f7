/** Draws docs/images/what-if.png: the what-if page as Chromium shows it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { makePage } from '../src/node/page/make-page.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import { inTemporaryFolder } from './support/temporary-folder.js';

await inTemporaryFolder(async (folder) => {
  const file = join(folder, 'page.html');
  const { page: text } = await makePage(await loadScenario('examples/scenarios/shared-gpu-streams.yaml'));
  await writeFile(file, text);
  const executablePath = process.env['PERSEUS_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(file).href);
  await page.getByRole('button', { name: '+ server' }).click();
  await page.getByText('a short window').waitFor();
  await page.getByRole('status').filter({ hasText: 'result' }).first().waitFor();
  await page.getByText('within the error of the profiles').first().waitFor();
  await page.screenshot({ path: 'docs/images/what-if.png' });
  await browser.close();
});
