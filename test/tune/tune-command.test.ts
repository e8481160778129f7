import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { tuneCommand } from '../../src/cli/commands/tune.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { tuneScenario } from '../../src/node/tune/tune-scenario.js';
import { settingOf } from '../../src/plan/tune/setting.js';
import { runCommand } from '../cli/in-process.js';
import { scenarioText, smallScenario } from '../cli/small-scenario.js';

const { file, path, write } = smallScenario();
const tune = (...words: string[]) => runCommand(tuneCommand as CommandModule, ['tune', ...words]);
const FEW = [
  '--instances',
  '1,2',
  '--max-batch',
  '2,8',
  '--delay',
  '0,2000',
  '--preferred',
  'max',
  '--runs',
  '2',
];
/** The settings as they are, and nothing beside them. */
const ONE = ['--instances', '1', '--max-batch', '8', '--delay', '0', '--preferred', 'max'];
/** Two candidates for each model, so that there is a second to be compared with. */
const TWO = ['--instances', '1,2', '--max-batch', '8', '--delay', '0', '--preferred', 'max', '--runs', '2'];
const closed = write(
  'closed.yaml',
  scenarioText({ durationS: 1 }).replaceAll(
    'process: {kind: poisson, ratePerS: 80}',
    'closedLoop: {concurrency: 2}',
  ),
);

afterEach(() => {
  process.exitCode = undefined;
});

