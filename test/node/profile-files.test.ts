import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { readProfiles } from '../../src/node/scenario/profile-files.js';
import { serializeProfile, serializeServerProfile } from '../../src/profile/parse.js';
import { ASSUMED_FACTS } from '../../src/profile/server-facts.js';
import { sampleProfile } from '../profile/samples.js';

let folder: string;

function write(name: string, text: string | Uint8Array): void {
  writeFileSync(join(folder, name), text);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'perseus-profiles-'));
  mkdirSync(join(folder, 't4/old'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  write('t4/a.profile.json', serializeProfile(sampleProfile({ model: 'a' })));
  write('t4/b.profile.json', serializeProfile(sampleProfile({ model: 'b' })));
  write('t4/old/c.profile.json', serializeProfile(sampleProfile({ model: 'c' })));
  write('t4/README.md', 'not a profile');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function modelsIn(...paths: string[]): Promise<readonly string[]> {
  const files = await readProfiles(paths.map((path) => join(folder, path)));
  return files.map(({ profile }) => profile.model);
}

async function problemsIn(...paths: string[]): Promise<readonly string[]> {
  const error: unknown = await readProfiles(paths.map((path) => join(folder, path))).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replaceAll(`${folder}/`, '').split('\n');
}

describe('profiles are read', () => {
  it('from files, each once and in order', async () => {
    expect(await modelsIn('t4/b.profile.json', 't4/a.profile.json', 't4/b.profile.json')).toEqual(['a', 'b']);
  });

  it('from every profile file below a folder', async () => {
    expect(await modelsIn('t4')).toEqual(['a', 'b', 'c']);
  });

  it('from patterns', async () => {
    expect(await modelsIn('t4/*.profile.json')).toEqual(['a', 'b']);
    expect(await modelsIn('**/?.profile.json')).toEqual(['a', 'b', 'c']);
    expect(await modelsIn('**/old/*')).toEqual(['c']);
  });
});

describe('the server profile of a folder', () => {
  it('holds for each profile of that folder, and for none below it', async () => {
    const server = { format: 'perseus-server/1', ...ASSUMED_FACTS, batcherWakeUs: 70, cpuCores: 2 } as const;
    mkdirSync(join(folder, 'measured/other'), { recursive: true });
    write('measured/server.json', serializeServerProfile(server));
    for (const name of ['a', 'other/c'])
      write(`measured/${name}.profile.json`, serializeProfile(sampleProfile({ model: name })));
    const [a, c] = await readProfiles([join(folder, 'measured')]);
    expect(a!.serverFile).toBe(join(folder, 'measured/server.json'));
    expect(a!.profile.serving).toMatchObject({ batcherWakeUs: 70, cpuCores: 2, requestDelayUs: 0 });
    expect(c!.serverFile).toBeUndefined();
    expect(c!.profile.serving).toBeUndefined();
  });

  it('is told of once where it is wrong, however many profiles lie beside it', async () => {
    mkdirSync(join(folder, 'wrong'));
    write('wrong/server.json', '{"format": "perseus-server/1", "batcherWakeUs": "soon"}');
    for (const name of ['a', 'b'])
      write(`wrong/${name}.profile.json`, serializeProfile(sampleProfile({ model: name })));
    const problems = await problemsIn('wrong');
    expect(problems.filter((problem) => problem.includes(': batcherWakeUs: '))).toHaveLength(1);
    expect(problems.every((problem) => problem.startsWith('wrong/server.json:'))).toBe(true);
  });
});

describe('profiles that cannot be read', () => {
  it('are reported together: missing files, empty folders and patterns, folders as files', async () => {
    expect(await problemsIn('nowhere.json', 'empty', 't4/*.yaml', 'no/*.json')).toEqual([
      'nowhere.json: no such file or folder; check the path; perseus profile show lists the shipped ones',
      'empty: no *.profile.json below this folder',
      't4/*.yaml: no file matches this pattern',
      'no/*.json: no such file or folder; check the path; perseus profile show lists the shipped ones',
    ]);
  });

  it('are reported with the problems inside them', async () => {
    write('bad.json', '{"format": "perseus-profile/2"}');
    write('binary.json', new Uint8Array([0xff, 0xfe, 0x00]));
    const problems = await problemsIn('bad.json', 'binary.json');
    expect(problems).toContain('binary.json: the file is not UTF-8 text; convert it to UTF-8');
    expect(problems.some((text) => text.startsWith('bad.json:1:12: format: '))).toBe(true);
  });

  it('are reported when two files have the same model and device', async () => {
    write('copy.json', serializeProfile(sampleProfile({ model: 'a' })));
    expect(await problemsIn('t4', 'copy.json')).toEqual([
      `t4/a.profile.json: a profile of "a" on "Tesla T4" was already read from copy.json; leave one of the two files out, or give the model another name`,
    ]);
  });
});
