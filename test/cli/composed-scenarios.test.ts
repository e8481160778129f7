import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { calibrateCommand } from '../../src/cli/commands/calibrate.js';
import { checkCommand } from '../../src/cli/commands/check.js';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { diffCommand } from '../../src/cli/commands/diff.js';
import { emitCommand } from '../../src/cli/commands/emit.js';
import { liveCommand } from '../../src/cli/commands/live.js';
import { planCommand } from '../../src/cli/commands/plan.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { sweepCommand } from '../../src/cli/commands/sweep.js';
import { tuneCommand } from '../../src/cli/commands/tune.js';
import { validateCommand } from '../../src/cli/commands/validate.js';
import { loadScenario } from '../../src/node/scenario/scenario-files.js';
import { IS_SLOW } from '../support/cases.js';
import { runCommands, withoutProgress } from './in-process.js';
import { smallScenario } from './small-scenario.js';

const { path, write } = smallScenario();
const examples = join(import.meta.dirname, '../../examples/scenarios');
const read = (name: string) =>
  readFileSync(join(examples, name), 'utf8').replace('../../calibration/t4', 'shipped:t4');

const cached = read('ensemble.yaml')
  .replace('devices: [', 'triton: {cache: {sizeMb: 16}}\n    devices: [')
  .replace('max_batch_size: 64', 'max_batch_size: 64\n          response_cache: {enable: true}')
  .replace('model: classify', 'model: classify\n    contents: {objects: 500}');
const engine = read('language-model.yaml')
  .replace('ratePerS: 0.6', 'ratePerS: 5')
  .replace('sharing: streams', 'memoryMb: 40000, sharing: streams');
const files = {
  ensemble: write('ensemble.yaml', read('ensemble.yaml')),
  cached: write('cached.yaml', cached),
  sequences: write('sequences.yaml', read('sequences.yaml')),
  loading: write('loading.yaml', read('model-cache.yaml').replace(/ratePerS: 0\.\d+/g, 'ratePerS: 5')),
  limited: write('limited.yaml', read('rate-limiter.yaml')),
  engine: write('engine.yaml', engine),
};
mkdirSync(path('models/chat'), { recursive: true });
write('models/chat/chat.profile.json', read('models/chat/chat.profile.json'));
const names = Object.keys(files) as (keyof typeof files)[];
/** What takes long is tried with all of them in the slow suite. */
const few = IS_SLOW ? names : names.slice(0, 1);
const short = ['--duration', '2', '--warm-up', '0.2'];

const commands = [
  ...[calibrateCommand, checkCommand, compareCommand, diffCommand, emitCommand, liveCommand],
  ...[planCommand, simulateCommand, sweepCommand, tuneCommand, validateCommand],
] as unknown as CommandModule[];

async function perseus(...words: string[]) {
  const { code, stdout, stderr } = await runCommands(commands, words);
  return { code, stdout, stderr: withoutProgress(stderr) };
}

