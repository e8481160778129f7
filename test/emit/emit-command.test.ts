import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { CommandModule } from 'yargs';
import { emitCommand } from '../../src/cli/commands/emit.js';
import { emittedText } from '../../src/node/emit/emit-text.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { runCommand } from '../cli/in-process.js';
import { scenarioText, smallScenario } from '../cli/small-scenario.js';

const { file, path, write } = smallScenario();
const emit = (...words: string[]) => runCommand(emitCommand as CommandModule, ['emit', ...words]);

describe('perseus emit', () => {
  it('writes a folder whose scenario is the one that was given', async () => {
    const { code, stdout } = await emit(file, '--out', path('deploy'), '--json');
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout);
    expect(files).toContain('model-repositories/a/cats/config.pbtxt');
    for (const written of files) expect(existsSync(path(`deploy/${written}`))).toBe(true);
    const [before, after] = [await loadScenario(file), await loadScenario(path('deploy/scenario.yaml'))];
    expect(after.scenario).toEqual(before.scenario);
    expect(readFileSync(path('deploy/placement.csv'), 'utf8')).toContain('cats,1,8');
  });

  it('quotes names of tenants that hold blanks, where blanks stand between tenants', async () => {
    const text = scenarioText()
      .replaceAll('cats-people', 'night job')
      .replaceAll('model: dogs', 'model: cats');
    expect((await emit(write('blanks.yaml', text), '--out', path('blanks'))).code).toBe(0);
    const csv = readFileSync(path('blanks/placement.csv'), 'utf8');
    expect(csv).toContain(',"""night job"" dogs-people"\r\n');
  });

  it('has no name in its table that a spreadsheet would run as a formula', async () => {
    const text = scenarioText().replaceAll('cats-people', "'=1+1'");
    expect((await emit(write('formula.yaml', text), '--out', path('formula'))).code).toBe(0);
    expect(readFileSync(path('formula/placement.csv'), 'utf8')).toContain(",'=1+1\r\n");
  });

  it('says what is where and what to do with it', async () => {
    const { stdout } = await emit(file, '--out', path('told'));
    expect(stdout).toContain(`wrote ${path('told')}/`);
    expect(stdout).toContain('model-repositories/a/: cats, dogs');
    expect(stdout).toContain('kubernetes/: 1 manifest\n');
    expect(stdout).toContain('--models REPOSITORY');
    expect(stdout).toContain(`tritonserver --model-repository=${path('told')}/model-repositories/a\n`);
    expect(stdout).toContain('the other args in kubernetes/');
    expect(stdout).toContain(`kubectl apply -f ${path('told')}/kubernetes\n`);
    // What it tells to run does run.
    const [, told] = /perseus simulate (\S+)\n/.exec(stdout)!;
    expect((await loadScenario(told!)).scenario.servers).toHaveLength(1);
  });

  it('names a few of many repositories, and quotes paths for a shell', () => {
    const written = Array.from({ length: 30 }, (_, i) => `model-repositories/s${i}/m/config.pbtxt`);
    const text = emittedText("my place's", written);
    expect(text.split('\n').length).toBeLessThan(25);
    expect(text).toContain('and 22 more model repositories');
    expect(text).toContain("'my place'\\''s/kubernetes'");
  });

  it('says of which models the requests must be spread over several servers', () => {
    const of = (...names: string[]) =>
      emittedText(
        'out',
        names.map((name) => `model-repositories/${name}/config.pbtxt`),
      );
    expect(of('a-1/vit', 'a-1/bert', 'a-2/vit')).toContain('spread the requests for vit over all servers');
    expect(of('a-1/vit', 'a-2/bert')).not.toContain('spread');
    // One process with slices of a GPU, whose repositories stand beside its own.
    expect(of('a/vit', 'a-slice/vit')).not.toContain('spread');
  });

  it('says to follow links only where there are links', () => {
    const withFiles = ['model-repositories/a/vit/config.pbtxt', 'model-repositories/a/vit/1'];
    expect(emittedText('out', withFiles)).toContain('links followed');
    expect(emittedText('out', withFiles, { isCopied: true })).not.toContain('links followed');
  });

  it('names a repository that cannot be read once, not each model that is not in it', async () => {
    const missing = path('no-such-repository');
    const { code, stderr } = await emit(file, '--out', path('none'), '--models', missing);
    expect(code).toBe(2);
    expect(stderr).toContain(`${missing}: the repository cannot be read (ENOENT); name an existing folder\n`);
    expect(stderr).not.toContain('cats');
  });

  it('replaces what it wrote before, and fills an empty folder', async () => {
    expect((await emit(file, '--out', path('deploy'))).code).toBe(0);
    expect((await emit(file, '--out', path('deploy'))).code).toBe(0);
    mkdirSync(path('empty'));
    expect((await emit(file, '--out', path('empty'))).code).toBe(0);
    expect(existsSync(path('empty/placement.csv'))).toBe(true);
  });

  it('refuses to copy nothing', async () => {
    const { code, stderr } = await emit(file, '--out', path('copies'), '--copy');
    expect(code).toBe(2);
    expect(stderr).toContain('--copy: is of no use without --models');
  });

  it.each([
    ['mine/notes.txt', 'mine', 'notes.txt'],
    ['again/model-repositories/a/cats/1/model.onnx', 'again', 'model-repositories/a/cats/1'],
    ['again2/model-repositories/notes.txt', 'again2', 'model-repositories/notes.txt'],
  ])('refuses a folder with %s in it, and leaves it as it is', async (name, folder, shown) => {
    if (folder.startsWith('again')) expect((await emit(file, '--out', path(folder))).code).toBe(0);
    mkdirSync(dirname(path(name)), { recursive: true });
    write(name, 'mine');
    const { code, stderr } = await emit(file, '--out', path(folder));
    expect(code).toBe(2);
    expect(stderr).toContain(`holds ${shown}, which perseus emit did not write`);
    expect(stderr).toContain('name another folder, or move away what is there');
    expect(readFileSync(path(name), 'utf8')).toBe('mine');
  });

  it('refuses the name of a file, before it reads the scenario', async () => {
    const { code, stderr } = await emit(path('no.yaml'), '--out', write('taken', ''));
    expect(code).toBe(2);
    expect(stderr).toContain('taken is a file');
  });

  it('refuses a place where no folder can be made, and the folder that one stands in', async () => {
    const { code, stderr } = await emit(file, '--out', `${file}/deploy`, '--duration', '0');
    expect(code).toBe(2);
    for (const option of ['--out', '--duration']) expect(stderr).toContain(`${option}: `);
    mkdirSync(path('here/below'), { recursive: true });
    const standing = vi.spyOn(process, 'cwd').mockReturnValue(path('here/below'));
    const here = await emit(file, '--out', path('here/below'));
    standing.mockRestore();
    expect(here.code).toBe(2);
    expect(here.stderr).toContain('holds the folder that you are in; name another one');
    expect(existsSync(path('here/below'))).toBe(true);
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
    // Links are taken for ours: nothing is lost with them.
    const again = await emit(file, '--out', path('linked'), '--models', path('repository'));
    expect(again.stdout).toContain('cp -rL');
    expect(again.stdout).not.toContain('--models REPOSITORY');
    expect((await emit(file, '--out', path('copied'), '--models', path('repository'), '--copy')).code).toBe(
      0,
    );
    expect(() => readlinkSync(path('copied/model-repositories/a/dogs/3'))).toThrow();
  });

  it('completes settings that name no backend by what the repository says of the model', async () => {
    mkdirSync(path('whole/cats/1'), { recursive: true });
    mkdirSync(path('whole/dogs/1'), { recursive: true });
    const config =
      'name: "cats" backend: "python" max_batch_size: 77 instance_group { kind: KIND_GPU count: 5 profile: "1" } parameters { key: "a" value { string_value: "b" } }';
    writeFileSync(path('whole/cats/config.pbtxt'), config);
    expect((await emit(file, '--out', path('completed'), '--models', path('whole'))).code).toBe(0);
    const text = readFileSync(path('completed/model-repositories/a/cats/config.pbtxt'), 'utf8');
    expect(text).toContain('backend: "python"');
    expect(text).toContain('string_value: "b"');
    expect(text).not.toContain('77');
    expect(text).toMatch(/count: 1\n +profile: \[ "1" \]/);
    writeFileSync(path('whole/cats/config.pbtxt'), 'max_batch_size: {');
    const { code, stderr } = await emit(file, '--out', path('completed'), '--models', path('whole'));
    expect({ code, isNamed: stderr.includes('whole/cats/config.pbtxt') }).toEqual({ code: 2, isNamed: true });
  });

  it('takes no configuration from a repository that could not be simulated, and reads none that it does not need', async () => {
    for (const name of ['cats', 'dogs']) mkdirSync(path(`odd/${name}/1`), { recursive: true });
    write('odd/cats/config.pbtxt', 'backend: "vllm"');
    write('odd/dogs/config.pbtxt', 'backend: "fastertransformer"');
    const words = ['--out', path('odd-out'), '--models', path('odd')];
    const { code, stderr } = await emit(file, ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/odd\/cats\/config\.pbtxt:1:\d+: backend: vLLM forms batches in an engine/);
    expect(stderr).toMatch(/odd\/dogs\/config\.pbtxt:1:\d+: backend: executions of fastertransformer/);
    const whole = readFileSync(file, 'utf8').replaceAll('config: {', 'config: {backend: python, ');
    expect(whole).toContain('backend: python');
    expect((await emit(write('whole.yaml', whole), ...words)).code).toBe(0);
  });

  it.each([[[]], [['--copy']]])(
    'takes from the folder of a model what else its configuration names %j',
    async (options) => {
      for (const name of ['cats', 'dogs']) mkdirSync(path(`labelled/${name}/1`), { recursive: true });
      for (const name of ['cats/1/model.py', 'dogs/1/model.py', 'cats/config.pbtxt', 'cats/.DS_Store'])
        write(`labelled/${name}`, '');
      mkdirSync(path('labelled/cats/warmup'), { recursive: true });
      write('labelled/cats/labels.txt', 'tabby');
      write('labelled/cats/warmup/frame', 'raw');
      const words = ['--out', path('labels-out'), '--models', path('labelled'), ...options];
      for (let time = 1; time <= 2; time++) expect((await emit(file, ...words)).code).toBe(0);
      const model = path('labels-out/model-repositories/a/cats');
      expect(readdirSync(model)).toEqual(['1', 'config.pbtxt', 'labels.txt', 'warmup']);
      expect(readFileSync(join(model, 'labels.txt'), 'utf8')).toBe('tabby');
      expect(readFileSync(join(model, 'warmup/frame'), 'utf8')).toBe('raw');
      expect(readFileSync(join(model, 'config.pbtxt'), 'utf8')).toContain('max_batch_size');
    },
  );

  it('takes the labels of an ensemble from its folder, and none of its versions', async () => {
    const config =
      'name: ens, platform: ensemble, max_batch_size: 8, ensemble_scheduling: {step: [{model_name: cats, input_map: {INPUT0: IN}, output_map: {OUTPUT0: OUT}}]}';
    const tensors =
      'input: [{name: IN, dims: [1]}], output: [{name: OUT, dims: [1], label_filename: labels.txt}]';
    const text = readFileSync(file, 'utf8').replace(
      /^( +)- {name: dogs.*\n/m,
      `$1- {name: ens, config: {${config}, ${tensors}}}\n$&`,
    );
    for (const name of ['cats/1', 'dogs/1', 'ens/7'])
      mkdirSync(path(`ensemble/${name}`), { recursive: true });
    write('ensemble/ens/labels.txt', 'tabby');
    const { code, stderr } = await emit(
      write('ensemble.yaml', text),
      '--out',
      path('ensemble-out'),
      '--models',
      path('ensemble'),
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(path('ensemble-out/model-repositories/a/ens'))).toEqual([
      '1',
      'config.pbtxt',
      'labels.txt',
    ]);
  });

  it('copies what links in a repository lead to, of a version and of a file in one', async () => {
    mkdirSync(path('store'));
    write('store/model.onnx', 'weights');
    for (const name of ['cats', 'dogs/1']) mkdirSync(path(`links/${name}`), { recursive: true });
    symlinkSync(path('store'), path('links/cats/1'));
    symlinkSync(path('store/model.onnx'), path('links/dogs/1/model.onnx'));
    const copy = () => emit(file, '--out', path('whole-copy'), '--models', path('links'), '--copy');
    for (let time = 1; time <= 2; time++) expect((await copy()).code).toBe(0);
    for (const place of ['cats/1', 'cats/1/model.onnx', 'dogs/1/model.onnx']) {
      const copied = lstatSync(path(`whole-copy/model-repositories/a/${place}`));
      expect([place, copied.isSymbolicLink()]).toEqual([place, false]);
    }
  });

  it('takes versions from what it wrote itself, and deletes none of them', async () => {
    for (const name of ['cats', 'dogs']) {
      mkdirSync(path(`origin/${name}/1`), { recursive: true });
      write(`origin/${name}/1/model.onnx`, 'weights');
    }
    const words = (from: string) => ['--out', path('self'), '--models', path(from)];
    const model = path('self/model-repositories/a/cats/1/model.onnx');
    expect((await emit(file, ...words('origin'))).code).toBe(0);
    expect((await emit(file, ...words('self/model-repositories/a'))).code).toBe(0);
    expect(readFileSync(model, 'utf8')).toBe('weights');
    expect((await emit(file, ...words('origin'), '--copy')).code).toBe(0);
    const { code, stderr } = await emit(file, ...words('self/model-repositories/a'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('would be deleted with it')]);
    expect(readFileSync(model, 'utf8')).toBe('weights');
  });

  it('replaces its own copies of model files, and refuses those that were changed since', async () => {
    mkdirSync(path('own/cats/1'), { recursive: true });
    mkdirSync(path('own/dogs/1/assets'), { recursive: true });
    for (const name of ['own/cats/1/model.py', 'own/dogs/1/model.py', 'own/dogs/1/assets/labels.txt']) {
      write(name, 'as it was');
    }
    const again = () => emit(file, '--out', path('twice'), '--models', path('own'), '--copy');
    expect((await again()).code).toBe(0);
    expect((await again()).code).toBe(0);
    write('twice/model-repositories/a/dogs/1/assets/labels.txt', 'mine, and longer');
    const { code, stderr } = await again();
    expect(code).toBe(2);
    expect(stderr).toContain(
      'holds model-repositories/a/dogs/1/assets/labels.txt, which perseus emit did not',
    );
  });
});
