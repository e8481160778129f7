import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/problem.js';
import { runPlan } from '../../src/node/plan/run-plan.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { selectRunner } from '../../src/node/sweep/select-runner.js';
import { tuneScenario } from '../../src/node/tune/tune-scenario.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { profile, scenarioText } from '../scenario/fixtures.js';

let folder: string;
const path = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'perseus-scenario-'));
  mkdirSync(path('profiles'));
  writeFileSync(path('profiles/resnet.profile.json'), serializeProfile(profile('resnet', 'Tesla P4')));
  writeFileSync(path('resnet.pbtxt'), 'max_batch_size: 4');
  writeFileSync(path('broken.pbtxt'), 'max_batch_size: 4\nbackend python');
  writeFileSync(path('latin1.pbtxt'), Buffer.from('name: "caf\xe9"', 'latin1'));
  writeFileSync(path('web.csv'), 'arrival_us,tenant\n0,web\n1000,web\n');
  writeFileSync(path('empty.csv'), 'nonsense\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

async function load(text: string, overrides = {}) {
  writeFileSync(path('s.yaml'), text);
  return loadScenario(path('s.yaml'), overrides);
}

async function problems(text: string): Promise<string> {
  const error = await load(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replaceAll(`${folder}/`, '');
}

describe('loadScenario', () => {
  it('reads every file that the scenario names, relative to it', async () => {
    const { scenario, spec, resources } = await load(
      scenarioText({
        models: '[{name: resnet, config: resnet.pbtxt}]',
        tenants: '- {name: search, model: resnet, load: {trace: {file: web.csv}}}',
      }),
    );
    expect(scenario.servers[0]!.models[0]!.config.maxBatchSize).toBe(4);
    expect(scenario.tenants[0]!.load).toMatchObject({ mode: 'open', trace: { tenants: ['search'] } });
    expect(spec.name).toBe('test');
    expect([...resources.configs.keys()]).toEqual(['resnet.pbtxt']);
  });

  it('reads JSON as well as YAML', async () => {
    const { scenario } = await load(
      JSON.stringify({
        perseus: 1,
        name: 'json',
        durationS: 1,
        profiles: ['profiles/resnet.profile.json'],
        servers: [
          {
            name: 'a',
            devices: [{ name: 'g', kind: 'Tesla P4' }],
            models: [{ name: 'resnet', config: 'resnet.pbtxt' }],
          },
        ],
        tenants: [{ name: 't', model: 'resnet', load: { closedLoop: { concurrency: 1 } } }],
      }),
    );
    expect(scenario.name).toBe('json');
  });

  it('lets a command line set seed, duration and warm-up', async () => {
    const { scenario } = await load(scenarioText(), { seed: 'x', durationS: 5, warmUpS: 1 });
    expect(scenario).toMatchObject({ seed: 'x', durationUs: 5e6, warmUpUs: 1e6 });
  });

  it('prices a machine from the book that perseus ships', async () => {
    const { scenario } = await load(scenarioText({ server: 'machine: {price: [{sku: g4dn.xlarge}]}' }));
    expect(scenario.servers[0]!.machine).toMatchObject({ kind: 'g4dn.xlarge', usdPerHour: 0.526 });
  });

  it('places every file that is missing where it is named', async () => {
    const text = scenarioText({
      top: 'prices: no.json',
      models: '[{name: resnet, config: no.pbtxt}]',
      server: 'machine: {price: [{sku: g4dn.xlarge}]}',
      tenants: '- {name: search, model: resnet, load: {trace: {file: no.csv}}}',
    }).replace('[profiles]', '[profiles, nowhere]');
    expect(await problems(text)).toBe(
      [
        's.yaml:4:22: profiles[1]: nowhere: there is no such file; check the path',
        's.yaml:5:9: prices: no.json: there is no such file; check the path',
        's.yaml:9:37: servers[0].models[0].config: no.pbtxt: there is no such file; check the path',
        's.yaml:12:56: tenants[0].load.trace.file: no.csv: there is no such file; check the path',
      ].join('\n'),
    );
  });

  it('passes on what is wrong inside the files', async () => {
    const text = scenarioText({
      models: '[{name: resnet, config: broken.pbtxt}, {name: other, config: latin1.pbtxt}]',
      tenants: '- {name: search, model: resnet, load: {trace: {file: empty.csv}}}',
    });
    const lines = (await problems(text)).split('\n');
    expect(lines.filter((line) => !line.startsWith('empty.csv:'))).toEqual([
      'broken.pbtxt:2:9: expected ":" or "{" after backend, found python',
      'latin1.pbtxt: the file is not UTF-8 text; convert it to UTF-8',
    ]);
    expect(lines.filter((line) => line.startsWith('empty.csv:'))).not.toEqual([]);
  });

  it('refuses what a program sets in place of the file as it refuses it in the file, all at once', async () => {
    const wrong = { seed: Number.NaN, durationS: -1, warmUpS: Number.POSITIVE_INFINITY };
    const error = await load(scenarioText(), wrong).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    const paths = (error as InputError).problems.map((problem) => problem.path);
    expect(paths).toEqual(['overrides.seed', 'overrides.durationS', 'overrides.warmUpS']);
    await expect(load(scenarioText(), { warmUpS: -1 })).rejects.toThrow(
      'overrides.warmUpS: is negative; write 0 or more',
    );
    expect((await load(scenarioText(), { seed: 'x'.repeat(300), durationS: 2 })).scenario.durationUs).toBe(
      2e6,
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('%d is no count of runs, threads or simulations', async (count) => {
    await load(scenarioText());
    const no = (name: string) => `${name}: ${count} is no count; write a whole number from 1 on`;
    const wrong = { runs: count, threads: count };
    await expect(runScenario(path('s.yaml'), wrong)).rejects.toThrow(`${no('runs')}\n${no('threads')}`);
    const budget = { objective: 'throughput' as const, budgetRuns: count };
    await expect(tuneScenario(path('s.yaml'), budget)).rejects.toThrow(no('budgetRuns'));
    const sweep = { library: undefined as never, points: [] };
    await expect(selectRunner(sweep, { threads: count })).rejects.toThrow(no('threads'));
    await expect(runPlan(undefined as never, { budgetRuns: count })).rejects.toThrow(no('budgetRuns'));
  });

  it('says so when there is no scenario', async () => {
    await expect(loadScenario(path('none.yaml'))).rejects.toThrow(/none\.yaml: .*there is no such file/);
    await expect(loadScenario(folder)).rejects.toThrow(InputError);
  });
});

describe('the scenarios that perseus ships', () => {
  const shipped = existsSync('examples/scenarios')
    ? readdirSync('examples/scenarios').filter((name) => name.endsWith('.yaml'))
    : [];

  it.each(shipped)('%s can be loaded, and begins with its question', async (name) => {
    const { scenario } = await loadScenario(join('examples/scenarios', name));
    expect(readFileSync(join('examples/scenarios', name), 'utf8')).toMatch(/^# [^?]+\?/);
    for (const { targets } of scenario.tenants) expect(targets.length).toBeGreaterThan(0);
  });
});
