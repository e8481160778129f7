import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadScenario } from '../src/node/scenario-files.js';

const ROOT = new URL('..', import.meta.url).pathname;
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

async function perseus(line: string): Promise<string> {
  const words = line.replace(/^npx perseus /, '').split(' ');
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/perseus.js', ...words], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
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

  it.each(commands)('%s works', async (command) => {
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
