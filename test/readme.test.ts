import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GUIDE, pagesIn, ROOT, read, SCRIPTS } from './support/guide.js';
import { anchorsOf, linksOf, namedPaths } from './support/markdown.js';

/** Pages whose links are followed. */
const ALL_PAGES = [
  ...pagesIn('.'),
  ...['docs', 'docs/reference', 'calibration', 'calibration/seed', 'deploy', 'triton'].flatMap(pagesIn),
  ...readdirSync(join(ROOT, 'results')).flatMap((folder) => pagesIn(`results/${folder}`)),
];

describe('the README and the pages under docs', () => {
  it('name only npm scripts that exist', () => {
    for (const page of GUIDE) {
      for (const [, script] of read(page).matchAll(/\bnpm run ([\w:-]+)/g))
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

  it('leads to every page under docs, to some by way of start.md', () => {
    const linked = ['README.md', 'docs/start.md'].flatMap((page) =>
      linksOf(read(page)).map(({ path }) => join(dirname(page), path)),
    );
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
