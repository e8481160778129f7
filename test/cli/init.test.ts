import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { checkCommand } from '../../src/cli/commands/check.js';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { initCommand } from '../../src/cli/commands/init.js';
import { planCommand } from '../../src/cli/commands/plan.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { sweepCommand } from '../../src/cli/commands/sweep.js';
import { tuneCommand } from '../../src/cli/commands/tune.js';
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
mkdirSync(path('elsewhere'));
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
  it('writes a first scenario for a model repository, and says what it left out and what is to settle', async () => {
    const { code, stdout, stderr } = await init(
      '--repository',
      path('repository'),
      '--out',
      path('first.yaml'),
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('2 models (detector, ranker)\nwrote 1 profile to fill in\n');
    expect(stderr).toContain('left out bare');
    expect(stderr).toMatch(
      /To settle, 4 things:\n- kind of GPU: Tesla T4 is a guess\n {4}name yours with --gpu KIND\n- detector: .*\n {4}write your figures into .*detector\.Tesla-T4\.profile\.json; or perseus calibrate .*\n- ranker: it calls detector; .*\n {4}edit its calls: in the scenario\n- rates and SLOs of its tenant /,
    );
    expect(stderr).toMatch(new RegExp(`\nNext: perseus simulate ${path('first.yaml')}\n$`));
  });

  it('names the next command as a shell takes it, where the path has a blank', async () => {
    const out = path('my work/first.yaml');
    const { stderr } = await init('--repository', path('repository'), '--out', out);
    expect(stderr).toContain(`perseus simulate '${out}'`);
  });

  it('writes what simulates as it is, with a warning of every profile to fill in', async () => {
    const { code, stdout, stderr } = await simulate(path('first.yaml'), '-v');
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('ranker-users');
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'detector on Tesla T4 (doubtful-profile): Its profile is a placeholder: nobody measured its times.',
    );
  });

  it('leads to answers that name their guessed profiles and the command that measures them', async () => {
    const guessed =
      ", if 1 guessed profile is right (perseus calibrate --url HOST:8001 --models detector --gpu 'Tesla T4' --out FOLDER measures it).";
    const first = write(
      'short.yaml',
      readFileSync(path('first.yaml'), 'utf8').replace('durationS: 120', 'durationS: 20'),
    );
    const sweep = write(
      'sweep.yaml',
      'perseus: 1\nname: guesses\nscenario: short.yaml\naxes: [{name: load, vary: loadScale, values: [1, 2]}]\n',
    );
    const answers = {
      simulate: await simulate(first),
      explain: await runCommand(explainCommand as CommandModule, ['explain', first]),
      check: await runCommand(checkCommand as CommandModule, ['check', first]),
      compare: await runCommand(compareCommand as CommandModule, ['compare', first, first, '--runs', '2']),
      sweep: await runCommand(sweepCommand, ['sweep', sweep, '--out', path('swept')]),
      tune: await runCommand(tuneCommand as CommandModule, ['tune', first, '--budget', '2', '--runs', '2']),
    };
    for (const [name, { stdout }] of Object.entries(answers))
      expect(stdout.replace(/\s+/g, ' '), name).toContain(guessed);
    const headroom = await simulate(first, '--headroom');
    expect(headroom.stdout.replace(/\s+/g, ' ')).toMatch(
      /Every SLO holds up to [\d.]+ times this load; at [\d.]+ times ranker-users misses its SLO, if the guessed profiles are right\./,
    );
    const words = ['--plan', '--gpu', 'T4', '--repository', path('repository')];
    await init(...words, '--out', path('first-plan.yaml'));
    const plan = await runCommand(planCommand as CommandModule, ['plan', path('first-plan.yaml')]);
    expect(plan.stdout.replace(/\s+/g, ' ')).toMatch(
      /meets the SLO for [^.]*\.[^.]*\.[^.]* inferences, if 1 guessed/,
    );
    const tight = readFileSync(path('first-plan.yaml'), 'utf8').replace(/limitMs: \d+/, 'limitMs: 1');
    const none = await runCommand(planCommand as CommandModule, ['plan', write('tight-plan.yaml', tight)]);
    expect(none.stdout.replace(/\s+/g, ' ')).toContain(
      `no placement was found that meets every SLO${guessed}`,
    );
  });

  it('takes repositories in either spelling, and values of templates', async () => {
    mkdirSync(path('templates/scorer/1'), { recursive: true });
    write(
      'templates/scorer/config.pbtxt',
      `backend: "python" max_batch_size: \${size} instance_group { count: \${n} }`,
    );
    const words = ['--repository', path('repository'), '--model-repository', path('templates')];
    const out = ['--out', path('both.yaml')];
    const missing = await init(...words, ...out);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/\$\{size\} has no value; .*--set size=VALUE.*\n.*\$\{n\} has no value/);
    const values = write('values.txt', '# of production\nsize = 16\nn=9\n');
    const filled = await init(...words, ...out, '--set', 'n=3', '--set-file', values);
    expect(filled.stderr).toContain('3 models (detector, ranker, scorer)');
    expect(readFileSync(path('both.yaml'), 'utf8')).toMatch(
      /max_batch_size: 16\n {10}instance_group:\n {12}- count: 3/,
    );
  });

  it('cuts a long name of a template short where it says that the name has no value', async () => {
    mkdirSync(path('long/scorer/1'), { recursive: true });
    write('long/scorer/config.pbtxt', `backend: "python" max_batch_size: \${${'a'.repeat(3000)}}`);
    const { code, stderr } = await init('--repository', path('long'), '--out', path('long.yaml'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/\$\{a{100}… \(3000 characters\)\} has no value/);
  });

  it('refuses values that are none, or of use to no template', async () => {
    const set = (...values: string[]) =>
      init('--repository', path('templates'), '--out', path('x.yaml'), ...values);
    expect((await set('--set', 'size')).stderr).toContain('--set: "size" is no value; write NAME=VALUE');
    const { stderr } = await set('--set', 'size=1', '--set', 'n=1', '--set', 'sise=1');
    expect(stderr).toContain(`--set sise: no config.pbtxt has \${sise}; did you mean size?`);
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
    expect(stderr).not.toContain('To settle');
  });

  it('takes a folder without profiles for what it is', async () => {
    mkdirSync(path('empty/profiles'), { recursive: true });
    const { code } = await init('--repository', path('repository'), '--out', path('empty/first.yaml'));
    expect(code).toBe(0);
    expect(existsSync(path('empty/profiles/detector.Tesla-T4.profile.json'))).toBe(true);
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
    [
      ['--example', 'mig', '--out', 'mine.yaml'],
      '--out: is a folder where --example is given; name one, such as mine',
    ],
    [['--example='], '--example: has no value; write one after it'],
    [['--example', 'a', '--example', 'b'], '--example: is given more than once; keep one'],
  ])('%j: exits with 2 and says what is wrong', async (words, message) => {
    const { code, stdout, stderr } = await init(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
