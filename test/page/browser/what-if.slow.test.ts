import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pagesOf } from '../../../src/node/page/open-target.js';
import { pageTemplate } from '../../../src/node/page/page-template.js';
import { servePages } from '../../../src/node/page/serve-page.js';
import { writeRunFolder } from '../../../src/node/runs/run-folder.js';
import { runScenario } from '../../../src/node/runs/run-scenario.js';
import { resultHash } from '../../../src/report/result-hash.js';
import { launch, noChromium, openFile, wholeRun } from './chromium.js';

const EXAMPLES = readdirSync('examples/scenarios').filter((file) => file.endsWith('.yaml'));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(noChromium())('the what-if page in Chromium', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    browser = await launch('--js-flags=--expose-gc');
    folder = await mkdtemp(join(tmpdir(), 'perseus-page-'));
    await pageTemplate();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const open = (scenario: string, options?: Parameters<typeof openFile>[3]) =>
    openFile(browser, folder, scenario, options);
  const shown = async (page: Page) => (await page.getByRole('status').first().textContent()) ?? '';

  it.each(EXAMPLES)('gives the figures of the command line for %s', async (example) => {
    const { page, hash, errors } = await open(`examples/scenarios/${example}`, {
      overrides: { durationS: 15, warmUpS: 1 },
    });
    expect(await shown(page)).toContain(hash);
    // Another load and back: now the browser has simulated it.
    await page.getByRole('slider').first().press('ArrowRight');
    await page.waitForFunction(
      (known) => !document.querySelector('[role=status]')!.textContent!.includes(known),
      hash!,
    );
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.waitForFunction(
      (known) => document.querySelector('[role=status]')!.textContent!.includes(known),
      hash!,
      {
        timeout: 60_000,
      },
    );
    expect(errors).toEqual([]);
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'has no axe violations and fits 390 px when it is %s',
    async (colorScheme) => {
      const { page } = await open('examples/scenarios/two-tenants.yaml', {
        colorScheme,
        viewport: { width: 390, height: 800 },
      });
      await page.evaluate(AXE);
      const violations = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
      });
      expect(violations).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await page.close();
    },
  );

  it('fits 390 px with names of any length, and shows the charts of latency whole', async () => {
    const name = 'x'.repeat(120);
    const text = readFileSync('examples/scenarios/mig.yaml', 'utf8').replaceAll(
      '../../',
      `${process.cwd()}/`,
    );
    const scenario = join(folder, 'long.yaml');
    await writeFile(scenario, text.replace('name: previews', `name: ${name}`));
    const { page } = await open(scenario, { viewport: { width: 390, height: 800 } });
    await wholeRun(page);
    await page.locator('#latency svg').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const ends = await page.evaluate(() =>
      [...document.querySelectorAll('.pair svg')].map((svg) => svg.getBoundingClientRect().right),
    );
    expect(ends.length).toBeGreaterThan(1);
    expect(Math.max(...ends)).toBeLessThanOrEqual(390);
    await page.close();
  });

  it('colours tenants on the board as in the charts, beyond eight in grey', async () => {
    const [head, tenants] = readFileSync('examples/scenarios/mig.yaml', 'utf8')
      .replaceAll('../../', `${process.cwd()}/`)
      .replace('durationS: 120', 'durationS: 20')
      .split('tenants:');
    const more = Array.from(
      { length: 7 },
      (_, i) => `  - {name: more-${i}, model: bert, load: {process: {kind: poisson, ratePerS: 1}}}\n`,
    );
    const scenario = join(folder, 'many.yaml');
    await writeFile(scenario, `${head}tenants:${tenants}${more.join('')}`);
    const { page } = await open(scenario);
    await wholeRun(page);
    const chip = page.locator('.chip', { hasText: 'bert' });
    const stripes = (await chip.getAttribute('style')) ?? '';
    expect(stripes).toContain('--series-8');
    expect(stripes.match(/--series-1\)/g)).toBeNull();
    expect(stripes).toContain('--muted');
    await page.close();
  });

  it('does not call figures those of a scenario that cannot be simulated', async () => {
    const { page } = await open('examples/scenarios/priorities.yaml', {
      overrides: { durationS: 15, warmUpS: 1 },
    });
    await wholeRun(page);
    await page.locator('.chip').first().click();
    await page.getByLabel('Dynamic batching').click();
    await page.getByRole('alert').waitFor();
    expect(await shown(page)).toBe('cannot be simulated; figures are those of before');
    expect(await page.locator('#files').textContent()).not.toContain('(result');
    await page.close();
  });

  it('has every column on a sheet of paper', async () => {
    const widthPx = 718;
    const { page } = await open('examples/scenarios/mig.yaml', {
      viewport: { width: widthPx, height: 1000 },
    });
    await wholeRun(page);
    await page.locator('#resources').waitFor();
    await page.emulateMedia({ media: 'print' });
    const ends = await page.evaluate(() =>
      [...document.querySelectorAll('table, svg')].map((one) => one.getBoundingClientRect().right),
    );
    expect(Math.max(...ends)).toBeLessThanOrEqual(widthPx);
    await page.close();
  });

  it('runs nothing that a scenario brings', async () => {
    const name = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';
    const scenario = join(folder, 'hostile.json');
    const text = readFileSync('examples/scenarios/mig.yaml', 'utf8').replaceAll(
      '../../',
      `${process.cwd()}/`,
    );
    const yaml = text
      .replace(/^name: .*$/m, `name: '${name}'`)
      .replace(/(tenants:\n\s+- ?\{?name: )[^,\n]+/, `$1'${name}'`);
    await writeFile(scenario, yaml);
    const { page, errors } = await open(scenario);
    await wholeRun(page);
    expect(await page.textContent('h1')).toBe(name);
    expect(await page.evaluate(() => (window as unknown as { harmed?: number }).harmed)).toBeUndefined();
    expect(await page.evaluate(() => document.querySelectorAll('main img, main script').length)).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('takes no more memory after 100 runs than after 10', async () => {
    const { page } = await open('examples/scenarios/mig.yaml');
    const slider = page.getByRole('slider').first();
    const heapAfter = async (runs: number) => {
      for (let i = 0; i < runs; i++) {
        await slider.press(i % 2 === 0 ? 'ArrowRight' : 'ArrowLeft');
        await wholeRun(page);
      }
      return page.evaluate(() => {
        (globalThis as unknown as { gc(): void }).gc();
        return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
      });
    };
    const after10 = await heapAfter(10);
    expect(await heapAfter(90)).toBeLessThanOrEqual(1.2 * after10);
    await page.close();
  }, 240_000);

  it('loads at most 400 kB, compressed', async () => {
    expect(gzipSync(await pageTemplate(), { level: 9 }).byteLength).toBeLessThanOrEqual(400_000);
  });

  it('lies in the report of a run, which comes alive, also from a link that was shared there', async () => {
    const run = await runScenario('examples/scenarios/mig.yaml', {
      overrides: { durationS: 15, warmUpS: 1 },
      log: true,
    });
    const results = join(folder, 'run');
    await writeRunFolder(results, run);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(results, 'report.html')).href);
    expect(await page.textContent('h1')).toBe('mig');
    await page.getByRole('button', { name: /^Change load or placement/ }).click();
    const before = await wholeRun(page);
    expect(before).toContain(resultHash(run.report.summary));
    await page.getByRole('slider').first().press('ArrowRight');
    const changed = await wholeRun(page, before);
    await page.getByRole('button', { name: 'Share as a link' }).click();
    const other = await browser.newPage();
    await other.goto(await page.locator('.link input').inputValue());
    expect(await wholeRun(other)).toBe(changed);
    await page.close();
    await other.close();
  });

  it('is served to this machine only, under its token only', async () => {
    const served = await servePages(await pagesOf('examples/scenarios/mig.yaml', {}, () => {}));
    const { origin, port } = new URL(served.url);
    expect(origin).toBe(`http://127.0.0.1:${port}`);
    const answers = await Promise.all(
      [
        served.url,
        `${origin}/`,
        `${origin}/what-if.html`,
        `http://localhost:${port}${new URL(served.url).pathname}`,
      ].map(async (url) => (await fetch(url)).status),
    );
    expect(answers).toEqual([200, 404, 404, 404]);
    const page = await browser.newPage();
    await page.goto(served.url);
    await wholeRun(page);
    await page.close();
    await served.close();
  });

  it('opens the scenarios that a report of a sweep or a plan links to, and nothing else of its folder', async () => {
    const results = await mkdtemp(join(folder, 'sweep-'));
    await mkdir(join(results, 'scenarios'));
    const text = readFileSync('examples/scenarios/mig.yaml', 'utf8').replaceAll(
      '../../',
      `${process.cwd()}/`,
    );
    await writeFile(join(results, 'scenarios/00001.yaml'), text);
    await writeFile(join(results, 'scenarios/00002.yaml'), text);
    await writeFile(
      join(results, 'report.html'),
      '<p><a href="scenarios/00001.yaml">1</a> <a href="../../x">2</a></p>',
    );
    const served = await servePages(await pagesOf(results, {}, () => {}));
    const page = await browser.newPage();
    await page.goto(served.url);
    await page.getByRole('link', { name: '1' }).click();
    await wholeRun(page);
    expect(await page.textContent('h1')).toBe('mig');
    for (const path of ['scenarios/00002.yaml', 'report.html', '%2e%2e/x', 'scenarios'])
      expect((await fetch(served.url + path)).status).toBe(404);
    await page.close();
    await served.close();
  });
});
