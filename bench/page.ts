import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { runScript } from '../scripts/support/run-script.js';
import { scriptOptions } from '../scripts/support/script-options.js';
import { writeFileAtomically } from '../src/node/files/atomic-write.js';
import { makePage } from '../src/node/page/make-page.js';
import { pageTemplate } from '../src/node/page/page-template.js';
import { provenanceLine, version } from '../src/node/runs/package-facts.js';
import { loadScenario } from '../src/node/scenario/scenario-files.js';
import { carry, resourcesOf } from '../src/page/carried.js';
import { simulateCarried } from '../src/page/simulate-carried.js';

const ABOUT =
  'Speed of the what-if page in Chromium (PERSEUS_CHROMIUM, else /usr/bin/chromium). Takes about two minutes.';

const SCENARIO = 'examples/scenarios/shared-gpu-streams.yaml';
/** Requests of that scenario in a second. */
const PER_S = 750;
const DRAGS = 20;

type Row = readonly [what: string, value: string, asked: string];

async function main(): Promise<void> {
  const { requests, write } = scriptOptions('npm run bench:page', ABOUT, {
    requests: { takes: 'N', default: '10000000', help: 'of the long run' },
    write: { help: 'also write results/bench/page.md' },
  });
  const folder = await mkdtemp(join(tmpdir(), 'perseus-bench-'));
  const executablePath = process.env['PERSEUS_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const rows = [
      ...(await shortRun(browser, folder)),
      ...(await longRun(browser, folder, Number(requests))),
    ];
    const text = pageOf(rows, browser.version());
    process.stdout.write(text);
    if (write) await writeFileAtomically('results/bench/page.md', text);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

async function shortRun(browser: Browser, folder: string): Promise<Row[]> {
  const { page } = await opened(browser, folder);
  const firstMs = await page.evaluate(() => performance.now());
  const figures = await page.evaluate(dragTimes, { drags: DRAGS, part: 'answer' });
  const charts = await page.evaluate(dragTimes, { drags: DRAGS, part: 'resources' });
  await page.close();
  const bytes = gzipSync(await pageTemplate(), { level: 9 }).byteLength;
  return [
    ['from opening the file to an answer on the screen', `${firstMs.toFixed(0)} ms`, '≤ 1500 ms'],
    [
      `from a step of a slider to the answer of a short window, median of ${DRAGS}`,
      spread(figures),
      '≤ 100 ms',
    ],
    ['from a step of a slider to all its charts', spread(charts), ''],
    ['the page without a scenario, gzip', `${(bytes / 1000).toFixed(1)} kB`, '≤ 400 kB'],
  ];
}

/** The page opens with the beginning of the run; the whole is simulated in the browser, then by Node. */
async function longRun(browser: Browser, folder: string, requests: number): Promise<Row[]> {
  const overrides = { durationS: requests / PER_S };
  const { page, openedMs } = await opened(browser, folder, overrides);
  await page.getByText('whole run, result').waitFor({ timeout: 600_000 });
  const browserS = (performance.now() - openedMs) / 1000;
  await page.close();
  const carried = carry(await loadScenario(SCENARIO, overrides), version());
  const begun = performance.now();
  simulateCarried(carried.spec, resourcesOf(carried), { version: '' });
  const nodeS = (performance.now() - begun) / 1000;
  const times = (browserS / nodeS).toFixed(2);
  const what = `${requests} requests in the browser, from opening the file`;
  return [[what, `${browserS.toFixed(1)} s; Node ${nodeS.toFixed(1)} s: ${times} times`, '≤ 1.3 times']];
}

async function opened(browser: Browser, folder: string, overrides = {}) {
  const { page: text } = await makePage(await loadScenario(SCENARIO, overrides));
  const file = join(folder, `${Object.keys(overrides).length}.html`);
  await writeFile(file, text);
  const page: Page = await browser.newPage();
  const openedMs = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.locator('.claim').waitFor();
  return { page, openedMs };
}

/** In the page: moves the first slider and waits until the frame with the part of that name is drawn. */
async function dragTimes({
  drags,
  part,
}: {
  readonly drags: number;
  readonly part: string;
}): Promise<number[]> {
  const slider = document.querySelector<HTMLInputElement>('input[type=range]')!;
  const times: number[] = [];
  for (let i = 0; i < drags; i++) {
    await new Promise((go) => setTimeout(go, 200));
    const begun = performance.now();
    slider.value = String(Number(slider.value) + (i % 2 === 0 ? 1 : -1));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise<void>((done) => {
      const watcher = new MutationObserver((changes) => {
        // Named functions would call a helper that the page does not have.
        if (!changes.some((one) => [...one.addedNodes].some((node) => (node as Element).id === part))) return;
        watcher.disconnect();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done();
        // What is posted before a frame is drawn comes after it.
        requestAnimationFrame(() => port2.postMessage(0));
      });
      watcher.observe(document.querySelector('main')!, { childList: true, subtree: true });
    });
    times.push(performance.now() - begun);
  }
  return times;
}

function spread(timesMs: readonly number[]): string {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)})`;
}

function pageOf(rows: readonly Row[], chromiumVersion: string): string {
  const load = loadavg()[0]!.toFixed(1);
  return `# Speed of the what-if page

\`npm run bench:page -- --write\` writes this page; ${provenanceLine()}, Chromium ${chromiumVersion}, \`${SCENARIO}\`.
The machine is shared; its load average was ${load} at the end. Nothing is gated on these figures.

| case | value | asked |
| --- | --- | --- |
${rows.map((row) => `| ${row.join(' | ')} |\n`).join('')}`;
}

await runScript(main);
