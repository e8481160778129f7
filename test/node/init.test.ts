import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadPlan } from '../../src/node/plan/plan-files.js';
import { type InitResult, initScenario } from '../../src/node/scenario/init/init.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { profile } from '../scenario/fixtures.js';

let folder: string;
const path = (name: string) => join(folder, name);

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perseus-init-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const points = ({ openPoints }: InitResult) => openPoints.map(({ what }) => what);

const init = (gpu?: string) =>
  initScenario({
    repositories: [path('models')],
    out: path('first.yaml'),
    ...(gpu === undefined ? {} : { gpus: [gpu] }),
  });

describe('initScenario', () => {
  it('writes a scenario that is valid as it is, with profiles to fill in', async () => {
    write(
      'models/detector/config.pbtxt',
      'max_batch_size: 8 instance_group { gpus: [ 0, 1 ] } dynamic_batching { }',
    );
    write('models/detector/1/model.bin', '');
    write('models/rank #1/config.pbtxt', 'name: "rank #1" instance_group { kind: KIND_CPU }');
    const result = await init();
    expect(result).toMatchObject({
      file: path('first.yaml'),
      models: ['detector', 'rank #1'],
      leftOut: [],
      remarks: [{ model: 'rank #1', remark: expect.stringContaining('it has no version folder') }],
      placeholders: [
        path('profiles/detector.Tesla-T4.profile.json'),
        path('profiles/rank #1.CPU.profile.json'),
      ],
    });
    expect(points(result)).toEqual([
      'kind of GPU: Tesla T4 is a guess',
      'detector: 5 ms an inference on Tesla T4 is a placeholder',
      'rank #1: 5 ms an inference on CPU is a placeholder',
      'rates and SLOs of 2 tenants are placeholders',
    ]);
    const text = readFileSync(result.file, 'utf8');
    for (const { what, supply } of result.openPoints)
      expect(text).toContain(`#   ${what}\n#     ${supply}\n`);
    expect(text).toContain('    devices:   # Tesla T4 is a guess');
    const { scenario } = await loadScenario(result.file);
    expect(scenario.servers[0]!.models.map(({ config }) => config.name)).toEqual(['detector', 'rank #1']);
    expect(scenario.servers[0]!.devices).toHaveLength(2);
    expect(scenario.tenants.map(({ model }) => model)).toEqual(['detector', 'rank #1']);
  });

  it('lists profiles that nobody filled in again, and writes none of them twice', async () => {
    write('models/detector/config.pbtxt', 'max_batch_size: 8');
    write('models/detector/1/model.bin', '');
    const first = await init();
    rmSync(path('first.yaml'));
    const second = await init();
    expect(points(second)).toEqual(points(first));
    expect([first.placeholders.length, second.placeholders.length]).toEqual([1, 0]);
  });

  it('does not miss profiles that are there', async () => {
    write('models/resnet/config.pbtxt', 'max_batch_size: 8');
    write('profiles/any.profile.json', serializeProfile(profile('resnet', 'TPU v9')));
    const { placeholders, openPoints, file } = await init('TPU v9');
    expect(placeholders).toEqual([]);
    expect(openPoints[0]!.what).toBe('memory of TPU v9 is not known here, 16384 MiB is a guess');
    const { scenario } = await loadScenario(file);
    expect(scenario.servers[0]!.devices[0]).toMatchObject({ kind: 'TPU v9', memoryMb: 16384 });
  });

  it('takes the kind of GPU that is named, or that the profiles beside it are of, and guesses nothing then', async () => {
    write('models/resnet/config.pbtxt', 'max_batch_size: 8');
    const named = await init('A30');
    expect(points(named)).toEqual([
      expect.stringContaining('resnet: '),
      'rates and SLOs of its tenant are placeholders',
    ]);
    rmSync(path('first.yaml'));
    expect((await init('A100')).openPoints[0]).toEqual({
      what: 'kind of GPU: no profile is of A100',
      supply: expect.stringContaining('name one with --gpu: A100-80GB, '),
    });
    rmSync(path('first.yaml'));
    rmSync(path('profiles'), { recursive: true });
    write('profiles/a.profile.json', serializeProfile(profile('resnet', 'A100-80GB')));
    write('profiles/b.profile.json', serializeProfile(profile('another', 'Tesla P4')));
    const { openPoints, placeholders, file } = await init();
    expect({ count: openPoints.length, placeholders }).toEqual({ count: 1, placeholders: [] });
    expect(readFileSync(file, 'utf8')).not.toContain('guess');
    expect((await loadScenario(file)).scenario.servers[0]!.devices[0]).toMatchObject({ kind: 'A100-80GB' });
  });

  it('guesses where profiles are of several kinds of GPU', async () => {
    write('models/resnet/config.pbtxt', 'max_batch_size: 8');
    write('profiles/a.profile.json', serializeProfile(profile('resnet', 'A100-80GB')));
    write('profiles/b.profile.json', serializeProfile(profile('resnet', 'Tesla P4')));
    expect(points(await init())).toContain('kind of GPU: Tesla T4 is a guess');
  });

  it('names one command that measures all models, with what they cost each other', async () => {
    for (const name of ['rank', 'find', 'sort'])
      write(`models/${name}/config.pbtxt`, name === 'sort' ? 'instance_group { kind: KIND_CPU }' : '');
    const { openPoints } = await init('T4');
    expect(openPoints).toContainEqual({
      what: 'what these 2 models cost each other on one Tesla T4 is not known',
      supply: expect.stringMatching(
        /^perseus calibrate --url HOST:8001 --models find,rank --gpu 'Tesla T4' /,
      ),
    });
  });

  describe('of a plan', () => {
    const plan = async (...gpus: string[]) => {
      const result = await initScenario({
        repositories: [path('models')],
        out: path('plan.yaml'),
        plan: true,
        gpus,
      });
      await loadPlan(result.file);
      const written = parse(readFileSync(result.file, 'utf8')) as {
        machines: { name: string; gpu: string }[];
      };
      return { ...result, machines: written.machines.map(({ name, gpu }) => [name, gpu]) };
    };

    it('takes several kinds of GPU, with a name for each machine', async () => {
      write('models/resnet50/config.pbtxt', 'max_batch_size: 8');
      const { machines } = await plan('T4', 'A10', 'A100-80GB', 'A100-SXM-80GB');
      expect(machines).toEqual([
        ['t4', 'Tesla T4'],
        ['a10', 'A10'],
        ['a100-80gb', 'A100-80GB'],
        ['a100-sxm-80gb', 'A100-SXM-80GB'],
      ]);
    });

    it('has the stand-in that a scenario has', async () => {
      write('models/inception_v3/config.pbtxt', 'platform: "tensorflow_graphdef" max_batch_size: 8');
      write('models/inception_v3/1/model.graphdef', '');
      const asked = (points: string[]) => points.filter((what) => what.includes('stands in'));
      const ofScenario = asked(points(await init('T4')));
      expect(ofScenario).toEqual([
        expect.stringContaining('inception_v3: profile inception-v3 on Tesla T4 stands in'),
      ]);
      expect(asked(points(await plan('T4')))).toEqual(ofScenario);
    });

    it('keeps stand-ins of other kinds of GPU where one kind is measured', async () => {
      write('models/resnet50/config.pbtxt', 'max_batch_size: 8');
      const { openPoints } = await plan('T4', 'A100-80GB');
      const supplies = openPoints
        .filter(({ what }) => what.includes('stands in'))
        .map(({ supply }) => supply);
      expect(supplies).toEqual([
        expect.stringMatching(/then write resnet50 first in its profile:$/),
        expect.stringMatching(/then write resnet50 first in its profile:$/),
      ]);
    });

    it('names the command that measures each model, and all side by side, on each kind of GPU', async () => {
      write('models/ranker/config.pbtxt', 'max_batch_size: 8');
      write('models/resnet50/config.pbtxt', 'max_batch_size: 8');
      const { openPoints } = await plan('T4', 'A10');
      const commands = openPoints.flatMap(
        ({ supply }) => /--models \S+ --gpu (?:'[^']+'|\S+)/.exec(supply) ?? [],
      );
      expect(commands).toEqual(
        ['ranker', 'resnet50', 'ranker,resnet50'].flatMap((name) =>
          ["'Tesla T4'", 'A10'].map((gpu) => `--models ${name} --gpu ${gpu}`),
        ),
      );
    });

    it('takes each kind that all its models were measured on, also one without a known price', async () => {
      write('models/ranker/config.pbtxt', 'max_batch_size: 8');
      for (const kind of ['Tesla T4', 'A10'])
        write(`profiles/${kind}.profile.json`, serializeProfile(profile('ranker', kind)));
      const { machines, openPoints } = await plan();
      expect(machines.map(([, gpu]) => gpu)).toEqual(['Tesla T4', 'A10']);
      expect(openPoints.map(({ what }) => what)).toContainEqual(
        expect.stringContaining('price of a machine with A10'),
      );
    });

    it('says which kinds may have been meant', async () => {
      write('models/resnet50/config.pbtxt', 'max_batch_size: 8');
      expect((await plan('A100')).openPoints).toContainEqual({
        what: 'kind of GPU: no profile is of A100',
        supply: expect.stringContaining('A100-80GB'),
      });
    });
  });

  it('refuses several kinds of GPU of a scenario', async () => {
    const several = initScenario({
      repositories: [path('models')],
      out: path('first.yaml'),
      gpus: ['T4', 'A10'],
    });
    await expect(several).rejects.toThrow('--gpu: a scenario is of one kind of GPU; name one, or add --plan');
  });

  it('gives the server no GPU where every model runs on the host', async () => {
    write('models/rank/config.pbtxt', 'instance_group { kind: KIND_CPU }');
    write('profiles/rank.profile.json', serializeProfile(profile('rank', 'CPU')));
    const { file, openPoints } = await init();
    expect(openPoints).toHaveLength(1);
    const { scenario } = await loadScenario(file);
    expect(scenario.servers[0]!.devices).toEqual([]);
  });

  it('asks whether the server limits rates where a configuration says how', async () => {
    const limits = 'rate_limiter { resources { name: "R" count: 1 } }';
    write('models/rank/config.pbtxt', `instance_group { kind: KIND_CPU ${limits} }`);
    expect(points(await init())).toContain(
      'rate_limiter of rank has no effect: whether the server limits rates is not known',
    );
  });

  it('leaves out what cannot be simulated and says why', async () => {
    write('models/good/config.pbtxt', 'max_batch_size: 8');
    write('models/pipeline/config.pbtxt', 'platform: "ensemble" ensemble_scheduling { step [ ] }');
    write('models/broken/config.pbtxt', 'max_batch_size 8');
    write('models/bare/1/model.bin', '');
    write('models/notes/readme.txt', '');
    write('models/.hidden/config.pbtxt', '');
    const { models, leftOut } = await init();
    expect(models).toEqual(['good']);
    expect(leftOut).toEqual([
      {
        model: 'bare',
        reason:
          'config.pbtxt: there is none, and its files do not tell its backend; save what the server answers to ModelConfig as one',
      },
      { model: 'broken', reason: 'config.pbtxt:1:16: expected ":" or "{" after max_batch_size, found 8' },
      {
        model: 'pipeline',
        reason: 'config.pbtxt:1:42: ensemble_scheduling.step: is empty; write at least one step',
      },
    ]);
    expect(readFileSync(path('first.yaml'), 'utf8')).toContain('#   broken: config.pbtxt:1:16:');
  });

  it('leaves out a model whose configuration cannot be read, and takes the others', async () => {
    write('models/good/config.pbtxt', 'max_batch_size: 8');
    mkdirSync(path('models/folder/config.pbtxt'), { recursive: true });
    const { models, leftOut } = await init();
    expect(models).toEqual(['good']);
    expect(leftOut).toEqual([
      {
        model: 'folder',
        reason: expect.stringMatching(/config\.pbtxt: this is a folder; name a file in it$/),
      },
    ]);
  });

  it('writes the calls of a Python model, by the code of any version', async () => {
    const calls =
      'import triton_python_backend_utils as pb_utils\nr = pb_utils.InferenceRequest(\n  model_name="b")\n';
    const python = (name: string, code: string, version = '1') => {
      write(`models/${name}/config.pbtxt`, 'backend: "python"');
      write(`models/${name}/${version}/model.py`, code);
    };
    python('caller', '# nothing\n');
    python('caller', calls, '2');
    python('commented', '# pb_utils.InferenceRequest(model_name="b")\n');
    python('documented', '"""requests: a list of pb_utils.InferenceRequest"""\n');
    python('elsewhere', calls, 'drafts');
    mkdirSync(path('models/folder/1/model.py'), { recursive: true });
    write('models/folder/config.pbtxt', 'backend: "python"');
    const { models, remarks, openPoints } = await init();
    expect(models).toEqual(['caller', 'commented', 'documented', 'elsewhere', 'folder']);
    expect(remarks).toEqual([
      { model: 'elsewhere', remark: 'it has no version folder, so that Triton loads none of it as it is' },
    ]);
    expect(openPoints.filter(({ what }) => what.includes('it calls'))).toEqual([
      {
        what: 'caller: it calls b, which is in no repository that was named; how often, in which order and its own time are guesses',
        supply: 'edit its calls: in the scenario',
      },
    ]);
    expect(readFileSync(path('first.yaml'), 'utf8')).toMatch(
      /- name: caller\n.*\n {8}calls: .*\n {10}- \{ownMs: 1\}\n {10}# - \{call: b\} {3}# is in no repository/,
    );
  });

  it('writes the calls that a file makes which model.py imports, and keeps what a template says besides', async () => {
    const toFill = (name: string) => `\${${name}}`;
    const call = (name: string) => `r = pb_utils.InferenceRequest(model_name="${name}").exec()\n`;
    write('models/b/config.pbtxt', 'backend: "onnxruntime" max_batch_size: 1');
    const caller = [
      `backend: "python" max_batch_size: ${toFill('batch')}`,
      `parameters: { key: "dir" value: { string_value: "${toFill('dir')}/a" } }`,
    ];
    write('models/caller/config.pbtxt', caller.join('\n'));
    write('models/caller/1/model.py', 'from lib.decoder import Decoder\n');
    write('models/caller/1/lib/decoder.py', call('b'));
    write('models/caller/1/lib/draft.py', call('c'));
    const { remarks } = await initScenario({
      repositories: [path('models')],
      out: path('first.yaml'),
      set: ['batch=1'],
    });
    expect(remarks).toContainEqual({
      model: 'caller',
      remark: `to fill in before you deploy, without effect here: ${toFill('dir')}`,
    });
    const text = readFileSync(path('first.yaml'), 'utf8');
    expect(text).toContain('- {ownMs: 1}\n          - {call: b}\n');
    expect(text).not.toContain('{call: c}');
    expect(text).toContain(`string_value: "${toFill('dir')}/a"`);
  });

  it('refuses an empty repository, one that is not there, and to overwrite', async () => {
    mkdirSync(path('models'));
    await expect(init()).rejects.toThrow(/models: there is no model that can be simulated/);
    await expect(initScenario({ repositories: [path('nowhere')], out: path('first.yaml') })).rejects.toThrow(
      /nowhere: the repository cannot be read \(ENOENT\)/,
    );
    write('models/resnet/config.pbtxt', 'max_batch_size: 8');
    write('first.yaml', 'mine');
    await expect(init()).rejects.toThrow(/first\.yaml: there is such a file already/);
    expect(readFileSync(path('first.yaml'), 'utf8')).toBe('mine');
  });
});
