import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/problem.js';
import { digest } from '../../../src/node/sweep/content-library.js';
import { engine } from '../../../src/node/sweep/engine.js';
import { prepareSweep } from '../../../src/node/sweep/prepare-sweep.js';
import { PointEvaluator } from '../../../src/sweep/evaluate.js';
import { sweepTable } from '../../../src/sweep/sweep-table.js';
import { scenarioText } from '../../cli/small-scenario.js';
import { SMALL_SWEEP, smallSweep } from './small-sweep.js';

const small = smallSweep();
let files = 0;

/** Prepares a sweep with these axes (YAML, a line each). */
function prepare(axes: readonly string[], more = '') {
  const lines = [
    'perseus: 1',
    'name: test',
    'scenario: small.yaml',
    more,
    'axes:',
    ...axes.map((axis) => `  - ${axis}`),
  ];
  return prepareSweep(small.write(`test${files++}.yaml`, `${lines.join('\n')}\n`));
}

async function problemsOf(axes: readonly string[], more = ''): Promise<string> {
  const error = await prepare(axes, more).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

describe('an axis', () => {
  it('of anything but numbers is told where a number belongs, and no bug of ours', async () => {
    const axes = ['{name: b, vary: maxBatchSize, of: [cats], values: [{a: 1}, 16]}'];
    expect(await problemsOf(axes)).toMatch(/max_batch_size.*\(in 1 of 2 points, first b = \{"a":1\}\)/);
  });

  it('that leads nowhere in what an earlier one left says where it is written', async () => {
    const axes = [
      '{name: t, vary: tenants, values: [[]]}',
      '{name: b, vary: loadScale, of: [cats], values: [2]}',
    ];
    expect(await problemsOf(axes)).toMatch(/test\d+\.yaml:7:\d+: axes\[1\]\.vary: there is no tenant "cats"/);
  });

  it('over a named word changes what the word says', async () => {
    const { points } = await prepare([
      '{name: i, vary: instances, of: [cats], values: [3]}',
      '{name: b, vary: maxBatchSize, values: [16]}',
      '{name: d, vary: queueDelayUs, of: [dogs], values: [700]}',
      '{name: s, vary: sharing, values: [exclusive]}',
      '{name: l, vary: loadScale, of: [dogs-people], values: [2]}',
      '{name: seed, vary: seed, values: [9]}',
    ]);
    const { seed, servers, tenants } = points[0]!.scenario;
    expect(seed).toBe(9);
    expect(servers[0]!.devices[0]!.sharing).toEqual({ mode: 'exclusive' });
    const [cats, dogs] = servers[0]!.models;
    expect([cats!.instances.length, dogs!.instances.length]).toEqual([3, 1]);
    expect([cats, dogs].map((model) => model!.config.maxBatchSize)).toEqual([16, 16]);
    expect([cats, dogs].map((model) => model!.config.dynamicBatching!.maxQueueDelayUs)).toEqual([0, 700]);
    const rates = tenants.map(({ load }) => 'arrivals' in load && load.arrivals.load.process);
    expect(rates).toMatchObject([{ ratePerS: 80 }, { ratePerS: 160 }]);
  });

  it('over a GPU brings its machine, its price, its memory and the profiles that models run as', async () => {
    const { points } = await prepare([
      '{name: gpu, vary: gpu, values: [{kind: Test GPU, memoryMb: 9000, machine: {kind: big, usdPerHour: 9, priceSource: test}, models: {cats: dogs}}]}',
    ]);
    const { machine, devices, models } = points[0]!.scenario.servers[0]!;
    expect(machine).toMatchObject({ kind: 'big', usdPerHour: 9 });
    expect(devices).toMatchObject([{ kind: 'Test GPU', memoryMb: 9000 }]);
    const [cats, dogs] = models;
    expect(cats!.instances[0]!.profile).toBe(dogs!.instances[0]!.profile);
    expect(points[0]!.values).toEqual(['Test GPU']);
  });

  it('over structures shows each by its kind where no other has it, and as JSON where one has', async () => {
    const { points } = await prepare([
      "{name: load, vary: 'tenants.*.load.process', values: [{kind: poisson, ratePerS: 40}, {kind: poisson, ratePerS: 80}, {kind: gamma, ratePerS: 80, cv: 2}]}",
    ]);
    expect(points.map(({ values }) => values[0])).toEqual([
      '{"kind":"poisson","ratePerS":40}',
      '{"kind":"poisson","ratePerS":80}',
      'gamma',
    ]);
    expect(new Set(points.map(({ key }) => key)).size).toBe(3);
  });

  it('that lists a structure twice is refused, in whatever order its keys are written', async () => {
    const message = await problemsOf([
      "{name: load, vary: 'tenants.*.load.process', values: [{kind: poisson, ratePerS: 40}, {ratePerS: 40, kind: poisson}]}",
    ]);
    expect(message).toContain('axes[0].values: {"ratePerS":40,"kind":"poisson"} is listed twice; keep one');
  });

  it('over choices may name files, relative to the sweep, and a later axis reaches into them', async () => {
    mkdirSync(small.path('configs'), { recursive: true });
    small.write(
      'configs/cats.pbtxt',
      'max_batch_size: 4\ndynamic_batching {}\ninstance_group [ { kind: KIND_GPU } ]\n',
    );
    const { points } = await prepare([
      '{name: config, choices: {own: {servers.a.models.cats.config: configs/cats.pbtxt}, base: {}}}',
      '{name: delay, vary: queueDelayUs, values: [0, 300]}',
    ]);
    const cats = points.map(({ scenario }) => scenario.servers[0]!.models[0]!.config);
    expect(
      cats.map(({ maxBatchSize, dynamicBatching }) => [maxBatchSize, dynamicBatching!.maxQueueDelayUs]),
    ).toEqual([
      [4, 0],
      [4, 300],
      [8, 0],
      [8, 300],
    ]);
  });

  it('over a path changes any field, and the same point has the same address whatever the axes are called', async () => {
    const [first] = (await prepare(['{name: a, vary: durationS, values: [3]}'])).points;
    const [second] = (await prepare(['{name: b, choices: {three: {durationS: 3}}}'])).points;
    const [third] = (await prepare(['{name: a, vary: durationS, values: [2]}'])).points;
    expect(first!.scenario.durationUs).toBe(3e6);
    expect(second!.key).toBe(first!.key);
    expect(third!.key).not.toBe(first!.key);
  });
});

describe('mistakes in a sweep', () => {
  it('are all told at once, each at its place', async () => {
    const message = await problemsOf(
      [
        '{name: a, vary: servers.b.cpuCores, values: [1]}',
        '{name: a, vary: instances, of: [cows], values: [1]}',
        '{name: c, vary: maxBatchSize, values: [4, 4]}',
        '{name: point, vary: seed, values: [1]}',
        '{name: e, vary: gpu, values: [Tesla T5]}',
      ],
      'where: [d > 1]',
    );
    for (const part of [
      'axes[0].vary: servers has no entry "b"; did you mean "a"?',
      'axes[1].name: "a" is the name of an earlier axis',
      'axes[1].vary: there is no model "cows"; there is "cats", "dogs"',
      'axes[2].values: 4 is listed twice',
      'axes[3].name: "point" is a column of the results',
      'axes[4].values[0]: no machine and profiles are known for "Tesla T5"',
      'where[0]: "d > 1": there is no axis "d"',
    ]) {
      expect(message.replace(/\S+\.yaml:\d+:\d+: /g, '')).toContain(part);
    }
    expect(message.split('\n').every((line) => /test\d+\.yaml:\d+:\d+: /.test(line))).toBe(true);
  });

  it('are paths over every entry of a list that has none', async () => {
    const axis = '{name: a, vary: servers.*.devices.*.memoryMb, values: [1000, 2000]}';
    const message = await problemsOf([axis], 'set: {servers.a.devices: []}');
    expect(message).toContain(
      'axes[0].vary: servers.*.devices.*.memoryMb leads to no field, as a list on its way is empty; vary what there is',
    );
  });

  it('are told at the condition that leaves nothing or cannot be computed, not at the design', async () => {
    const axes = [
      '{name: batch, vary: maxBatchSize, values: [1, 2]}',
      '{name: seed, vary: seed, values: [1]}',
    ];
    const told = async (where: string, more = '') =>
      (await problemsOf(axes, `where: ${where}\n${more}`)).replace(/^\S+\.yaml:\d+:\d+: /, '');
    const nothing = 'where: no combination of the axes fulfils all conditions; loosen them';
    expect(await told('[batch > 2]')).toBe(nothing);
    expect(await told('[batch > 2]', 'design: {kind: random, points: 3}')).toBe(nothing);
    expect(await told("[batch > 0, batch > 'one']")).toMatch(/^where\[1\]: .* compares 1 with "one"/);
  });

  it('are names of what changes where a seed does, and ranges that go nowhere', async () => {
    const message = await problemsOf([
      '{name: a, vary: seed, of: [cats], values: [1]}',
      '{name: b, vary: loadScale, range: {from: 2, to: 2, steps: 2}}',
    ]);
    for (const part of ['axes[0].of: has a meaning only with gpu', 'axes[1].range.to: is not above from'])
      expect(message).toContain(part);
  });

  it('are told in the sweep where the scenario has no such field, or a load no such factor, once each', async () => {
    const message = await problemsOf(
      [
        '{name: a, vary: loadscale, values: [1]}',
        '{name: b, vary: tenant.cats.load, values: [1]}',
        '{name: c, choices: {x: {quickly: 1}}}',
        '{name: d, vary: loadScale, values: [1, two, -1]}',
        '{name: e, vary: cpuCores, values: [1]}',
        '{name: f, vary: "servers[0].cpuCores", values: [1]}',
      ],
      'set: {duratonS: 3}',
    );
    const told = message.replace(/\S+\.yaml:\d+:\d+: /g, '').split('\n');
    expect(told).toEqual([
      'set.duratonS: scenarios have no field "duratonS"; did you mean "durationS"?',
      'axes[0].vary: scenarios have no field "loadscale"; did you mean "loadScale"?',
      'axes[1].vary: scenarios have no field "tenant"; did you mean "tenants"?',
      expect.stringContaining('axes[2].choices: scenarios have no field "quickly"; write one of gpu, '),
      'axes[3].values[1]: "two" is no factor on loads; write a number above 0',
      'axes[3].values[2]: -1 is no factor on loads; write a number above 0',
      expect.stringContaining('axes[4].vary: scenarios have no field "cpuCores"; write one of gpu, '),
      'axes[5].vary: scenarios have no field "servers[0]"; name the part of a list, such as servers.NAME',
    ]);
  });

  it('in the range of a grid stand at the range', async () => {
    const message = await problemsOf(['{name: a, vary: durationS, range: {from: 1, to: 2}}']);
    expect(message).toContain('axes[0].range: a grid cannot use the range of "a"; give it steps');
  });

  it('that name a scenario which is not there say so at its name', async () => {
    const lost = small.write('lost.yaml', SMALL_SWEEP.replace('small.yaml', 'samll.yaml'));
    await expect(prepareSweep(lost)).rejects.toThrow(
      `${lost}:3:11: scenario: ${small.path('samll.yaml')}: there is no such file; check the path`,
    );
  });

  it('are names that results have a column of, whichever it is', async () => {
    const columns = sweepTable([], []).columns.map(({ name }) => name);
    // A sweep has at most 40 axes.
    for (const names of [columns.slice(0, 40), columns.slice(40)]) {
      const message = await problemsOf(names.map((name) => `{name: ${name}, vary: seed, values: [1]}`));
      for (const [i, name] of names.entries()) {
        expect(message).toContain(`axes[${i}].name: "${name}" is a column of the results`);
      }
    }
  });

  it('in points are told once, with the number of points that have them', async () => {
    const message = await problemsOf([
      '{name: batch, vary: maxBatchSize, values: [4, -1]}',
      '{name: load, vary: loadScale, values: [1, 2, 3]}',
    ]);
    expect(message).toContain('(in 3 of 6 points, first batch = -1, load = 1)');
    expect(message).toContain('small.yaml');
  });

  it('are batches that hold no request of a trace, its largest one among them', async () => {
    small.write('sizes.csv', 'arrival_us,batch_size\n0,1\n1000,6\n2000,2\n');
    const replayed = scenarioText().replaceAll(/process: [^}]*}/g, 'trace: {file: sizes.csv}');
    small.write('sizes.yaml', replayed);
    const sweep = (sizes: string) =>
      prepareSweep(
        small.write(
          'sizes-sweep.yaml',
          `perseus: 1\nname: x\nscenario: sizes.yaml\naxes: [{name: a, vary: maxBatchSize, values: [${sizes}]}]\n`,
        ),
      );
    expect((await sweep('6, 8')).points).toHaveLength(2);
    await expect(sweep('4, 6, 8')).rejects.toThrow('(in 1 of 3 points, first a = 4)');
  });

  it('in the scenario itself are told as those of the scenario', async () => {
    small.write('broken.yaml', scenarioText().replace('model: cats', 'model: cows'));
    await expect(
      prepareSweep(
        small.write(
          'broken-sweep.yaml',
          'perseus: 1\nname: x\nscenario: broken.yaml\naxes: [{name: a, vary: seed, values: [1]}]\n',
        ),
      ),
    ).rejects.toThrow('cows');
    await expect(prepareSweep(small.path('none.yaml'))).rejects.toThrow('there is no such file');
  });

  it('tells mistakes of its scenario, of their references and of axes at once', async () => {
    const broken = scenarioText()
      .replace('model: dogs', 'model: dogz')
      .replace('{percentile: 99, limitMs: 12}', '{percentile: 99, limitMs: never}')
      .replace('name: small', 'name: small\nmeasure: []');
    small.write('broken-twice.yaml', broken);
    const sweep = (axes: string, more = '') =>
      prepareSweep(
        small.write(
          'broken-twice-sweep.yaml',
          `perseus: 1\nname: x\nscenario: broken-twice.yaml\naxes: [${axes}]\n${more}`,
        ),
      ).then(
        () => '',
        (error: unknown) => (error as InputError).message,
      );
    const seeds = '{name: a, vary: seed, values: [1, 2]}';
    const delays = '{name: b, vary: queueDelayUs, of: [cats], values: [1, -5]}';
    const points = await sweep(`${seeds}, ${delays}`);
    for (const told of [
      '`measure`',
      '"never"',
      '"dogz" (in 4 of 4 points',
      '-5 is out of range (in 2 of 4',
    ]) {
      expect(points.split(told), told).toHaveLength(2);
    }
    const axes = await sweep(`${seeds}, {name: b, vary: instances, of: [cows], values: [1]}`);
    for (const told of ['`measure`', '"never"', 'no model "cows"']) expect(axes).toContain(told);
    const form = await sweep(seeds, 'wher: []');
    for (const told of ['`measure`', '"never"', '`wher`']) expect(form).toContain(told);
  });
});

