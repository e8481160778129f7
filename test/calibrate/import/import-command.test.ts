import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importCommand } from '../../../src/cli/commands/profile/import.js';
import { parseProfile } from '../../../src/profile/parse.js';
import { runCommand } from '../../cli/in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-import-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const run = (...words: string[]) => runCommand(importCommand as never, ['import', ...words]);

const HEAD =
  'Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p99 latency';
const one = (name: string, infer: number) =>
  file(name, `${HEAD}\n1,${1e6 / (infer + 400)},20,300,30,40,${infer},5,5,${infer + 390},${infer + 500}\n`);

describe('perseus profile import', () => {
  it('makes a profile of perf_analyzer tables, one for each batch size', async () => {
    const out = join(folder, 'profiles');
    const files = [one('b1.csv', 4000), one('b4.csv', 9000)];
    const words = ['--request-batch', '1,4', '--model', 'bert', '--device', 'A30', '--out', out, '--json'];
    const { code, stdout } = await run('perf_analyzer', ...files, ...words);
    expect(code).toBe(0);
    const { profiles } = JSON.parse(stdout);
    expect(profiles).toMatchObject([{ model: 'bert', device: 'A30' }]);
    const profile = parseProfile(readFileSync(profiles[0].file, 'utf8'), {});
    expect(profile.service).toMatchObject([
      { batchSize: 1, inferMs: 4 },
      { batchSize: 4, inferMs: 9 },
    ]);
  });

  it('makes a profile of a Model Analyzer table and names what it assumed', async () => {
    const table = file(
      'metrics.csv',
      'Model,Batch,Concurrency,Model Config Path,Instance Group,Max Batch Size,Throughput (infer/sec)\nm,1,1,m_config_0,1:GPU,4,100\nm,4,1,m_config_0,1:GPU,4,200\n',
    );
    const { code, stdout } = await run(
      'model_analyzer',
      table,
      '--device',
      'A30',
      '--out',
      join(folder, 'ma'),
    );
    expect(code).toBe(0);
    expect(stdout).toContain('uncertain: Without a config.pbtxt');
    expect(existsSync(join(folder, 'ma/m.profile.json'))).toBe(true);
  });

  it('refuses a configuration that says nothing, which would stand for one instance without batches', async () => {
    const out = join(folder, 'nothing');
    const words = ['--request-batch', '1', '--model', 'bert', '--device', 'A30', '--out', out];
    const { code, stderr } = await run(
      'perf_analyzer',
      one('some.csv', 4000),
      ...words,
      '--config',
      '/dev/null',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('/dev/null: it says nothing; name a config.pbtxt');
    expect(existsSync(out)).toBe(false);
  });

  it('tells the problems of all files and writes nothing', async () => {
    const out = join(folder, 'none');
    const bad = file('bad.csv', `${HEAD}\n1,x,20,300,30,40,1,5,5,1,1\n`);
    const { code, stderr } = await run(
      'perf_analyzer',
      bad,
      join(folder, 'missing.csv'),
      '--model',
      'm',
      '--device',
      'd',
      '--out',
      out,
    );
    expect(code).toBe(2);
    expect(stderr).toContain('bad.csv:2: Inferences/Second');
    expect(stderr).toContain('missing.csv: there is no such file');
    expect(existsSync(out)).toBe(false);
  });

  it('asks for the model where the table does not name it, and for a device', async () => {
    const table = one('b1.csv', 4000);
    const nameless = await run('perf_analyzer', table, '--device', 'd', '--out', folder);
    expect(nameless.stderr).toContain('--model: is missing');
    const nowhere = await run('perf_analyzer', table, '--model', 'm', '--out', folder);
    expect(nowhere.stderr).toContain('--device: is missing');
  });

  it('refuses more instances and larger batches than anybody has, before it fits anything', async () => {
    const words = [
      '--model',
      'm',
      '--device',
      'd',
      '--out',
      folder,
      '--instances',
      '1e15',
      '--max-batch',
      '1e15',
    ];
    const { code, stderr } = await run('perf_analyzer', one('b1.csv', 4000), ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--instances: 1000000000000000 is out of range.*\n--max-batch: /);
  });

  it('refuses a date that a profile does not take before it fits anything', async () => {
    const words = ['--model', 'm', '--device', 'd', '--out', folder, '--date', 'yesterday'];
    for (const tool of ['perf_analyzer', 'model_analyzer', 'triton-trace', 'prometheus']) {
      const { code, stderr } = await run(
        tool,
        one('b1.csv', 4000),
        ...words.slice(tool.includes('_') ? 0 : 2),
      );
      expect([tool, code, stderr.split('\n')[0]]).toEqual([
        tool,
        2,
        '--date: "yesterday" is not a date; write it like 2024-05-31, or unknown',
      ]);
    }
  });

  it('names every file of counters and every repository that cannot be read, in their order', async () => {
    const repositories = ['one', 'two'].map((name) => join(folder, name));
    for (const path of repositories) mkdirSync(path);
    const words = ['--device', 'd', '--out', folder, '--config', ...repositories];
    const { code, stderr } = await run(
      'prometheus',
      join(folder, '10h.txt'),
      join(folder, '11h.txt'),
      ...words,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/10h\.txt: .*\n.*11h\.txt: .*\n.*\/one: no model .*\n.*\/two: no model /);
  });

  it('takes configurations from a repository that has an ensemble too, and refuses that one where it is named', async () => {
    for (const [model, text] of [
      ['bert', 'max_batch_size: 8'],
      ['pipeline', 'platform: "ensemble" ensemble_scheduling { step [ { model_name: "bert" } ] }'],
    ] as const) {
      mkdirSync(join(folder, 'repository', model), { recursive: true });
      file(join('repository', model, 'config.pbtxt'), text);
    }
    const words = ['--model', 'bert', '--device', 'A30', '--out', join(folder, 'beside')];
    const repository = join(folder, 'repository');
    const table = one('b1.csv', 4000);
    expect((await run('perf_analyzer', table, ...words, '--config', repository)).code).toBe(0);
    const named = await run(
      'perf_analyzer',
      table,
      ...words,
      '--config',
      join(repository, 'pipeline/config.pbtxt'),
    );
    expect(named.code).toBe(2);
    expect(named.stderr).toContain('an ensemble executes nothing itself');
  });

  it('refuses batch sizes that do not fit the files', async () => {
    const words = ['--request-batch', '1,2,3', '--model', 'm', '--device', 'd', '--out', folder];
    const { code, stderr } = await run('perf_analyzer', one('b1.csv', 4000), ...words);
    expect(code).toBe(2);
    expect(stderr).toContain('--request-batch');
  });

  it('refuses requests with more inferences than a log has room for, which would be simulated as small ones', async () => {
    const words = ['--request-batch', '70000', '--model', 'm', '--device', 'd', '--out', folder];
    const { code, stderr } = await run('perf_analyzer', one('b70000.csv', 4000), ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/b70000\.csv.*: a request of 70000 inferences; 1 to 65535/);
  });
});
