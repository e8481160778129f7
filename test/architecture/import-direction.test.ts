import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folders of src/, upstream first: a folder may import from itself and from those before it. */
const ORDER = [
  'base',
  'trace',
  'effects',
  'profile',
  'scenario',
  'simulator',
  'metrics',
  'measure',
  'cost',
  'sweep',
  'plan',
  'report',
  'emit',
  'diff',
  'check',
  'page',
  'live',
  'validate',
  'calibrate',
  'node',
  'cli',
];
const EDGES = new Set(['live', 'calibrate', 'node', 'cli']);
/** What only the edges may touch: files, a clock, chance, the process (also a word for arrivals), a console. */
const IMPURE =
  /\bBuffer\b|\bprocess\.(env|argv|exit\w*|cwd|pid|std\w+|platform|hrtime|memoryUsage|nextTick|on)\b|\bDate\.now\b|\bnew Date\(|\bMath\.random\b|\bperformance\b|\bset(Timeout|Interval|Immediate)\b|\bconsole\b/g;

const src = resolve(import.meta.dirname, '../../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const sources = files.map((file) => ({
  file,
  folder: file.split('/')[0]!,
  text: readFileSync(join(src, file), 'utf8'),
}));
const inFolders = sources.filter(({ file }) => file.includes('/'));
/** The browser is an edge, too. */
const core = inFolders.filter(({ file, folder }) => !EDGES.has(folder) && !file.startsWith('page/browser/'));

describe('the sources', () => {
  it('lie in folders that have a place in the order of the data flow', () => {
    expect(inFolders.length).toBeGreaterThan(100);
    expect(
      [...new Set(inFolders.map(({ folder }) => folder))].filter((folder) => !ORDER.includes(folder)),
    ).toEqual([]);
  });

  it('import only from their own folder and from those upstream of it', () => {
    const upstream = inFolders.flatMap(({ file, folder, text }) =>
      importsOf(file, text)
        .filter(({ target }) => ORDER.indexOf(target) > ORDER.indexOf(folder) || !ORDER.includes(target))
        .map(({ from }) => `${file} imports ${from}`),
    );
    expect(upstream).toEqual([]);
  });

  it('keep files, threads, clocks and chance out of the core', () => {
    const found = core.flatMap(({ file, text }) => [
      ...[...text.matchAll(/from '(node:[^']+)'/g)].map(([, name]) => `${file} imports ${name}`),
      ...[...withoutComments(text).matchAll(IMPURE)].map(([word]) => `${file} uses ${word}`),
    ]);
    expect(found).toEqual([]);
  });
});

it('the metrics know only types of the simulator, so that a live run can be summarised without it', () => {
  const values = sources
    .filter(({ folder }) => folder === 'metrics')
    .flatMap(({ file, text }) => importsOf(file, text).map((entry) => ({ file, ...entry })))
    .filter(({ target, from, isType }) => target === 'simulator' && !(isType && from.endsWith('/result.js')));
  expect(values).toEqual([]);
});

it('the core entry point reaches no edge, and the package exports entry points that exist', () => {
  const { exports } = JSON.parse(readFileSync(resolve(src, '../package.json'), 'utf8'));
  const entries = ['.', './node'].map((name) => (exports[name].default as string).replace('./dist/', ''));
  expect(entries).toEqual(['index.js', 'node.js']);
  for (const entry of entries) expect(existsSync(join(src, entry.replace('.js', '.ts')))).toBe(true);
  const index = sources.find(({ file }) => file === 'index.ts')!;
  expect(importsOf('index.ts', index.text).filter(({ target }) => EDGES.has(target))).toEqual([]);
});

interface Import {
  readonly from: string;
  /** Folder of src/ that it names. */
  readonly target: string;
  readonly isType: boolean;
}

/** Imports and re-exports of our own files, static and dynamic. */
function importsOf(file: string, text: string): Import[] {
  const statements = /^(import|export)( type)?\b[^;]*?\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;
  return [...text.matchAll(statements)].map(([, , type, named, dynamic]) => {
    const from = (named ?? dynamic)!;
    return {
      from,
      target: relative(src, resolve(src, dirname(file), from)).split('/')[0]!,
      isType: type !== undefined,
    };
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
