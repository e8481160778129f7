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
import { basename, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { planCommand } from '../../src/cli/commands/plan.js';
import { STOPPING_SIGNALS } from '../../src/node/files/stopping-signals.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { serializeProfile } from '../../src/profile/parse.js';
import type { PlanReport } from '../../src/report/plan/plan-report.js';
import { runCommand } from '../cli/in-process.js';
import { IS_SLOW } from '../support/cases.js';
import { linearProfile } from './support/small-plans.js';

const folder = mkdtempSync(join(tmpdir(), 'perseus-plan-'));
/** On one thread where nothing else is said: each takes a moment to start. */
const plan = (...words: string[]) => {
  const threads = words.includes('--threads') ? [] : ['--threads', '1'];
  return runCommand(planCommand as CommandModule, ['plan', ...words, ...threads]);
};
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const load = { loadMs: 4000, unloadMs: 0, firstInferenceMs: 0 };
for (const model of ['cats', 'dogs']) {
  const profile = linearProfile(model, 'Tesla T4', { fixedMs: 2, perItemMs: 1, more: { load } });
  write(`${model}.profile.json`, JSON.stringify(profile));
}

function planText({ limitMs = 60, limit = 5, ratePerS = 200, more = '', network = '' } = {}): string {
  const tenant = (name: string) =>
    `  - {name: ${name}, model: ${name}, load: {process: {kind: poisson, ratePerS: ${ratePerS}}}, slo: {percentile: 99, limitMs: ${limitMs}}}`;
  return `plan: 1
name: pets
durationS: 4
profiles: [cats.profile.json, dogs.profile.json]
${more}
machines:
  - {name: t4, gpu: Tesla T4, machine: {kind: T4 server, usdPerHour: 0.5}, limit: ${limit}, sharing: [exclusive, timeSlices], network: {${network}}}
batching: {maxBatchSizes: [8]}
tenants:
${tenant('cats')}
${tenant('dogs')}
`;
}

const feasible = write('plan.yaml', planText());

/** A plan that several tests read: it is searched for once, and both what is printed and what is written are kept. */
const searched = new Map<string, ReturnType<typeof search>>();
function planned(file: string): ReturnType<typeof search> {
  if (!searched.has(file)) searched.set(file, search(file));
  return searched.get(file)!;
}

async function search(file: string) {
  const [out, emit] = ['out', 'emit'].map((what) => join(folder, `${what}-${basename(file)}`));
  const { code, stdout } = await plan(file, '--budget', '12runs', '--out', out!, '--emit', emit!);
  const report: PlanReport = JSON.parse(readFileSync(join(out!, 'plan.json'), 'utf8'));
  const answer = report.candidates.find(({ number }) => number === report.chosen);
  return { code, stdout, out: out!, emit: emit!, report, answer: answer! };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = undefined;
});

