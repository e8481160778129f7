import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_MODELS } from '../scripts/triton/sample-models.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { describeLive, startTriton, type TestTriton } from './live/support/triton.js';
import { anchorsOf, blocks, linksOf, namedPaths, shownOutputs } from './support/markdown.js';

const ROOT = new URL('..', import.meta.url).pathname;
/** In the commands of the pages the address of a live server. */
const URL_OF_SERVER = 'localhost:8001';
const IMAGES = 'docs/images/';
const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts;

/** Pages whose commands, outputs and examples are run. */
const GUIDE = ['README.md', ...pagesIn('docs')];
/** Pages whose links are followed. */
const ALL_PAGES = [
  ...pagesIn('.'),
  ...['docs', 'calibration', 'calibration/seed', 'deploy', 'triton'].flatMap(pagesIn),
  ...readdirSync(join(ROOT, 'results')).flatMap((folder) => pagesIn(`results/${folder}`)),
];

/** In the order of the pages; what several pages show is run once. */
const commands = [
  ...new Set(
    GUIDE.flatMap((page) => blocks(read(page), 'sh'))
      .flatMap((block) => block.split('\n'))
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line.startsWith('npx perseus ')),
  ),
];
const live = commands.filter((command) => command.includes(URL_OF_SERVER));
const pictures = commands.filter((command) => command.includes(IMAGES));
const offline = commands.filter((command) => !live.includes(command) && !pictures.includes(command));

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Output of a command line, as a shell would run it. Fails on other exit codes than those. */
async function perseus(line: string, codes = [0]): Promise<string> {
  const words = line.replace(/^npx perseus /, '');
  const shell = promisify(execFile)('sh', ['-c', `exec "$0" bin/perseus.js ${words}`, process.execPath], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
  });
  const { stdout } = await shell.catch((error: { code?: number; stdout: string }) => {
    if (codes.includes(error.code ?? -1)) return error;
    throw error;
  });
  return stdout;
}

/** What a command printed that was run already, or prints now. */
const printed = new Map<string, Promise<string>>();
function outputOf(command: string): Promise<string> {
  const line =
    command === 'npm start' ? SCRIPTS['start']!.replace('node bin/perseus.js', 'npx perseus') : command;
  const output = printed.get(line) ?? perseus(line);
  printed.set(line, output);
  return output;
}

describe('the README and the pages under docs', () => {
  beforeAll(() => {
    mkdirSync(join(ROOT, '.tmp'), { recursive: true });
    for (const command of commands) {
      for (const output of command.matchAll(/--out (\.tmp\/\S+)/g)) {
        rmSync(join(ROOT, output[1]!), { recursive: true, force: true });
      }
    }
  });

  it('have commands to run', () => expect(commands.length).toBeGreaterThan(20));

  it.each(offline)('%s works', async (command) => {
    const output = await outputOf(command);
    if (command.includes('--json')) expect(() => JSON.parse(output)).not.toThrow();
    else if (!command.includes('--out') || command.includes('simulate')) expect(output).not.toBe('');
  });

  it.each(pictures)(
    'show the picture that %s draws',
    async (command) => {
      const [picture] = /docs\/images\/\S+/.exec(command)!;
      const drawn = join('.tmp', basename(picture));
      await perseus(command.replace(picture, drawn));
      expect(read(drawn)).toBe(read(picture));
    },
    180_000,
  );

  it.each(GUIDE.flatMap((page) => shownOutputs(read(page)).map((shown) => ({ page, ...shown }))))(
    'show output that $command really gives ($page)',
    async ({ command, lines }) => {
      const output = (await outputOf(command)).split('\n');
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(output).toContain(line);
    },
  );

  it('show scenarios that load', async () => {
    const examples = GUIDE.flatMap((page) => blocks(read(page), 'yaml'));
    const names = [];
    for (const example of examples) {
      const file = join(ROOT, '.tmp', 'readme.yaml');
      writeFileSync(file, example.replace('config: models/', 'config: ../scenarios/models/'));
      const { scenario } = await loadScenario(file);
      names.push(scenario.tenants.map(({ name }) => name));
    }
    expect(names).toEqual([['photos']]);
  });

  it('show code that runs', async () => {
    const examples = GUIDE.flatMap((page) => blocks(read(page), 'ts'));
    expect(examples.length).toBeGreaterThan(0);
    for (const [i, example] of examples.entries()) {
      const file = join(ROOT, '.tmp', `example-${i}.mjs`);
      writeFileSync(file, example);
      await promisify(execFile)(process.execPath, [file], { cwd: ROOT });
    }
  });

  it('name only npm scripts that exist', () => {
    for (const page of GUIDE) {
      for (const [, script] of read(page).matchAll(/\bnpm run ([\w:]+)/g))
        expect(SCRIPTS, page).toHaveProperty([script!]);
    }
  });
});

describe('the README', () => {
  it('has at most 200 lines and 9 kB', () => {
    const text = read('README.md');
    expect(text.split('\n').length).toBeLessThanOrEqual(200);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(9000);
  });

  it('leads to every page under docs', () => {
    const linked = linksOf(read('README.md')).map(({ path }) => path);
    for (const page of pagesIn('docs')) expect(linked).toContain(page);
  });
});

describe('every page', () => {
  it.each(ALL_PAGES)('%s names only files and headings that exist', (page) => {
    for (const { path, anchor } of linksOf(read(page))) {
      const file = path === '' ? page : join(dirname(page), path);
      expect(existsSync(join(ROOT, file)), `${page}: ${file}`).toBe(true);
      if (anchor !== undefined && file.endsWith('.md'))
        expect(anchorsOf(read(file)), `${page}: ${file}#${anchor}`).toContain(anchor);
    }
    for (const path of namedPaths(read(page)))
      expect(existsSync(join(ROOT, path)), `${page}: ${path}`).toBe(true);
  });
});

describeLive('the README and the pages under docs, against a real Triton', () => {
  let server: TestTriton;

  beforeAll(async () => {
    server = await startTriton({ models: SAMPLE_MODELS.filter(({ name }) => name === 'sleep_small') });
  });

  afterAll(() => server.stop());

  it.each(live)(
    '%s works',
    async (command) => {
      // Ports of tests are their own; a verdict out of tolerance (exit code 1) on a busy machine is an answer too.
      const output = await perseus(command.replace(URL_OF_SERVER, server.url), [
        0,
        command.includes('validate') ? 1 : 0,
      ]);
      expect(output).not.toBe('');
    },
    180_000,
  );
});
