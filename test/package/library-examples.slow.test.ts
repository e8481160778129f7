import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, '.tmp/library-examples');
const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
const examples = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code!);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the examples of docs/library.md', { timeout: 240_000 }, () => {
  it('are some', () => expect(examples.length).toBeGreaterThan(4));

  it.each(examples.map((code, i) => ({ name: code.trim().split('\n').at(-1), code, i })))(
    'run: … $name',
    async ({ code, i }) => {
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${i}.ts`);
      const sources = (entry: string) => `from '${join(root, 'src', entry)}'`;
      writeFileSync(
        file,
        code
          .replaceAll("from 'perseus/node'", sources('node.ts'))
          .replaceAll("from 'perseus'", sources('index.ts')),
      );
      const log = vi.spyOn(console, 'log').mockImplementation(() => {});
      await import(file);
      for (const words of log.mock.calls) expect(String(words)).not.toMatch(/undefined|NaN/);
      if (code.includes('console.log')) expect(log).toHaveBeenCalled();
      log.mockRestore();
    },
  );
});
