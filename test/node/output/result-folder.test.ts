import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { emitCommand } from '../../../src/cli/commands/emit.js';
import { simulateCommand } from '../../../src/cli/commands/simulate.js';
import { requireResultFolder, writeResultFolder } from '../../../src/node/output/result-folder.js';
import { runCommand } from '../../cli/in-process.js';
import { smallScenario } from '../../cli/small-scenario.js';
import { bytesBelow } from '../sweep/small-sweep.js';

const { file, folder, path } = smallScenario();
const RECORD = 'perseus-folder.json';

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

const simulate = (out: string, ...words: string[]) =>
  runCommand(simulateCommand as CommandModule, [
    'simulate',
    file,
    '--out',
    path(out),
    '--duration',
    '1',
    '--warm-up',
    '0',
    ...words,
  ]);
const emit = (out: string) => runCommand(emitCommand as CommandModule, ['emit', file, '--out', path(out)]);

describe('a folder of results', () => {
  it.each([
    ['report.json', 'simulate', '{}'],
    ['report.json', 'simulate', '{"format": "perseus-report/1", "mine": 1}'],
    ['plan.json', 'plan', '{}'],
    ['tune.json', 'tune', '{"format": "perseus-tune/1", "mine": 1}'],
    ['scenario.yaml', 'emit', 'perseus: 1'],
    ['placement.csv', 'emit', 'mine'],
    [RECORD, 'simulate', '{"format": "perseus-folder/1"'],
    [RECORD, 'simulate', '{"format": "perseus-folder/2", "command": "simulate", "files": {}}'],
  ] as const)('is not known by a file named %s', async (name, command, text) => {
    rmSync(path('mine'), { recursive: true, force: true });
    write(`mine/${name}`, text);
    write('mine/notes.txt', 'mine');
    const names = [name, 'notes.txt'].sort().join(', ');
    await expect(requireResultFolder('--out', path('mine'), command)).rejects.toThrow(
      new RegExp(`mine holds ${names}, which perseus ${command} did not write; name another folder, or move`),
    );
  });

  it('is not replaced where it holds a file of somebody else, or one that was changed', async () => {
    expect((await simulate('run')).code).toBe(0);
    for (const name of ['a.txt', 'b.txt', 'c/d.txt', 'e.txt', 'f.txt', 'g.txt', 'source/small.yaml.orig'])
      write(`run/${name}`, 'mine');
    const before = bytesBelow(path('run'));
    const strangers = await simulate('run');
    expect(strangers.code).toBe(2);
    expect(strangers.stderr).toContain(
      'run holds a.txt, b.txt, c, e.txt, f.txt and 2 more, which perseus simulate did not write; name another',
    );
    expect(bytesBelow(path('run'))).toEqual(before);
    for (const name of ['a.txt', 'b.txt', 'c', 'e.txt', 'f.txt', 'g.txt', 'source/small.yaml.orig'])
      rmSync(path(`run/${name}`), { recursive: true });
    write('run/scenario.json', 'mine');
    const changed = await simulate('run');
    expect([changed.code, changed.stderr]).toEqual([
      2,
      expect.stringContaining('run holds scenario.json, which perseus simulate did not leave like this'),
    ]);
    rmSync(path('run/scenario.json'));
    expect((await simulate('run')).code).toBe(0);
    expect(existsSync(path('run/scenario.json'))).toBe(true);
  });

  it('is not replaced by another command', async () => {
    expect((await simulate('other')).code).toBe(0);
    const { code, stderr } = await emit('other');
    expect([code, stderr]).toEqual([2, expect.stringContaining('other holds what perseus simulate wrote')]);
  });

  it('is not replaced where somebody puts a file there while the new one is made', async () => {
    const place = path('meanwhile');
    await writeResultFolder(place, 'plan', (made) => made.write('answer', 'one'));
    const second = writeResultFolder(place, 'plan', async (made) => {
      await made.write('answer', 'two');
      write('meanwhile/notes.txt', 'mine');
    });
    await expect(second).rejects.toThrow('meanwhile holds notes.txt, which perseus plan did not write');
    expect(readdirSync(place).sort()).toEqual(['answer', 'notes.txt', RECORD]);
    expect(readFileSync(`${place}/answer`, 'utf8')).toBe('one');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
