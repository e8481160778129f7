import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { emitCommand } from '../../src/cli/commands/emit.js';
import { loadScenario } from '../../src/node/scenario-files.js';
import { runCommand } from '../cli/in-process.js';
import { smallScenario } from '../cli/small-scenario.js';

const { file, path, write } = smallScenario();
const emit = (...words: string[]) => runCommand(emitCommand as CommandModule, ['emit', ...words]);

describe('perseus emit', () => {
  it('writes a folder whose scenario is the one that was given', async () => {
    const { code, stdout } = await emit(file, '--out', path('deploy'));
    expect(code).toBe(0);
    for (const written of stdout.trim().split('\n')) expect(existsSync(path(`deploy/${written}`))).toBe(true);
    const [before, after] = [await loadScenario(file), await loadScenario(path('deploy/scenario.yaml'))];
    expect(after.scenario).toEqual(before.scenario);
    expect(readFileSync(path('deploy/placement.csv'), 'utf8')).toContain('cats,1,8');
  });

  it('replaces what it wrote before and nothing else', async () => {
    expect((await emit(file, '--out', path('deploy'), '--json')).code).toBe(0);
    mkdirSync(path('mine'));
    write('mine/notes.txt', 'mine');
    const { code, stderr } = await emit(file, '--out', path('mine'));
    expect(code).toBe(2);
    expect(stderr).toContain('is no result of perseus');
  });

  it('takes the versions of the models from a repository, and names every model that it lacks', async () => {
    mkdirSync(path('repository/cats/1'), { recursive: true });
    const { code, stderr } = await emit(file, '--out', path('linked'), '--models', path('repository'));
    expect({ code, missing: stderr.includes('no version of the model "dogs"') }).toEqual({
      code: 2,
      missing: true,
    });
    mkdirSync(path('repository/dogs/3'), { recursive: true });
    expect((await emit(file, '--out', path('linked'), '--models', path('repository'))).code).toBe(0);
    const link = join(path('linked'), 'model-repositories/a/dogs/3');
    expect(readlinkSync(link)).toBe(path('repository/dogs/3'));
    expect((await emit(file, '--out', path('copied'), '--models', path('repository'), '--copy')).code).toBe(
      0,
    );
    expect(() => readlinkSync(path('copied/model-repositories/a/dogs/3'))).toThrow();
  });
});
