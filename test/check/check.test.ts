import { mkdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CommandModule } from 'yargs';
import { InputError } from '../../src/base/problem.js';
import { METRICS, parseExpectations } from '../../src/check/expectations.js';
import { formatApart } from '../../src/check/outcome.js';
import { checkCommand } from '../../src/cli/commands/check.js';
import { runCommand } from '../cli/in-process.js';
import { scenarioText, smallScenario } from '../cli/small-scenario.js';

const { path, write } = smallScenario();
const check = (...words: string[]) => runCommand(checkCommand as CommandModule, ['check', ...words]);

/** A file with these expectations of the small scenario. */
function expecting(expectations: readonly string[], top = ''): string {
  const lines = expectations.map((expectation) => `      - ${expectation}`);
  return write(
    'expectations.yaml',
    `perseus-expectations: 1\nruns: 3\n${top}\ncases:\n  - scenario: small.yaml\n    expect:\n${lines.join('\n')}\n`,
  );
}

afterEach(() => {
  process.exitCode = undefined;
});

describe('perseus check', () => {
  it('passes where every figure keeps to its bound', async () => {
    const file = expecting([
      '{stability: stable}',
      '{metric: p99Ms, atMost: 1000}',
      '{tenant: cats-people, metric: throughputPerS, atLeast: 60, atMost: 100}',
      '{metric: usdPerHour, atMost: 1.5}',
      '{metric: busyShare, atMost: 1}',
      '{metric: memoryHeadroomMb, atLeast: 15000}',
    ]);
    const { code, stdout } = await check(file);
    expect({ code, exitCode: process.exitCode }).toEqual({ code: 0, exitCode: undefined });
    expect(stdout).toContain('8 expectations: 8 met, 0 violated');
  });

  it('advises explain for what clients got, not for prices or devices', async () => {
    const ofPrice = await check(
      expecting(['{metric: usdPerHour, atMost: 0.1}', '{metric: p99Ms, atMost: 1000}']),
    );
    expect(ofPrice.stdout).toContain('1 violated');
    expect(ofPrice.stdout).not.toContain('names what is to blame');
    const ofLatency = await check(
      expecting(['{metric: usdPerHour, atMost: 0.1}', '{metric: p99Ms, atMost: 0.1}']),
    );
    expect(ofLatency.stdout).toContain('names what is to blame');
  });

  it('of a scenario alone expects that each of its SLOs is met', async () => {
    process.exitCode = undefined;
    const { stdout } = await check(path('small.yaml'));
    expect(stdout).toMatch(/^2 expectations: /);
    expect(process.exitCode).toBe(1);
    expect(stdout).toMatch(/violated +small +SLO of cats-people met/);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `perseus explain ${path('small.yaml')} names what is to blame`,
    );
    expect((await check(write('no-slo.yaml', scenarioText().replace(/slo: .*/g, '')))).code).toBe(2);
  });

  it('says what of a figure the errors of the profiles leave open, as text, JSON and JUnit', async () => {
    const file = expecting(['{tenant: cats-people, metric: meanMs, atMost: 1000}', '{stability: stable}']);
    const { stdout } = await check(file, '--doubt', '--junit', path('doubt.xml'));
    expect(stdout).toMatch(
      /meanMs .* {2}[\d.]+\s+\([\d.]+\s+to\s+[\d.]+;\s+[\d.]+\s+to\s+[\d.]+\s+by\s+the\s+errors\s+of\s+the\s+profiles\)\n/,
    );
    expect(readFileSync(path('doubt.xml'), 'utf8')).toContain('by the errors of the profiles');
    const [{ judgements }] = JSON.parse((await check(file, '--doubt', '--json')).stdout).cases;
    const { low, high, doubt } = judgements[0];
    expect(doubt.low).toBeLessThan(low);
    expect(doubt.high).toBeGreaterThan(high);
  });

  it('says of which profiles the errors are not known where it asks for them', async () => {
    mkdirSync(path('known'));
    for (const model of ['cats', 'dogs']) {
      const exact = readFileSync(path(`profiles/${model}.profile.json`), 'utf8');
      write(`known/${model}.profile.json`, exact.replace(/"relativeError": ?0\b/g, '"relativeError": 0.1'));
    }
    const known = write('known.yaml', scenarioText().replace('profiles: [profiles]', 'profiles: [known]'));
    const text = async (...words: string[]) => (await check(...words)).stdout.replace(/\s+/g, ' ');
    expect(await text(path('small.yaml'), '--doubt')).toMatch(
      /Nothing tells how well the times of cats on .+, dogs on .+ are known; they count as exact\./,
    );
    expect(await text(path('small.yaml'))).not.toContain('count as exact');
    expect(await text(known, '--doubt')).not.toContain('count as exact');
  });

  it('fails a build with exit code 1 and says which SLO is violated by how much', async () => {
    const file = expecting([
      '{tenant: dogs-people, metric: p99Ms, atMost: 1}',
      '{metric: usdPerHour, atMost: 1.49}',
    ]);
    const { stdout } = await check(file, '--json');
    expect(process.exitCode).toBe(1);
    const [judged] = JSON.parse(stdout).cases;
    expect(judged.judgements.map(({ certainty }: { certainty: string }) => certainty)).toEqual([
      'fail',
      'fail',
    ]);
    expect(judged.judgements[0].low).toBeGreaterThan(1);
  });

  it.each([
    ['value', true],
    ['pass', true],
    ['fail', false],
  ])(
    'leaves it to the policy "%s" what becomes of a bound inside of the interval',
    async (policy, passes) => {
      const measured = JSON.parse(
        (await check(expecting(['{tenant: cats-people, metric: p99Ms, atMost: 1}']), '--json')).stdout,
      );
      const { value } = measured.cases[0].judgements[0];
      process.exitCode = undefined;
      const file = expecting([`{tenant: cats-people, metric: p99Ms, atMost: ${value * 1.001}}`]);
      const { stdout } = await check(file, '--json', '--unsure', policy);
      expect(JSON.parse(stdout).cases[0].judgements[0].certainty).toBe('unsure');
      expect(process.exitCode).toBe(passes ? undefined : 1);
    },
  );

  it('breaks a bound on the cost of an inference where so few were made that there may as well be none', async () => {
    write('rare.yaml', scenarioText({ durationS: 100, ratePerS: 0.01 }));
    const file = write(
      'rare-expectations.yaml',
      'perseus-expectations: 1\nruns: 5\ncases: [{scenario: rare.yaml, expect: [{metric: usdPerMillionInferences, atMost: 10}]}]',
    );
    const { stdout } = await check(file);
    expect(stdout).toMatch(
      /violated +small +usdPerMillionInferences at most 10 +[\d,]+ \([\d,]+ to unlimited\)/,
    );
    expect(process.exitCode).toBe(1);
  });

  it('is as sure of a penalty, of one tenant or of all, as of the SLO that it is for', async () => {
    const certaintiesAt = async (limitMs: number, penaltyUsdPerHour = 5) => {
      const promised = `slo: {percentile: 99, limitMs: ${limitMs}, penaltyUsdPerHour: ${penaltyUsdPerHour}}`;
      write('fined.yaml', scenarioText().replaceAll('slo: {percentile: 99, limitMs: 12}', promised));
      const file = write(
        'fined-expectations.yaml',
        `perseus-expectations: 1
runs: 3
cases:
  - scenario: fined.yaml
    expect:
      - {metric: penaltyUsdPerHour, atMost: 0}
      - {metric: penaltyUsdPerHour, tenant: cats-people, atMost: 0}
      - {slo: met}
`,
      );
      const { stdout } = await check(file, '--json');
      const { judgements } = JSON.parse(stdout).cases[0];
      return judgements.map(({ certainty }: { certainty: string }) => certainty);
    };
    expect(await certaintiesAt(1000)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(await certaintiesAt(1)).toEqual(['fail', 'fail', 'fail', 'fail']);
    expect(await certaintiesAt(1, 0)).toEqual(['pass', 'pass', 'fail', 'fail']);
  });

  it('shows an attainment with the digits that tell it from its bound, and from 1', async () => {
    const file = expecting(['{tenant: cats-people, metric: attainment, atLeast: 0.5}']);
    const { stdout } = await check(file, '--json');
    const { value, atLeast } = JSON.parse(stdout).cases[0].judgements[0];
    expect(atLeast).toBe(0.5);
    expect(value).toBeLessThan(1);
    const tight = expecting([`{tenant: cats-people, metric: attainment, atLeast: ${value + 0.0004}}`]);
    process.exitCode = undefined;
    const shown = /attainment of cats-people .* {2}([\d.]+) \(/.exec((await check(tight)).stdout)![1]!;
    expect(Number(shown)).toBeLessThan(value + 0.0004);
    expect(Number(shown)).toBeCloseTo(value, 5);
  });

  it('shows no name in a way that rearranges what stands around it', async () => {
    write('renamed.yaml', scenarioText().replaceAll('dogs-people', 'dogs\u202epeople'));
    const file = write(
      'renamed-expectations.yaml',
      'perseus-expectations: 1\ncases: [{scenario: renamed.yaml, name: "a\u202eb", expect: [{stability: stable}]}]',
    );
    const { stdout } = await check(file);
    expect(stdout).toMatch(/a\ufffdb +dogs\ufffdpeople stable/);
  });

  it('writes JUnit XML with a test for each expectation', async () => {
    const file = expecting(['{metric: p99Ms, atMost: 1}', '{stability: stable}']);
    await check(file, '--junit', path('junit.xml'));
    const xml = readFileSync(path('junit.xml'), 'utf8');
    expect(xml.match(/<testcase /g)).toHaveLength(4);
    expect(xml.match(/<failure /g)).toHaveLength(2);
    expect(xml).toContain('<testsuites name="perseus check" tests="4" failures="2" errors="0">');
  });

  it('names every mistake at once, with its place, before it simulates', async () => {
    const unknown = expecting([
      '{tenant: birds, metric: p99Ms, atMost: 1}',
      '{device: a/gpu7, metric: busyShare, atMost: 1}',
      '{server: b, metric: hostBusyShare, atMost: 1}',
    ]);
    const { code, stderr } = await check(unknown);
    expect(code).toBe(2);
    for (const what of ['tenant "birds"', 'device "a/gpu7"', 'server "b"', 'expectations.yaml:7:18'])
      expect(stderr).toContain(what);
    const shapeless = expecting([
      '{metric: p98Ms, atMost: 1}',
      '{metric: p99Ms}',
      '{slo: met, atMost: 3}',
      '{}',
    ]);
    const { stderr: said } = await check(shapeless);
    expect(said.trim().split('\n')).toHaveLength(5);
  });

  it('refuses a percentage where a share is meant, which anything would keep', async () => {
    const { code, stderr } = await check(
      expecting([
        '{metric: busyShare, atMost: 80}',
        '{metric: attainment, atLeast: 99.5}',
        '{metric: hostBusyShare, atMost: -1}',
        '{metric: attainment, atLeast: 0, atMost: 1}',
      ]),
    );
    expect(code).toBe(2);
    const told = [...stderr.matchAll(/expect\[(\d)\].*; (write .*)$/gm)].map(([, i, remedy]) => [i, remedy]);
    expect(told).toEqual([
      ['0', 'write 0.8 for 80 %'],
      ['1', 'write 0.995 for 99.5 %'],
      ['2', 'write 0 to 1'],
    ]);
  });

  it('says so where there is no file, and where the scenario is missing', async () => {
    expect((await check(path('none.yaml'))).stderr).toContain('there is no such file');
    const file = write(
      'lost.yaml',
      'perseus-expectations: 1\ncases: [{scenario: lost-too.yaml, expect: [{slo: met}]}]',
    );
    const { code, stderr } = await check(file, '--junit', path('lost.yaml/check.xml'), '--runs', '0');
    expect(code).toBe(2);
    expect(stderr).toContain(
      `${file}:2:20: cases[0].scenario: ${path('lost-too.yaml')}: there is no such file`,
    );
    for (const said of ['--junit: ', '--runs: 0 is out of range']) expect(stderr).toContain(said);
  });

  it('tells mistakes of the file, of names in it and of its scenarios at once', async () => {
    write('longer.yaml', scenarioText().replace('model: dogs', 'model: dogz'));
    const file = expecting(['{metric: p98Ms, atMost: 1}', '{tenant: cows, metric: p99Ms, atMost: 1}']);
    const text = `${readFileSync(file, 'utf8')}  - scenario: longer.yaml\n    expect: []\n  - {scenario: none.yaml}\n`;
    const { code, stderr } = await check(write('several.yaml', text));
    expect(code).toBe(2);
    for (const told of [
      '"p98Ms"',
      'cases[0].expect[1].tenant: there is no tenant "cows"',
      'is empty',
      '"dogz"',
      'none.yaml: there is no such file',
    ])
      expect(stderr.split(told), told).toHaveLength(2);
  });

  it('tells names that a scenario with mistakes does not have, but none that it only may not have', async () => {
    const expectations = [
      '{tenant: cows, slo: met}',
      '{device: a/gpu9, metric: busyShare, atMost: 1}',
      '{server: b, metric: hostBusyShare, atMost: 1}',
      '{tenant: cats-people, slo: met}',
    ];
    const toldOf = async (scenario: string) => {
      write('small.yaml', scenario);
      const { code, stderr } = await check(expecting(expectations));
      expect(code).toBe(2);
      return stderr
        .split('\n')
        .flatMap((line) => /(durationS|there is no .*|has no SLO);/.exec(line)?.[1] ?? []);
    };
    const broken = scenarioText({ durationS: -4 });
    const none = ['there is no tenant "cows"', 'there is no device "a/gpu9"', 'there is no server "b"'];
    expect(await toldOf(broken)).toEqual(none);
    expect(await toldOf(broken.replace('- name: a', '- name: a\n    replicas: 2'))).toEqual(none.slice(0, 1));
    expect(await toldOf(broken.replace('name: gpu0', 'name: gpu0, mig: [1g.10gb]'))).toEqual([
      none[0],
      none[2],
    ]);
    expect(await toldOf(broken.replace('- name: cats-people', '- label: cats'))).toEqual(none.slice(1));
    expect(await toldOf(broken.split('tenants:')[0]!)).toEqual(none.slice(1));
    expect(await toldOf('perseus: [')).toEqual([]);
    write('small.yaml', scenarioText());
  });
});

describe('a file of expectations', () => {
  it('is read or refused with problems, whatever it holds', () => {
    const shipped = parse(readFileSync('examples/expectations/shipped.yaml', 'utf8'));
    const edit = fc.record({
      key: fc.constantFrom('metric', 'atMost', 'tenant', 'slo', 'runs'),
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), edit), (input) => {
        const text =
          typeof input === 'string'
            ? input
            : JSON.stringify({
                ...shipped,
                cases: [
                  { scenario: 'x', expect: [{ metric: 'p99Ms', atMost: 1, [input.key]: input.value }] },
                ],
              });
        try {
          parseExpectations(text, { file: 'e.yaml' });
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('may be about every metric', () => {
    for (const metric of METRICS) {
      const text = JSON.stringify({
        'perseus-expectations': 1,
        cases: [{ scenario: 'x.yaml', expect: [{ metric, atMost: 1 }] }],
      });
      expect(parseExpectations(text).value.cases[0]!.expect[0]!.metric).toBe(metric);
    }
  });
});

describe('figures beside their bounds', () => {
  it.each([
    { values: [0.999], bounds: [0.99], shown: ['0.9990'] },
    { values: [0.9896, 0.98, 0.9932], bounds: [0.99], shown: ['0.98960', '0.98000', '0.99320'] },
    { values: [1], bounds: [0.99], shown: ['1.000'] },
    { values: [0.99], bounds: [0.99], shown: ['0.990'] },
    { values: [38.2, 36, 41], bounds: [60], shown: ['38.2', '36.0', '41.0'] },
    { values: [40.003], bounds: [40], shown: ['40.0030'] },
    { values: [12_345.6], bounds: [50_000], shown: ['12,346'] },
    { values: [Number.NaN], bounds: [1], shown: ['–'] },
  ])('are told apart: $values beside $bounds', ({ values, bounds, shown }) => {
    expect(formatApart(values, bounds)).toEqual(shown);
  });

  it('are never shown as the bound, or as 1, that they differ from by more than a millionth', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (value, bound) => {
          const shown = Number(formatApart([value], [bound])[0]);
          if (Math.abs(value - bound) > 1e-6) expect(Math.sign(shown - bound)).toBe(Math.sign(value - bound));
          if (value < 1 - 1e-6) expect(shown).toBeLessThan(1);
        },
      ),
    );
  });
});