describe('perseus plan', () => {
  it('says of a budget that is neither time nor runs how both are written', async () => {
    const { code, stderr } = await plan(feasible, '--budget', 'abc');
    expect(code).toBe(2);
    expect(stderr).toContain('--budget: "abc" is no length of time; write for example 90s, 5m or 2000runs');
  });

  it('gives the same bytes for the same budget of runs, whatever the number of threads', async () => {
    const { code, out, report, answer } = await planned(feasible);
    const two = await plan(feasible, '--budget', '12runs', '--json', '--threads', '2');
    expect(code).toBe(0);
    expect(two.stdout).toBe(readFileSync(join(out, 'plan.json'), 'utf8'));
    const { best, bound, gap } = report;
    expect(best).toBe(0.5);
    expect(bound).toBeLessThanOrEqual(best!);
    expect(gap).toBeCloseTo(best! / bound! - 1, 6);
    expect(answer.slosMet).toBe(2);
    const { attainment } = answer.tenants[0]!;
    expect(attainment.low).toBeLessThanOrEqual(attainment.value);
  });

  it('writes a scenario for each placement that simulates to what the plan says', async () => {
    const { code, out, emit, report, answer } = await planned(feasible);
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual([
      'perseus-folder.json',
      'plan.json',
      'plan.txt',
      'plan.yaml',
      'report.html',
      'scenarios',
    ]);
    const { candidates, chosen } = report;
    const { scenario } = await loadScenario(join(out, 'scenarios', `placement-${chosen}.yaml`));
    const usd = scenario.servers.reduce((sum, { machine }) => sum + machine.usdPerHour, 0);
    expect(usd).toBeCloseTo(answer.usdPerHour!, 9);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    for (let i = 1; i <= candidates.length; i++) expect(page).toContain(`scenarios/placement-${i}.yaml`);
    const emitted = await loadScenario(join(emit, 'scenario.yaml'));
    expect(emitted.scenario.servers.map(({ devices }) => devices)).toEqual(
      scenario.servers.map(({ devices }) => devices),
    );
  });

  describe('that is interrupted', () => {
    /** As soon as the command listens for it; what listens by then, such as commands before it, does not hear of it. */
    const interruptedBy = async (name: 'SIGINT' | 'SIGTERM', ...words: string[]) => {
      const others = STOPPING_SIGNALS.map((signal) => process.listeners(signal));
      for (const signal of STOPPING_SIGNALS) process.removeAllListeners(signal);
      const onListener = (added: string | symbol) => {
        if (added !== name) return;
        process.off('newListener', onListener);
        setImmediate(() => process.emit(name, name));
      };
      process.on('newListener', onListener);
      try {
        return { ...(await plan(...words)), exitCode: process.exitCode };
      } finally {
        process.off('newListener', onListener);
        for (const [i, signal] of STOPPING_SIGNALS.entries()) {
          process.removeAllListeners(signal);
          for (const listener of others[i]!) process.on(signal, listener);
        }
      }
    };

    it('ends with 130, and says, shows and writes the best so far as such', async () => {
      const [out, emit] = [join(folder, 'interrupted'), join(folder, 'interrupted-emitted')];
      const told = await interruptedBy(
        'SIGINT',
        feasible,
        '--budget',
        '500runs',
        '--out',
        out,
        '--emit',
        emit,
      );
      expect(told.exitCode).toBe(130);
      expect(told.stderr).toMatch(/^interrupted, the best so far is 1 × t4 for \$0\.50 per hour/m);
      expect(told.stdout).toMatch(/^Interrupted: the search was stopped before its end/);
      expect(JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')).interrupted).toBe(true);
      expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Interrupted: the search was stopped');
      for (const written of [join(out, 'scenarios/placement-1.yaml'), join(emit, 'scenario.yaml')])
        expect(readFileSync(written, 'utf8')).toMatch(/^# The search was interrupted: /);
    });

    it('ends with 143 after SIGTERM, and marks its JSON, also where nothing was found', async () => {
      const tight = write('tight-interrupted.yaml', planText({ limitMs: 2.5 }));
      const told = await interruptedBy('SIGTERM', tight, '--budget', '500runs', '--json');
      expect(told.exitCode).toBe(143);
      expect(told.stderr).toContain('interrupted, the best so far is no placement that meets every SLO');
      expect(JSON.parse(told.stdout)).toMatchObject({ interrupted: true });
    });

    it('has no such mark where it was not', async () => {
      const { code, report } = await planned(feasible);
      expect(code).toBe(0);
      expect(report).not.toHaveProperty('interrupted');
    });
  });

  it('emits what Triton loads, with the versions of a repository, and looks for them before it searches', async () => {
    const repository = join(folder, 'repository');
    const emit = join(folder, 'emitted');
    mkdirSync(join(repository, 'cats/1'), { recursive: true });
    const config = 'backend: "onnxruntime"\nmax_batch_size: 0\ndynamic_batching { }\n';
    writeFileSync(join(repository, 'cats/config.pbtxt'), config);
    const rare = write('rare.yaml', planText({ ratePerS: 40 }));
    const words = [rare, '--budget', '8runs', '--emit', emit, '--models', repository];
    const lacking = await plan(...words);
    expect(lacking.code).toBe(2);
    expect(lacking.stderr).toContain('no version of the model "dogs"');
    expect(lacking.stdout).toBe('');
    mkdirSync(join(repository, 'dogs/3'), { recursive: true });
    const { code, stdout } = await plan(...words);
    expect(code).toBe(0);
    const { servers } = (await loadScenario(join(emit, 'scenario.yaml'))).scenario;
    // A model without a batch dimension is served and simulated as its repository says.
    expect(stdout).toContain('cats (unbatched');
    const configs = servers.flatMap(({ models }) => models.map((model) => model.config));
    const sizes = configs.map(({ name, maxBatchSize, dynamicBatching }) => [
      name,
      maxBatchSize,
      dynamicBatching !== undefined,
    ]);
    expect(sizes.sort()).toEqual([
      ['cats', 0, false],
      ['dogs', 8, true],
    ]);
    const serving = servers.find(({ models }) => models.some(({ config }) => config.name === 'dogs'))!;
    expect(existsSync(join(emit, 'model-repositories', serving.name, 'dogs/3'))).toBe(true);
    const aimless = await plan(feasible, '--models', repository);
    expect({ code: aimless.code, says: aimless.stderr.includes('--emit FOLDER') }).toEqual({
      code: 2,
      says: true,
    });
  });

  it('refuses names that cannot be those of folders, or that a backend does not load, before it searches', async () => {
    const emit = join(folder, 'unnamed');
    const named = (name: string) => {
      const own = linearProfile(name, 'Tesla T4', { fixedMs: 2, perItemMs: 0.5 });
      write('named.profile.json', serializeProfile(own));
      const text = planText().replace('dogs.profile.json', 'named.profile.json');
      return write('named.yaml', text.replace('model: dogs', `model: "${name}"`));
    };
    const slashed = await plan(named('do/gs'), '--budget', '50runs', '--emit', emit);
    expect(slashed.code).toBe(2);
    expect(slashed.stderr).toContain('"do/gs" cannot be the name of a folder');
    const repository = join(folder, 'spaced');
    for (const model of ['cats', 'do gs']) mkdirSync(join(repository, model, '1'), { recursive: true });
    writeFileSync(join(repository, 'do gs/config.pbtxt'), 'backend: "python"\n');
    const words = ['--budget', '50runs', '--emit', emit, '--models', repository];
    const spaced = await plan(named('do gs'), ...words);
    expect(spaced.code).toBe(2);
    expect(spaced.stderr).toContain('does not load "do gs"');
    for (const { stderr } of [slashed, spaced]) expect(stderr).not.toContain('simulations');
  });

  it.runIf(IS_SLOW)(
    'serves a model without a batch dimension as it is served now: with other tensors its clients would fail',
    async () => {
      const emit = join(folder, 'emitted-current');
      const model = (name: string, batch: string) =>
        `{name: ${name}, config: {${batch}, instance_group: [{kind: KIND_GPU, count: 1}]}}`;
      const server = (i: number, models: string) =>
        `  - {name: t4-${i}, machine: {kind: t4, usdPerHour: 1}, devices: [{name: gpu0, kind: Tesla T4, memoryMb: 16000, sharing: streams}], models: [${models}]}`;
      const load = (name: string) =>
        `  - {name: ${name}, model: ${name}, load: {process: {kind: poisson, ratePerS: 40}}}`;
      write(
        'now.yaml',
        [
          'perseus: 1',
          'name: now',
          'durationS: 5',
          'profiles: [cats.profile.json, dogs.profile.json]',
          'servers:',
          server(1, model('cats', 'max_batch_size: 0')),
          server(2, model('dogs', 'max_batch_size: 8, dynamic_batching: {}')),
          'tenants:',
          load('cats'),
          load('dogs'),
        ].join('\n'),
      );
      const file = write('moved.yaml', `${planText({ ratePerS: 40 })}\ncurrent: now.yaml\n`);
      const { code, stderr } = await plan(file, '--budget', '50runs', '--emit', emit);
      expect(stderr).not.toContain('error');
      expect(code).toBe(0);
      const { servers } = (await loadScenario(join(emit, 'scenario.yaml'))).scenario;
      const sizes = servers.flatMap(({ models }) =>
        models.map(({ config }) => [config.name, config.maxBatchSize]),
      );
      expect(sizes.sort()).toEqual([
        ['cats', 0],
        ['dogs', 8],
      ]);
    },
  );

  it('ends with 1 and says which SLO is missed by how much where none can be met', async () => {
    const tight = write('tight.yaml', planText({ limitMs: 2.5 }));
    const { stdout } = await plan(tight, '--budget', '20runs');
    expect(process.exitCode).toBe(1);
    expect(stdout).toMatch(/no placement was found that meets every SLO/);
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /The SLO of cats cannot be met: .* instead of 99 %, p99 is [\d.]+ ms/,
    );
  });

  it.runIf(IS_SLOW)('plans for machines that are slower than measured', async () => {
    const slower = write('slower.yaml', planText({ ratePerS: 100, limit: 1, more: 'marginPercent: 50' }));
    const usual = write('usual.yaml', planText({ ratePerS: 100, limit: 1 }));
    const { answer, stdout, out, emit } = await planned(slower);
    const measured = await planned(usual);
    expect(answer.tenants[0]!.latencyMs).toBeGreaterThan(1.3 * measured.answer.tenants[0]!.latencyMs);
    expect(stdout).toContain('Everything was planned to take 50 % longer than its profile says.');
    for (const written of [join(out, 'scenarios/placement-1.yaml'), join(emit, 'scenario.yaml')])
      expect(readFileSync(written, 'utf8')).toMatch(/^# Planned with marginPercent: 50, .*\nperseus: 1\n/);
    const wrong = write('faster.yaml', planText({ more: 'marginPercent: -5' }));
    const { code, stderr } = await plan(wrong);
    expect({ code, names: stderr.includes('faster.yaml') && stderr.includes('marginPercent') }).toEqual({
      code: 2,
      names: true,
    });
  });

  it.runIf(IS_SLOW)(
    'says which SLO is met by less than its prediction may be off, and a limit that is sure',
    async () => {
      const fitOf = (p99: number) => ({
        method: 'test',
        points: 1,
        heldOut: 0,
        meanErrorPercent: 0,
        maxErrorPercent: 0,
        latencyErrorPercent: { mean: 1, p50: 1, p95: 1, p99 },
      });
      const unsure = linearProfile('cats', 'Tesla T4', {
        fixedMs: 2,
        perItemMs: 1,
        more: { load, fit: fitOf(15) },
      });
      write('unsure.profile.json', JSON.stringify(unsure));
      const sure = await planned(feasible);
      const found = sure.answer.tenants;
      expect(found.map(({ errorPercent }) => errorPercent)).toEqual([undefined, undefined]);
      const limitMs = 1.1 * Math.max(...found.map(({ latencyMs }) => latencyMs));
      const tight = write(
        'tight-slo.yaml',
        planText({ limitMs }).replace('[cats.profile.json', '[unsure.profile.json'),
      );
      const { stdout, answer } = await planned(tight);
      expect(stdout.replaceAll('\n', ' ')).toMatch(
        /cats meets its SLO by less than its prediction may be off: p99 is [\d.]+ of .* within 15(\.0)? %\. +Plan with a limit of/,
      );
      expect(stdout).not.toContain('dogs meets its SLO by less');
      expect(answer.tenants[0]!.errorPercent).toBe(15);
      expect(sure.stdout).not.toContain('prediction may be off');
    },
  );

  it('says so where it is the network that takes the limit', async () => {
    const far = write(
      'far.yaml',
      planText({ limitMs: 30, network: 'requestDelayUs: 25000, responseDelayUs: 15000' }),
    );
    const { stdout } = await plan(far, '--budget', '20runs');
    expect(process.exitCode).toBe(1);
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /The SLO of cats cannot be met: .* with 40 ms of network delay, 0 % of its requests are within 30 ms/,
    );
  });

  it('ends with 1 and names the machines that would do where the limit on them is in the way', async () => {
    const few = write('few.yaml', planText({ limit: 1, ratePerS: 700 }));
    const { stdout } = await plan(few, '--budget', '20runs', '--json');
    expect(process.exitCode).toBe(1);
    const { needed, shortfalls, chosen } = JSON.parse(stdout);
    expect(chosen).toBeUndefined();
    expect(needed).toEqual([{ kind: 't4', count: 2 }]);
    expect(shortfalls[0].margin).toBeLessThan(0);
  });

  it.runIf(IS_SLOW)('meets every SLO through the failure of a GPU, on every day', async () => {
    const safe = write('safe.yaml', planText({ more: 'survive: gpu\ndays: {count: 1}' }));
    const { failures, candidates, chosen } = JSON.parse(
      (await plan(safe, '--budget', '100runs', '--json')).stdout,
    );
    expect(failures).toHaveLength(candidates[chosen - 1].gpus);
    for (const { met } of failures) expect(met).toBe(true);
    expect(candidates[chosen - 1].days).toHaveLength(2);
  });

  it.runIf(IS_SLOW)('shows the moves from the current placement with the time to load', async () => {
    await plan(
      write('safe2.yaml', planText({ more: 'survive: gpu' })),
      '--budget',
      '50runs',
      '--out',
      join(folder, 'now'),
    );
    const { candidates, chosen } = JSON.parse(readFileSync(join(folder, 'now', 'plan.json'), 'utf8'));
    expect(candidates[chosen - 1].gpus).toBe(2);
    const current = `now/scenarios/placement-${chosen}.yaml`;
    const moving = write('moving.yaml', planText({ more: `current: ${current}` }));
    const moved = join(folder, 'moved');
    const { stdout } = await plan(moving, '--budget', '50runs', '--json', '--out', moved);
    const { migration } = JSON.parse(stdout);
    expect(migration.current).toMatchObject({ usdPerHour: 1, moves: 0 });
    expect(migration.steps[migration.recommended - 1]).toMatchObject({
      usdPerHour: 0.5,
      gainShare: 1,
      moves: 0,
    });
    const file = `scenarios/step-${migration.recommended}.yaml`;
    const { scenario } = await loadScenario(join(moved, file));
    expect(scenario.servers.map(({ machine }) => machine.usdPerHour)).toEqual([0.5]);
    expect(readFileSync(join(moved, 'report.html'), 'utf8')).toContain(`href="${file}"`);
  });

  it('refuses a current placement in which none of its models is served', async () => {
    const other = linearProfile('birds', 'Tesla T4', { fixedMs: 2, perItemMs: 1 });
    write('birds.profile.json', serializeProfile(other));
    write(
      'birds.yaml',
      `perseus: 1
name: birds
durationS: 4
profiles: [birds.profile.json]
servers: [{name: a, devices: [{name: gpu0, kind: Tesla T4}], models: [{name: birds, config: {max_batch_size: 8}}]}]
tenants: [{name: birds, model: birds, load: {process: {kind: poisson, ratePerS: 1}}}]
`,
    );
    const strange = write('strange.yaml', planText({ more: 'current: birds.yaml' }));
    const { code, stderr } = await plan(strange, '--budget', '50runs');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /strange\.yaml:\d+:\d+: current: none of the models that the plan asks for is served there; there is "birds"; use/,
    );
  });

  it('refuses a wrong plan with every problem, 2, and nothing written', async () => {
    const wrong = write(
      'wrong.yaml',
      planText().replace('gpu: Tesla T4', 'gpu: Telsa').replace('durationS: 4', 'durationS: -4'),
    );
    const { code, stderr } = await plan(wrong, '--out', join(folder, 'none'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/wrong\.yaml:3:\d+: durationS: /);
    expect(stderr).toMatch(/wrong\.yaml:7:\d+: machines\[0\]: the memory of Telsa is not known/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
    expect((await plan(feasible, '--budget', 'soon')).code).toBe(2);
    expect((await plan(feasible, '--budget', '0runs')).code).toBe(2);
    expect((await plan(join(folder, 'missing.yaml'))).code).toBe(2);
  });

  it('of a part that is wrong tells nothing else than that', async () => {
    const wrong = (from: string, to: string) => write('part.yaml', planText().replace(from, to));
    const told = async (from: string, to: string) =>
      (await plan(wrong(from, to))).stderr
        .replaceAll(/^\S+: (?=\w)/gm, '')
        .split('\n')
        .slice(0, -2)
        .map((line) => line.replace(/: .*/, ''));
    expect(await told('durationS: 4', 'durationS: -4')).toEqual(['durationS']);
    expect(await told('durationS: 4', 'durationS: 4s\nwarmUpS: 100')).toEqual(['durationS']);
    expect(await told('durationS: 4', 'durationS: 4\nwarmUpS: 100')).toEqual(['warmUpS']);
    expect(await told('machines:', 'goal: euros\nmachines:')).toEqual(['goal']);
    expect(await told('usdPerHour: 0.5', 'usdPerHour: -1')).toEqual(['machines[0].machine.usdPerHour']);
    expect(await told('gpu: Tesla T4', 'gpu: Tesla T5, memoryMb: -1')).toEqual([
      'machines[0].memoryMb',
      'tenants[0].model',
      'tenants[1].model',
      'machines[0].gpu',
    ]);
    expect(await told('ratePerS: 200}}, slo', 'ratePerS: 0}}, slo')).toEqual([
      'tenants[0].load.process.ratePerS',
    ]);
    expect(await told('limitMs: 60', 'limitMs: 0')).toEqual(['tenants[0].slo.limitMs']);
  });

  it('tells what is wrong with its options, the places of results and the plan at once, before it searches', async () => {
    const lost = write('lost.yaml', planText({ more: 'current: nowhere.yaml' }));
    const words = ['--budget', 'soon', '--threads', '0', '--out', join(feasible, 'out')];
    const { code, stderr } = await plan(lost, ...words, '--emit', join(feasible, 'emit'));
    expect(code).toBe(2);
    for (const option of ['--budget', '--threads', '--out', '--emit'])
      expect(stderr).toContain(`${option}: `);
    expect(stderr).toContain(
      `${lost}:5:10: current: ${join(folder, 'nowhere.yaml')}: there is no such file; check the path`,
    );
    const { stderr: where } = await plan(
      write('other.yaml', planText({ more: 'current: wrong-place.yaml' })),
    );
    expect(where).toContain('other.yaml:5:10: current: ');
  });
});
