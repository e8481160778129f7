import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reproduction } from '../../scripts/support/reproduction.js';

const { argv } = process;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perseus-reproduction-'));
  writeFileSync(join(folder, 'measured.csv'), 'one\n');
});
afterEach(() => {
  process.argv = argv;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** What a reproduction that reads one file prints and leaves behind, called with these words. */
async function called(...words: readonly string[]) {
  process.argv = [...argv.slice(0, 2), ...words];
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  await reproduction({
    name: 'test',
    about: 'Reads a file.',
    data: {
      from: folder,
      takes: 'FOLDER',
      help: 'with measured.csv',
      needs: ['measured.csv'],
      origin: 'Figures',
    },
    results: join(folder, 'results'),
    options: {
      only: { takes: 'TEXT', help: 'only a part' },
      depth: { takes: 'N', default: '1', help: 'how deep' },
    },
    fitsNothing: 'nothing is fitted here',
    partial: ['only', 'depth'],
    seeds: '7',
    run: ({ data, only }, onProgress) => {
      onProgress('reading');
      return `${readFileSync(join(data, 'measured.csv'), 'utf8').trim()} ${only ?? 'all'}`;
    },
    files: (result) => new Map([['README.md', `# ${result}\n`]]),
    published: () => new Map([[join(folder, 'elsewhere.txt'), 'published']]),
    json: (result) => ({ points: [result] }),
    report: (result, page) => `${result} ${page ?? 'nowhere'}\n`,
  });
  return { out: out.join(''), err: err.join(''), code: process.exitCode };
}

const written = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('a reproduction', () => {
  it('writes its page where the results are, reports, and says what made them', async () => {
    const { out, err } = await called();
    expect(written('results/README.md')).toBe('# one all\n');
    expect(written('elsewhere.txt')).toBe('published');
    expect(out).toContain(`one all ${join(folder, 'results/README.md')}`);
    expect(out).toMatch(/Made \d{4}-\d\d-\d\d, .*commit .*Seeds: 7\n$/);
    expect(err).toBe('reading …\n');
  });

  it.each([
    ['--only', 'half'],
    ['--depth', '2'],
    ['--data', 'the same'],
    ['--leave-out', 'half'],
  ])('leaves the published results alone with %s', async (option, value) => {
    expect((await called(option, option === '--data' ? folder : value)).out).toContain('nowhere');
    expect(() => written('results/README.md')).toThrow();
    expect(() => written('elsewhere.txt')).toThrow();
  });

  it('says why leaving out changes nothing where nothing is fitted', async () => {
    expect((await called('--leave-out', 'half')).out).toContain(
      '--leave-out changes nothing, for nothing is fitted here.',
    );
  });

  it('says so as well where --leave-out has no value, and still writes nothing', async () => {
    const { out, err } = await called('--leave-out', '--json', join(folder, 'f.json'));
    expect(out).toContain('--leave-out changes nothing');
    expect(out).toContain('one all nowhere');
    expect(err).toBe('reading …\n');
    expect(JSON.parse(written('f.json'))).toEqual({ points: ['one all'] });
  });

  it('writes a part, and its figures, where it is told to', async () => {
    await called('--only', 'half', '--out', join(folder, 'mine'), '--json', join(folder, 'f.json'));
    expect(written('mine/README.md')).toBe('# one half\n');
    expect(JSON.parse(written('f.json'))).toEqual({ points: ['one half'] });
    expect(() => written('elsewhere.txt')).toThrow();
  });

  it('names each file that is not there and how to name another folder, and ends with 2', async () => {
    const { err, out, code } = await called('--data', join(folder, 'nowhere'));
    expect({ out, code }).toEqual({ out: '', code: 2 });
    expect(err).toContain(join(folder, 'nowhere/measured.csv'));
    expect(err).toContain('Figures are no part of this repository: name the folder that has it with --data');
  });
});
