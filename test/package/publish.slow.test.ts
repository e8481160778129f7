import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

function run(command: string, words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: root,
    encoding: 'utf8',
    // `npm run --silent` would silence it, too.
    env: { ...process.env, npm_config_loglevel: 'notice' },
    timeout: 240_000,
  });
  return { status, text: `${stdout}${stderr}` };
}

/** What npx says where it cannot get a package. */
const OFFLINE = /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ENOTCACHED/;

describe('the package, as npm would publish it', { timeout: 300_000 }, () => {
  // A start compiles without them; npm run build, of which packages are made, writes them.
  beforeAll(() => {
    const { status, text } = run('npx', ['tsc', '-p', 'tsconfig.build.json', '--emitDeclarationOnly']);
    expect({ status, text }).toMatchObject({ status: 0 });
  }, 240_000);

  it('is accepted by npm publish --dry-run', () => {
    const { status, text } = run('npm', ['publish', '--dry-run', '--ignore-scripts']);
    expect(text).toContain('+ perseus@');
    expect(status).toBe(0);
  });

  // The package is of ES modules alone.
  const checks = [
    { name: 'publint', words: ['publint@0.3.25', '--strict'] },
    { name: 'attw', words: ['@arethetypeswrong/cli@0.18.5', '--pack', '.', '--profile', 'esm-only'] },
  ];
  for (const { name, words } of checks)
    it(`has nothing that ${name} finds fault with`, (context) => {
      const { status, text } = run('npx', ['--yes', ...words]);
      if (status !== 0 && OFFLINE.test(text)) return context.skip('there is no package registry');
      expect({ status, text }).toMatchObject({ status: 0 });
    });
});