describe('points', () => {
  it('draw the same arrivals where their loads are the same: common random numbers', async () => {
    const { points, library } = await prepare(['{name: batch, vary: maxBatchSize, values: [1, 2, 4, 8]}']);
    const evaluator = new PointEvaluator({ engine: engine(), digest, library });
    const offered = points.map(({ scenario }) => evaluator.evaluate(scenario).map((row) => row['offered']));
    expect(new Set(offered.map(String)).size).toBe(1);
  });

  it('have every request of a trace that ends with its last one', async () => {
    small.write('ends.csv', 'arrival_us\n0\n600000\n700000\n');
    const replayed = scenarioText().replace('durationS: 4\n', '');
    small.write(
      'replayed.yaml',
      replayed.replaceAll('{process: {kind: poisson, ratePerS: 80}}', '{trace: {file: ends.csv}, startS: 1}'),
    );
    const sweep = small.write(
      'replay.yaml',
      'perseus: 1\nname: replay\nscenario: replayed.yaml\naxes: [{name: batch, vary: maxBatchSize, values: [1]}]\n',
    );
    const { points, library } = await prepareSweep(sweep);
    const [point] = points;
    expect(point!.scenario.durationUs).toBe(1_700_001);
    const rows = new PointEvaluator({ engine: engine(), digest, library }).evaluate(point!.scenario);
    expect(rows.map((row) => row['offered'])).toEqual([3, 3, 6]);
  });

  it('simulate a component once, wherever it stands, and give the same rows as without', async () => {
    small.write('apart.yaml', scenarioText({ servers: 2 }));
    const { points, library } = await prepareSweep(
      small.write(
        'parts.yaml',
        `perseus: 1
name: parts
scenario: apart.yaml
axes:
  - {name: cats, vary: maxBatchSize, of: [cats], values: [2, 4, 8]}
  - {name: dogs, vary: maxBatchSize, of: [dogs], values: [2, 4, 8]}
`,
      ),
    );
    const options = { engine: engine(), digest, library };
    const evaluator = new PointEvaluator(options);
    const rows = points.map(({ scenario }) => evaluator.evaluate(scenario));
    // Nine points of two components, of which there are three different ones each.
    expect(evaluator.components).toEqual({ simulated: 6, reused: 12 });
    for (const [i, { scenario }] of points.entries()) {
      expect(new PointEvaluator(options).evaluate(scenario)).toEqual(rows[i]);
    }
  });

  it('simulate a component once, whatever its machine costs', async () => {
    const { points, library } = await prepare([
      '{name: price, vary: servers.a.machine.usdPerHour, values: [1, 2, 3]}',
    ]);
    const evaluator = new PointEvaluator({ engine: engine(), digest, library });
    const prices = points.map(({ scenario }) => evaluator.evaluate(scenario).at(-1)!['usd_per_hour']);
    expect(prices).toEqual([1, 2, 3]);
    expect(evaluator.components).toEqual({ simulated: 1, reused: 2 });
  });

  it('have the figures of their own, whether a component is alone in them or was so in one before', async () => {
    const apart = small.write('beside.yaml', scenarioText({ servers: 2 }));
    const alone = small.write(
      'alone.yaml',
      scenarioText({ servers: 2 })
        .replace(/ {2}- name: b\n.*(?=tenants:)/s, '')
        .replace(/ {2}- name: dogs-people.*/s, ''),
    );
    const [beside, single] = await Promise.all(
      [apart, alone].map(async (scenario, i) => {
        const axes = 'axes: [{name: batch, vary: maxBatchSize, of: [cats], values: [4]}]';
        const text = `perseus: 1\nname: company\nscenario: ${scenario}\n${axes}\n`;
        return prepareSweep(small.write(`company-${i}.yaml`, text));
      }),
    );
    const options = { engine: engine(), digest, library: beside!.library };
    const evaluator = new PointEvaluator(options);
    for (const { scenario } of [...single!.points, ...beside!.points, ...single!.points]) {
      expect(evaluator.evaluate(scenario)).toEqual(new PointEvaluator(options).evaluate(scenario));
    }
    const tenants = evaluator.evaluate(single!.points[0]!.scenario).map((row) => row['tenant']);
    expect(tenants).toEqual(['cats-people', 'total']);
  });
});
