import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_MODELS } from '../scripts/triton/sample-models.js';
import { loadScenario } from '../src/node/scenario-files.js';
import { describeLive, startTriton, type TestTriton } from './live/support/triton.js';

const ROOT = new URL('..', import.meta.url).pathname;
/** In the README's commands the address of a live server. */
const URL_OF_SERVER = 'localhost:8001';
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1]!,
  );
}

const commands = blocks('sh')
  .flatMap((block) => block.split('\n'))
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line.startsWith('npx perseus '));
const offline = commands.filter((command) => !command.includes(URL_OF_SERVER));
const live = commands.filter((command) => command.includes(URL_OF_SERVER));

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

describe('the README', () => {
  beforeAll(() => {
    mkdirSync(join(ROOT, '.tmp'), { recursive: true });
    for (const output of README.matchAll(/--out (\.tmp\/\S+)/g)) {
      rmSync(join(ROOT, output[1]!), { recursive: true, force: true });
    }
  });

  it('has commands to run', () => expect(commands.length).toBeGreaterThan(10));

  it.each(offline)('%s works', async (command) => {
    const output = await perseus(command);
    if (command.includes('--json')) expect(() => JSON.parse(output)).not.toThrow();
    else if (!command.includes('--out') || command.includes('simulate')) expect(output).not.toBe('');
  });

  it('shows output that the command really gives', async () => {
    const [, command, shown] = /<!-- output: (.*?) -->\n```text\n([\s\S]*?)```/.exec(README)!;
    const output = (await perseus(command!)).split('\n');
    for (const line of shown!.split('\n').filter((text) => text !== '…' && text !== '')) {
      expect(output).toContain(line);
    }
  });

  it('shows a scenario that loads', async () => {
    const file = join(ROOT, '.tmp', 'readme.yaml');
    writeFileSync(file, blocks('yaml')[0]!.replace('config: models/', 'config: ../scenarios/models/'));
    const { scenario } = await loadScenario(file);
    expect(scenario.tenants.map(({ name }) => name)).toEqual(['photos']);
  });

  it('names only files that exist', () => {
    for (const [, path] of README.matchAll(/\]\((?!http)([^)#]+)\)/g)) {
      expect(() => readFileSync(join(ROOT, path!, ''), { flag: 'r' }), path).not.toThrow(/ENOENT/);
    }
  });
});

describeLive('the README, against a real Triton', () => {
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
