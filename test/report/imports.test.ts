import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = new URL('../../src/report/', import.meta.url);

it.each(['text.ts', 'json.ts', 'csv.ts'])('%s loads neither the chart library nor a DOM', (file) => {
  const loaded = [...importsOf(fileURLToPath(new URL(file, root)))];
  expect(loaded.filter((name) => /observablehq|linkedom|report\/(charts|html)\//.test(name))).toEqual([]);
});

it('the HTML page loads the chart library', () => {
  const loaded = importsOf(fileURLToPath(new URL('html/page.ts', root)));
  expect(loaded).toContain('@observablehq/plot');
});

/** Everything that is loaded with a file: our files by path, packages by name; types are not loaded. */
function importsOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith('.ts')) return seen;
  const source = readFileSync(file, 'utf8');
  for (const [, type, from] of source.matchAll(/^import (type )?[^;]*?from '([^']+)';/gm)) {
    if (type !== undefined) continue;
    const path = from!.startsWith('.')
      ? fileURLToPath(new URL(from!.replace(/\.js$/, '.ts'), `file://${file}`))
      : from!;
    importsOf(path, seen);
  }
  return seen;
}
