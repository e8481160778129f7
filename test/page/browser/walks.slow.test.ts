import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, noChromium, openFile, wholeRun } from './chromium.js';

/** A busy machine draws late. */
const PATIENCE = { timeout: 30_000 };

/** Six models, each on a GPU of its own. */
const MODELS = [
  'bert-dist4l-trt-fp16',
  'bert-dist6l-trt-fp16',
  'resnet50-onnx-trt-fp16',
  'fastpitch-pytorch-fp16',
  'tft-trt-fp16-table1',
  'wide-and-deep-trt-fp16',
];

const SIX = `perseus: 1
name: six-models
durationS: 5
profiles: [shipped:t4]
servers:
  - name: server
    devices: [${MODELS.map((_, i) => `{name: gpu${i}, kind: Tesla T4}`).join(', ')}]
    models: [${MODELS.map((name, i) => `{name: ${name}, config: {max_batch_size: 8, dynamic_batching: {}, instance_group: [{kind: KIND_GPU, gpus: [${i}]}]}}`).join(', ')}]
tenants: [${MODELS.map((model, i) => `{name: team${i}, model: ${model}, load: {process: {kind: poisson, ratePerS: 20}}, slo: {percentile: 95, limitMs: 200}}`).join(', ')}]
`;

describe.skipIf(noChromium())('a walk through the what-if page', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), 'perseus-walks-'));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const middleOf = async (page: Page, place: string) => {
    const { x, y, width, height } = (await page.locator(place).boundingBox())!;
    return [x + width / 2, y + height / 2] as const;
  };

  it('an engineer packs six models onto two GPUs by dragging, and every SLO still holds', async () => {
    const file = join(folder, 'six.yaml');
    await writeFile(file, SIX);
    const { page, errors } = await openFile(browser, folder, file, {
      viewport: { width: 1300, height: 2400 },
    });
    await wholeRun(page);
    for (const [i, model] of MODELS.entries()) {
      if (i < 2) continue;
      await page.mouse.move(...(await middleOf(page, `[data-chip="0 ${i} ${model}"]`)));
      await page.mouse.down();
      await page.mouse.move(...(await middleOf(page, `[data-server="0"][data-device="${i % 2}"]`)), {
        steps: 5,
      });
      await page.mouse.up();
      await expect
        .poll(() => page.locator('.said').textContent(), PATIENCE)
        .toBe(`${model} moved to gpu${i % 2} of server.`);
      await wholeRun(page);
    }
    await expect
      .poll(() => page.locator('#headline').textContent(), PATIENCE)
      .toContain('All 6 SLOs are met');
    expect(await page.locator('[data-device="0"] [data-chip]').count()).toBe(3);
    expect(await page.locator('[data-device="1"] [data-chip]').count()).toBe(3);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a researcher drops a trace and compares two sharing modes', async () => {
    const trace = join(folder, 'office.csv');
    const rows = Array.from({ length: 3000 }, (_, i) => `${i * 5000},photos`);
    await writeFile(trace, `arrival_us,tenant\n${rows.join('\n')}\n`);
    const { page, errors } = await openFile(browser, folder, 'examples/scenarios/shared-gpu-streams.yaml', {
      viewport: { width: 1300, height: 2400 },
      overrides: { durationS: 15, warmUpS: 1 },
    });
    await page.getByLabel('Open files').setInputFiles(trace);
    const arrivals = page.getByLabel('arrivals').first();
    await expect.poll(() => arrivals.textContent(), PATIENCE).toContain('office.csv');
    const option = arrivals.locator('option', { hasText: 'office.csv' });
    await arrivals.selectOption((await option.getAttribute('value'))!);
    await page.waitForTimeout(200);
    await wholeRun(page);
    await page.getByRole('button', { name: 'Pin this run as A' }).click();
    const panel = page.getByRole('group', { name: 'gpu0 of t4' });
    await page.getByRole('button', { name: /^gpu0 of t4/ }).click();
    await panel.getByLabel('Shared by').selectOption('timeSlices');
    await expect
      .poll(() => page.locator('#compare').textContent(), PATIENCE)
      .toMatch(/\d+ (is |are )?(better|worse)/);
    expect(await page.locator('#compare').textContent()).toContain('sharing');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('somebody shares a link, and who opens it sees the same result', async () => {
    const { page, errors } = await openFile(browser, folder, 'examples/scenarios/mig.yaml', {
      overrides: { durationS: 5, warmUpS: 1 },
    });
    const before = await wholeRun(page);
    await page.getByRole('slider').first().press('ArrowRight');
    const result = await wholeRun(page, before);
    await page.getByRole('button', { name: 'Share as a link' }).click();
    const url = await page.locator('.link input').inputValue();
    expect(url).toMatch(/#s=[\w-]+$/);
    const other = await browser.newPage();
    await other.goto(url);
    expect(await wholeRun(other)).toBe(result);
    expect(errors).toEqual([]);
    await page.close();
    await other.close();
  });
});
