import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const page = readFileSync('ARCHITECTURE.md', 'utf8');
const section = page.slice(page.indexOf('## Where is it?'), page.indexOf('## Folders'));
const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`src/'));
const codes = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

describe.each(rows.map((row) => [row.split('|')[1]!.trim(), row] as const))(
  'the signpost to %s',
  (_, row) => {
    const [file, ...others] = codes(row);

    it('leads to a file', () => {
      expect(existsSync(file!)).toBe(true);
    });

    it('names only what stands in it, or in files beside it', () => {
      const files = [
        file!,
        ...others.filter((code) => code.endsWith('.ts')).map((name) => join(dirname(file!), name)),
      ];
      const text = files.map((each) => readFileSync(each, 'utf8')).join('\n');
      for (const name of others.filter((code) => !code.endsWith('.ts')))
        expect(text, `${name} in ${files.join(', ')}`).toMatch(new RegExp(`\\b${name}\\b`));
    });
  },
);

it('each step of CONTRIBUTING.md that a signpost leads to is a heading there', () => {
  const headings = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replaceAll(' ', '-'),
  );
  const asked = [...section.matchAll(/CONTRIBUTING\.md#([\w-]+)/g)].map(([, anchor]) => anchor!);
  expect(asked).toHaveLength(4);
  expect(headings).toEqual(expect.arrayContaining(asked));
});

it('each file that CONTRIBUTING.md names by its whole path is there', () => {
  const named = codes(readFileSync('CONTRIBUTING.md', 'utf8')).filter((code) =>
    /^(src|test|scripts|docs|examples)\/[\w./-]+$/.test(code),
  );
  const missing = named.filter((path) => !path.includes('NAME') && !existsSync(path));
  expect(missing).toEqual([]);
});
