import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildReference } from '../../scripts/build-reference.js';

const pages = await buildReference();

describe('a page of the reference', () => {
  it.each([...pages])('is what the code says (else npm run reference): %s', (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is there for each schema, for commands and for sources of traces, and for nothing else', () => {
    const files = readdirSync('docs/reference').map((name) => `docs/reference/${name}`);
    expect(files.sort()).toEqual([...pages.keys()].sort());
  });

  it('tells of commands below commands, and of fields inside lists', () => {
    expect(pages.get('docs/reference/commands.md')).toContain('## perseus trace import\n');
    expect(pages.get('docs/reference/scenario.md')).toContain('| `servers[].models[].name` (needed) |');
  });

  it('keeps the meaning of a field in each variant that gives it another one', () => {
    const scenario = pages.get('docs/reference/scenario.md');
    expect(scenario).toContain('| `changes[].count` | integer | How many, the youngest first.');
    expect(scenario).toContain(
      '| `changes[].count` | integer | How many processes of the python backend die',
    );
  });
});