describe.each(few)('a scenario of %s', (name) => {
  const file = files[name];

  it('is simulated, and read again from its run folder it is the same', async () => {
    const out = path(`run-${name}`);
    expect((await perseus('simulate', file, ...short, '--no-bounds', '--out', out)).code).toBe(0);
    const again = path(`again-${name}`);
    const read = join(out, 'scenario.json');
    expect((await perseus('simulate', read, '--no-bounds', '--out', again)).code).toBe(0);
    const { code, stdout } = await perseus('diff', out, again, '--fail-on-worse', '--json');
    const { differences = [] } = JSON.parse(stdout) as { differences?: unknown[] };
    expect({ code, differences }).toEqual({ code: 0, differences: [] });
  });

  it.runIf(few.includes(name))('can be compared with itself', async () => {
    const { code, stdout } = await perseus('compare', file, file, ...short, '--runs', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/no (clear |significant )?difference|the same|equal/i);
  });

  it('can be held to expectations', async () => {
    const expectations = write(
      `expect-${name}.yaml`,
      `perseus-expectations: 1\nruns: 2\ncases:\n  - {scenario: ${name}.yaml, durationS: 3, warmUpS: 0.5, expect: [{metric: throughputPerS, atLeast: 1}]}\n`,
    );
    expect(await perseus('check', expectations)).toMatchObject({ code: 0 });
  });

  it.runIf(few.includes(name))('can be swept over instances and queue delays of all its models', async () => {
    const sweep = write(
      `sweep-${name}.yaml`,
      `perseus: 1\nname: s\nscenario: ${name}.yaml\nset: {durationS: 1, warmUpS: 0}\naxes:\n  - {name: n, vary: instances, values: [2, 3]}\n  - {name: delay, vary: queueDelayUs, values: [0, 2000]}\n`,
    );
    const { code, stderr } = await perseus(
      'sweep',
      sweep,
      '--engine',
      'inline',
      '--out',
      path(`swept-${name}`),
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });

  it.runIf(few.includes(name))(
    'is tuned, and the best is written as files that can be read again',
    async () => {
      const out = path(`tuned-${name}`);
      const { code, stderr } = await perseus(
        ...['tune', file, ...short, '--budget', '2', '--runs', '1', '--instances', '2,3', '--delay', '0'],
        ...['--max-batch', '8', '--emit', out],
      );
      expect({ isDone: code <= 1, stderr }).toMatchObject({ isDone: true });
      const { scenario } = await loadScenario(join(out, 'scenario.yaml'));
      const before = (await loadScenario(file, { durationS: 2, warmUpS: 0.2 })).scenario;
      const kinds = ({ servers }: typeof scenario) =>
        servers[0]!.models.map(({ config, ensemble, calls, engine, instances, loadMs, memoryMb }) => ({
          ...{ ensemble, calls, engine, sequences: config.sequences, cache: config.responseCache },
          limits: instances[0]?.limits,
          load: [loadMs, memoryMb],
        }));
      expect(kinds(scenario)).toEqual(kinds(before));
    },
  );

  it('is emitted whole', async () => {
    const out = path(`emitted-${name}`);
    expect(await perseus('emit', file, '--out', out)).toMatchObject({ code: 0, stderr: '' });
    const { scenario } = await loadScenario(join(out, 'scenario.yaml'));
    expect(scenario).toEqual((await loadScenario(file)).scenario);
    const [server] = scenario.servers;
    const label = server!.modelCache === undefined ? 'server' : 't4';
    const manifest = readFileSync(join(out, `kubernetes/${label}.yaml`), 'utf8');
    expect(manifest.includes('--load-model=')).toBe(name !== 'loading');
    expect(manifest.includes('--cache-config=local,size=16777216')).toBe(name === 'cached');
    expect(manifest.includes('--rate-limit=execution_count')).toBe(name === 'limited');
    expect(manifest.includes('--rate-limit-resource=gpu:4')).toBe(name === 'limited');
  });
});

it('the report says how many slots sequences have, and how many wait for one', async () => {
  const { stdout } = await perseus('simulate', files.sequences, '--no-bounds', '--json');
  const [{ sequences }] = JSON.parse(stdout).summary.models;
  expect(sequences.slots).toBe(16);
  expect(sequences.slotsUsed.most).toBe(16);
  // Three sequences a second, of 40 requests a tenth of a second apart: about twelve at once.
  expect(sequences.slotsUsed.mean).toBeGreaterThan(9);
  expect(sequences.slotsUsed.mean).toBeLessThan(15);
  expect(sequences.waiting.mean).toBeGreaterThan(0);
  expect((await perseus('simulate', files.sequences, ...short, '-v')).stdout).toContain('waiting for one');
});

it('the report says how many requests found their model loaded, and what others waited', async () => {
  const rarelyAsked = write('model-cache.yaml', read('model-cache.yaml'));
  const { stdout } = await perseus('simulate', rarelyAsked, '--no-bounds', '--json');
  const rows: {
    model: string;
    loading: { hits: number; misses: number; loads: number; meanWaitMs: number };
  }[] = JSON.parse(stdout).summary.models;
  const of = (name: string) => rows.filter(({ model }) => model === name).map(({ loading }) => loading);
  expect(of('english').reduce((sum, { loads }) => sum + loads, 0)).toBe(1);
  const finnish = of('finnish');
  expect(finnish.reduce((sum, { loads }) => sum + loads, 0)).toBeGreaterThan(3);
  for (const { loads, meanWaitMs } of finnish) if (loads > 0) expect(meanWaitMs).toBeGreaterThan(3000);
  expect((await perseus('simulate', files.loading, '-v', '--no-bounds', ...short)).stdout).toContain(
    'found it loaded %',
  );
});

it('the report says of a rate limiter that a model waits for resources most of the time', async () => {
  const { stdout } = await perseus('simulate', files.limited, ...short);
  expect(stdout).toContain('search (waits-for-resources)');
});

it('one field of a model behind an ensemble can be swept', async () => {
  const sweep = write(
    'sweep-field.yaml',
    'perseus: 1\nname: s\nscenario: ensemble.yaml\nset: {durationS: 1, warmUpS: 0}\naxes:\n  - {name: n, vary: servers.server.models.resnet50.config.instance_group.0.count, values: [1, 2]}\n',
  );
  expect((await perseus('sweep', sweep, '--engine', 'inline', '--out', path('swept-field'))).code).toBe(0);
});

it.each(['live', 'validate'])(
  '%s goes to the server with sequences, a cache and streams',
  async (command) => {
    for (const file of [files.sequences, files.cached, 'examples/scenarios/streams.yaml']) {
      const { code, stderr } = await perseus(command, file, '--url', '127.0.0.1:1');
      expect(code, stderr).toBe(1);
      expect(stderr).toContain('127.0.0.1:1');
    }
  },
);

describe('what a command cannot do is refused at once, with a remedy:', () => {
  it.each(['live', 'validate'])('%s plays no tokens', async (command) => {
    const { code, stderr } = await perseus(command, files.engine, '--url', '127.0.0.1:1');
    expect(code).toBe(2);
    expect(stderr).toContain('"chat" reads and writes tokens, and live requests have none');
  });

  it.each(['live', 'validate'])('%s loads no models', async (command) => {
    const urls = ['--url', '127.0.0.1:1', '--url', '127.0.0.1:2'];
    const { code, stderr } = await perseus(command, files.loading, ...urls);
    expect(code).toBe(2);
    expect(stderr).toContain('are loaded when requests ask for them, and a live run loads none');
  });

  it('plan serves neither chosen outputs nor contents, and no sequences that only a config.pbtxt has', async () => {
    const plan = write(
      'plan.yaml',
      [
        'plan: 1',
        'name: p',
        'durationS: 20',
        'profiles: [shipped:t4]',
        'machines: [{name: t4, gpu: Tesla T4, machine: {price: [{sku: g4dn.xlarge}]}}]',
        'tenants:',
        '  - {name: a, model: resnet50-onnx-trt-fp16, sequences: {requests: 3, gapMs: 5}, outputs: [O], contents: {objects: 5}, tokens: {prompt: {mean: 5}, output: {mean: 5}}, load: {process: {kind: poisson, ratePerS: 10}}}',
        '',
      ].join('\n'),
    );
    const { code, stderr } = await perseus('plan', plan);
    expect(code).toBe(2);
    for (const field of ['outputs', 'contents'])
      expect(stderr).toContain(`tenants[0].${field}: a plan serves`);
    mkdirSync(path('models/resnet50-onnx-trt-fp16/1'), { recursive: true });
    write('models/resnet50-onnx-trt-fp16/config.pbtxt', 'backend: "x" sequence_batching { }');
    write('plan.yaml', readFileSync(plan, 'utf8').replace(/, sequences.*mean: 5\}\}/, ''));
    const emitted = await perseus('plan', plan, '--emit', path('planned'), '--models', path('models'));
    expect(emitted.code).toBe(2);
    expect(emitted.stderr).toContain(
      'sequence_batching: the model takes sequences, and no tenant of it sends any',
    );
    expect(existsSync(path('planned'))).toBe(false);
  });
});
