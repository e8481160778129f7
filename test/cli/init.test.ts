import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { initCommand } from '../../src/cli/commands/init.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { profile } from '../support/scenario.js';
import { runCommand, withoutProgress } from './in-process.js';
import { smallScenario } from './small-scenario.js';

const { path, write } = smallScenario();
const init = (...words: string[]) => runCommand(initCommand as CommandModule, ['init', ...words]);
const simulate = (...words: string[]) => runCommand(simulateCommand as CommandModule, ['simulate', ...words]);

mkdirSync(path('repository/detector/1'), { recursive: true });
mkdirSync(path('repository/ranker/1'), { recursive: true });
mkdirSync(path('repository/bare/1'), { recursive: true });
write(
  'repository/detector/config.pbtxt',
  'backend: "onnxruntime"\nmax_batch_size: 8\ndynamic_batching { }\n',
);
write(
  'repository/ranker/config.pbtxt',
  'platform: "tensorrt_plan"\nmax_batch_size: 16\ninstance_group [ { count: 2 kind: KIND_GPU } ]\n',
);
write('repository/ranker/1/model.py', 'answer = pb_utils.InferenceRequest(model_name="detector").exec()\n');

describe('perseus init', () => {
  it('writes a first scenario for a model repository, and says what it left out and what is missing', async () => {
    const { code, stdout, stderr } = await init(
      '--repository',
      path('repository'),
      '--out',
      path('first.yaml'),
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('2 models (detector, ranker)');
    expect(stderr).toContain('left out bare');
    expect(stderr).toContain('ranker: its model.py calls other models');
    expect(stderr).toContain('Tesla T4 is a guess; name yours with --gpu');
    expect(stderr.match(/missing profile: /g)).toHaveLength(2);
    expect(stderr).toContain('make them with perseus calibrate or profile import');
    expect(stderr).toContain(`perseus simulate ${path('first.yaml')}`);
    expect(readFileSync(path('first.yaml'), 'utf8')).toContain('# make them with perseus calibrate');
  });

  it('names the next command as a shell takes it, where the path has a blank', async () => {
    const out = path('my work/first.yaml');
    const { stderr } = await init('--repository', path('repository'), '--out', out);
    expect(stderr).toContain(`perseus simulate '${out}'`);
  });

  it('writes what simulate takes, up to the profiles that must be made: that it explains', async () => {
    const { code, stdout, stderr } = await simulate(path('first.yaml'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/detector/);
    expect(stderr).toMatch(/ranker/);
    expect(stderr).toMatch(/Tesla T4/);
  });

  it('writes what simulates as it is once the profiles are there', async () => {
    for (const name of ['detector', 'ranker']) {
      const own = { ...profile(name, 4, 0.5), device: 'Tesla T4' };
      write(`profiles/${name}.t4.profile.json`, serializeProfile(own));
    }
    const { code, stdout, stderr } = await simulate(path('first.yaml'));
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('detector-users');
  });

  it('makes the folder that the scenario goes to', async () => {
    const { code } = await init('--repository', path('repository'), '--out', path('new/folder/first.yaml'));
    expect(code).toBe(0);
    expect(existsSync(path('new/folder/first.yaml'))).toBe(true);
  });

  it('tells what is wrong in a profile beside the scenario, where and in which field, and writes nothing', async () => {
    mkdirSync(path('torn/profiles'), { recursive: true });
    const text = serializeProfile(profile('detector', 4, 0.5)).replace(/"device": ".*"/, '"device": 4');
    const file = write('torn/profiles/detector.profile.json', text);
    const out = path('torn/first.yaml');
    const { code, stderr } = await init('--repository', path('repository'), '--out', out);
    expect({ code, written: existsSync(out) }).toEqual({ code: 2, written: false });
    expect(stderr).toContain(`${file}:4:13: device: 4 is not allowed here; write text`);
    expect(stderr).not.toContain('missing profile');
  });

  it('takes a folder without profiles for what it is', async () => {
    mkdirSync(path('empty/profiles'), { recursive: true });
    const { code, stderr } = await init(
      '--repository',
      path('repository'),
      '--out',
      path('empty/first.yaml'),
    );
    expect(code).toBe(0);
    expect(stderr.match(/missing profile: /g)).toHaveLength(2);
  });

  it('never overwrites a file', async () => {
    const mine = write('mine.yaml', 'mine');
    const { code, stderr } = await init('--repository', path('repository'), '--out', mine);
    expect(code).toBe(2);
    expect(stderr).toContain('there is such a file already');
    expect(readFileSync(mine, 'utf8')).toBe('mine');
  });

  it('of a folder without models writes nothing and says what a repository is', async () => {
    mkdirSync(path('nothing'));
    const { code, stderr } = await init('--repository', path('nothing'), '--out', path('none.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain('config.pbtxt');
    expect(existsSync(path('none.yaml'))).toBe(false);
  });

  it('lists the shipped examples where --example names none', async () => {
    const { code, stdout } = await init('--example');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^scenarios\/two-tenants: The seed's two tenants/m);
    expect(stdout).toMatch(/^sweeps\/colocation: One T4 for both models or one T4 each\?$/m);
  });

  it('writes a shipped example, and what a next command may be', async () => {
    const { code, stdout, stderr } = await init('--example', 'two-tenants', '--out', path('project'));
    const file = path('project/examples/scenarios/two-tenants.yaml');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toBe(`${file}: wrote 4 files, with those that it names\nNext: perseus simulate ${file}\n`);
    const again = await init('--example', 'two-tenants', '--out', path('project'));
    expect(again.stderr).toContain('it is there already, and so is what it names');
  });

  it.each([
    [[], 'perseus init needs --repository or --example'],
    [['--example', 'mig', '--gpu', 'A30'], '--gpu: is of no use where --example is given; leave it out'],
    [['--example', '--out', 'x'], '--out: is of no use where --example names none; leave it out'],
    [['--example='], '--example: has no value; write one after it'],
    [['--example', 'a', '--example', 'b'], '--example: is given more than once; keep one'],
  ])('%j: exits with 2 and says what is wrong', async (words, message) => {
    const { code, stdout, stderr } = await init(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
