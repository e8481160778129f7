import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePage } from '../../../src/node/page/make-page.js';
import { loadScenario } from '../../../src/node/scenario/scenario-files.js';
import { launch, noChromium } from './chromium.js';

const SCENARIO = 'examples/scenarios/shared-gpu-streams.yaml';

/** A busy machine draws late. */
const PATIENCE = { timeout: 20_000 };

describe.skipIf(noChromium())('the board of the what-if page', () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let result: string;

  beforeAll(async () => {
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), 'perseus-board-'));
    const { page: text, hash } = await makePage(await loadScenario(SCENARIO, { durationS: 15, warmUpS: 1 }));
    result = hash!;
    await writeFile(join(folder, 'page.html'), text);
    page = await browser.newPage({ viewport: { width: 1100, height: 1200 } });
    await page.addInitScript(countAsked);
    await page.goto(pathToFileURL(join(folder, 'page.html')).href);
    await page.getByRole('button', { name: '+ server' }).click();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const said = () => page.locator('.said').textContent();
  const chip = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}, 1 instance on`) });
  const nameOf = (name: string) => chip(name).getAttribute('aria-label');
  const middleOf = async (place: string) => {
    const { x, y, width, height } = (await page.locator(place).boundingBox())!;
    return [x + width / 2, y + height / 2] as const;
  };

  it('moves a model that is dragged, and asks for a simulation only where the place changes', async () => {
    // Of the server that was added.
    await expect.poll(() => page.evaluate(asked), PATIENCE).toBe(2);
    await page.mouse.move(...(await middleOf('[data-chip="0 0 bert"]')));
    await page.mouse.down();
    await page.mouse.move(...(await middleOf('[data-server="1"][data-device="0"]')), { steps: 50 });
    // A short window more, and perhaps the whole run after it.
    expect(await page.evaluate(asked)).toBeLessThanOrEqual(4);
    await page.mouse.up();
    await expect.poll(said, PATIENCE).toBe('bert moved to gpu0 of t4-copy1.');
    await expect.poll(() => nameOf('bert'), PATIENCE).toBe('bert, 1 instance on gpu0 of t4-copy1');
  });

  it('leaves a model where it was when Escape ends the drag', async () => {
    await page.mouse.move(...(await middleOf('[data-chip="0 0 resnet50"]')));
    await page.mouse.down();
    await page.mouse.move(...(await middleOf('[data-server="1"][data-device="0"]')), { steps: 5 });
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect.poll(() => nameOf('resnet50'), PATIENCE).toBe('resnet50, 1 instance on gpu0 of t4');
  });

  it('moves a model by arrow keys, which keeps the focus', async () => {
    await chip('bert').focus();
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => document.activeElement?.ariaLabel === 'bert, 1 instance on gpu0 of t4');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      () => document.activeElement?.ariaLabel === 'bert, 1 instance on gpu0 of t4-copy1',
    );
    await expect.poll(said, PATIENCE).toBe('bert moved to gpu0 of t4-copy1.');
  });

  it('changes the kind of a GPU, with a shipped profile for its model and a price, and divides it', async () => {
    const panel = page.getByRole('group', { name: 'gpu0 of t4-copy1' });
    // A result that comes moves what is below it, and a click then misses.
    for (let i = 0; i < 5 && !(await panel.isVisible()); i++) {
      await page.getByRole('button', { name: /^gpu0 of t4-copy1/ }).click();
      await page.waitForTimeout(500);
    }
    await panel.getByLabel('Kind').selectOption('A100-80GB');
    await expect.poll(said, PATIENCE).toContain('t4-copy1 costs $5.52 per hour (a2-ultragpu-1g).');
    await panel.getByLabel('MIG slices').selectOption('3g.40gb + 3g.40gb');
    await expect.poll(said, PATIENCE).toContain('bert on t4-copy1 now runs as the shipped bert');
    await page.waitForTimeout(1000);
    expect(await page.locator('.problems li').allTextContents()).toEqual([]);
  });

  it('comes back to the first result when every step is undone', async () => {
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    let steps = 0;
    for (; await undo.isEnabled(); steps++) await undo.click();
    // A server, one drag, two keys, a kind, slices; the drag that was given up is none.
    expect(steps).toBe(6);
    await page.waitForFunction((hash) => document.body.textContent!.includes(hash), result);
  });
});

function countAsked(): void {
  const counted = window as unknown as { asked: number };
  counted.asked = 0;
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, message: { kind: string; id: number }) {
    // Others only warm a thread up.
    if (message.kind === 'simulate' && message.id > 0) counted.asked++;
    post.call(this, message);
  } as typeof post;
}

function asked(): number {
  return (window as unknown as { asked: number }).asked;
}