describe('perseus tune', () => {
  it('finds settings that are at least as good as those of the file, and says how sure it is', async () => {
    const { code, stdout } = await tune(file, ...FEW, '--objective', 'latency', '--json');
    expect(code).toBe(0);
    const { best, current, space, againstSecond } = JSON.parse(stdout);
    expect(space.size).toBe(64);
    expect(best.value).toBeLessThanOrEqual(current.value * 1.005);
    expect(againstSecond.probability).toBeGreaterThan(0);
    const { stdout: text } = await tune(file, ...TWO, '--objective', 'latency');
    for (const word of ['a/cats', 'a/dogs', 'probability|equal']) expect(text).toMatch(new RegExp(word));
  });

  it('refuses an SLO of which no request is counted, which any setting would keep', async () => {
    const rare = write('rare.yaml', scenarioText().replaceAll('ratePerS: 80', 'ratePerS: 1e-6'));
    const { code, stdout, stderr } = await tune(rare, ...FEW);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /rare\.yaml: no request of "[\w-]+" falls into the [\d.]+ s counted; write a longer durationS/,
    );
  });

  it('writes the best scenario with what it does not look at itself, such as the parameters of a model', async () => {
    const own = 'parameters: {mode: {string_value: fast}}, dynamic_batching: {}';
    const text = scenarioText({ durationS: 1 }).replace('dynamic_batching: {}', own);
    const out = path('with-parameters');
    await tune(write('parameters.yaml', text), ...ONE, '--runs', '2', '--out', out);
    const { spec } = await loadScenario(`${out}/scenario.yaml`);
    expect(spec.servers[0]!.models[0]!.config).toMatchObject({
      parameters: new Map([['mode', { string_value: 'fast' }]]),
    });
  });

  it('says that settings which win as they are are no better and no worse than they are', async () => {
    const asItIs = [file, ...ONE];
    const { stdout } = await tune(...asItIs, '--json');
    const { best, current } = JSON.parse(stdout);
    expect(best).toEqual(current);
    const { stdout: text } = await tune(...asItIs);
    expect(text).toContain('these are the settings as they are.');
  });

  it('says so, also to the shell, where no setting that it tried meets every SLO', async () => {
    const strict = write(
      'strict.yaml',
      scenarioText({ durationS: 2 }).replaceAll(/limitMs: \d+/g, 'limitMs: 0.1'),
    );
    const { stdout } = await tune(strict, ...TWO);
    expect(process.exitCode).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('but no setting that was tried meets every SLO');
  });

  it('warns of a winner that leaves what its profiles were measured for', async () => {
    const many = scenarioText({ durationS: 2 }).replaceAll('{kind: KIND_GPU}', '{kind: KIND_GPU, count: 20}');
    const words = [write('many.yaml', many), '--instances', '20', '--max-batch', '8', '--delay', '0'];
    const { stdout } = await tune(...words, '--runs', '2');
    expect(stdout).toMatch(/Before you rely on it\n(.|\n)*outside-profile-region/);
    const { stdout: all } = await tune(...words, '--runs', '2', '-v');
    expect(all).toMatch(/Finalists\n(.|\n)*Warnings \(\d+\)/);
    expect(all.replace(/\s+/g, ' ')).toContain('20 instances share the device, measured with at most 8');
  });

  it('finds what simulating every combination in full finds', async () => {
    const space = {
      instances: [1, 2],
      maxBatchSizes: [2, 8],
      delaysUs: [0],
      preferred: ['max'] as const,
      concurrency: [1, 6],
    };
    const outcome = await tuneScenario(closed, { objective: 'balanced', space, replications: 3 });
    const inFull = outcome.evaluations.filter(({ job }) => job.replication === 2 && job.share === 1);
    const winner = outcome.result.finalists[0]!.score;
    expect(inFull.length).toBeGreaterThan(3);
    expect(outcome.result.method).toBe('whole space');
    const balanced = (run: (typeof inFull)[number]['figures']) =>
      Math.sqrt(run.tenants[0]!.inferencesPerS * run.tenants[1]!.inferencesPerS);
    const kept = inFull.filter(({ figures }) =>
      figures.tenants.every(({ attainment = 1, targetShare = 0 }) => attainment >= targetShare),
    );
    for (const { figures } of kept) expect(winner.value).toBeGreaterThan(0.98 * balanced(figures));
  });

  it('gives the same bytes every time, on any number of threads', async () => {
    const few = [
      '--instances',
      '1',
      '--max-batch',
      '2,8',
      '--delay',
      '0',
      '--preferred',
      'max',
      '--runs',
      '2',
    ];
    const words = [closed, ...few, '--concurrency', '1,4', '--json'];
    const once = await tune(...words, '--threads', '1');
    const threads = await tune(...words, '--threads', '2');
    expect(threads.stdout).toBe(once.stdout);
  });

  it('writes the best scenario, which has the settings and the load of the winner', async () => {
    const words = [closed, ...FEW, '--concurrency', '1,5', '--out', path('tuned'), '--emit', path('emitted')];
    const { stdout, stderr, code } = await tune(...words, '--json');
    expect(code).toBe(0);
    // The --models of tune are those to tune.
    const emitted = path('emitted/scenario.yaml');
    expect(stderr).toContain(`or perseus emit ${emitted} --out FOLDER --models REPOSITORY, which takes them`);
    const { best } = JSON.parse(stdout);
    for (const written of ['tuned/scenario.yaml', 'emitted/scenario.yaml']) {
      const { scenario } = await loadScenario(path(written));
      const [load] = scenario.tenants.map((tenant) => tenant.load);
      expect(load).toMatchObject({ mode: 'closed', concurrency: best.load.concurrency });
      const settings = scenario.servers[0]!.models.map(settingOf);
      expect(settings).toEqual(best.models.map(({ setting }: { setting: unknown }) => setting));
    }
    const table = readFileSync(path('tuned/evaluations.csv'), 'utf8').split('\r\n');
    expect(table[0]).toContain('a/cats instances');
    expect(table.length).toBeGreaterThan(20);
  });

  it('names everything that is wrong with what shall be tried at once', async () => {
    const { code, stderr } = await tune(
      file,
      '--instances',
      '0,2',
      '--delay',
      'soon',
      '--concurrency',
      '1.5',
    );
    expect(code).toBe(2);
    for (const option of ['--instances', '--delay', '--concurrency']) expect(stderr).toContain(option);
  });

  it('refuses to emit a name that cannot be that of a folder before it searches', async () => {
    const text = scenarioText()
      .replace('{name: dogs,', '{name: "do/gs", profile: dogs,')
      .replace('model: dogs', 'model: "do/gs"');
    const words = [write('slash.yaml', text), ...FEW, '--out', path('slashed'), '--emit', path('slash')];
    const { code, stderr } = await tune(...words);
    expect(code).toBe(2);
    expect(stderr).toContain('"do/gs" cannot be the name of a folder');
    expect(stderr).not.toContain('simulations');
    expect(existsSync(path('slashed'))).toBe(false);
  });

  it.each([
    ['a closed loop without a rate', [closed, '--load', '1,2'], 'every load is a closed loop'],
    ['an unknown model', [file, '--models', 'birds'], 'no server serves "birds"'],
    ['no budget', [file, '--budget', '0'], '--budget'],
    ['a place where no folder can be made', [file, '--out', `${file}/tuned`], '--out: '],
    ['another such place', [file, '--emit', `${file}/deploy`], '--emit: '],
    ['a confirmation without a server', [file, '--confirm', '2'], '--confirm: needs a live server'],
    ['a server without a confirmation', [file, '--url', 'localhost:8001'], '--confirm 3'],
    ['a choice without its value', [file, '--objective'], '--objective'],
    ['rounds without a confirmation', [file, '--rounds', '5'], '--rounds: is of no use'],
    ['a header without a confirmation', [file, '--header', 'a=b'], '--header: is of no use'],
    ['inputs without a confirmation', [file, '--fill', 'random'], '--fill: is of no use'],
    ['no rounds', [file, '--confirm', '2', '--rounds', '0', '--url', 'localhost:8001'], '--rounds'],
  ])('does not guess what %s means', async (_, words, said) => {
    const { code, stdout, stderr } = await tune(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
  });
});
