import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { compareCommand } from '../../src/cli/commands/compare.js';
import { diffCommand } from '../../src/cli/commands/diff.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import type { MetricChange } from '../../src/diff/verdicts.js';
import { runScenario } from '../../src/node/runs/run-scenario.js';
import { serializeProfile } from '../../src/profile/parse.js';
import { profile } from '../support/scenario.js';
import { runCommand, withoutProgress } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, path, write } = smallScenario();
const apart = write('apart.yaml', scenarioText({ servers: 2 }));
const alone = write('alone.yaml', scenarioText().replace(/ {2}- name: dogs-people[\s\S]*/, ''));
const compare = (...words: string[]) => runCommand(compareCommand as CommandModule, ['compare', ...words]);

describe('perseus compare', () => {
  it('judges every figure of both over all runs, as perseus diff does, and says what lies behind it and the cost', async () => {
    const words = ['--runs', '2', '--no-bounds'];
    const simulate = (from: string, name: string) =>
      runCommand(simulateCommand as CommandModule, ['simulate', from, ...words, '--out', path(name)]);
    await simulate(file, 'kept');
    await simulate(apart, 'kept-apart');
    const kept = await runCommand(diffCommand as CommandModule, [
      'diff',
      path('kept'),
      path('kept-apart'),
      '--json',
    ]);
    const { code, stdout } = await compare(file, apart, '--runs', '2', '--json');
    expect(code).toBe(0);
    const { metrics, behind, cost } = JSON.parse(stdout);
    // A report in a file has nine digits of each figure.
    const rounded = (all: readonly MetricChange[]) =>
      all.map(({ tenant, metric, basis, verdict, difference }) => {
        const digits = [difference.value, difference.low, difference.high].map((ms) => ms.toFixed(6));
        return [tenant, metric, basis, verdict, ...digits];
      });
    expect(rounded(metrics)).toEqual(rounded(JSON.parse(kept.stdout).metrics));
    expect(behind.map((change: { path: string }) => change.path)).toEqual([
      expect.stringMatching(/^scenario\.servers/),
      expect.anything(),
    ]);
    expect(cost.perHour.difference.value).toBeCloseTo(1.5, 9);
  });

  it('shows the table with p99, then the cost', async () => {
    const { code, stdout, stderr } = await compare(file, apart, '--runs', '3');
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^apart\.yaml against small\.yaml: of \d+ figures \d+ (is|are) better/m);
    for (const word of ['cats-people', 'dogs-people', 'p99 latency ms', 'Behind it', 'per hour'])
      expect(stdout).toContain(word);
    expect(stdout).toContain('\na: small.yaml; b: apart.yaml.\n');
    expect(stdout).toMatch(/\nBefore you rely on it\n(.|\n)*\nBehind it: /);
    const { stdout: all } = await compare(file, apart, '--runs', '3', '-v');
    expect(all).toMatch(/\nBehind it\n(.|\n)*\nWarnings \(\d+\)\n/);
  });

  it('finds a placement equal to itself', async () => {
    const { stdout } = await compare(file, file, '--runs', '2');
    expect(stdout).toContain('equal in every figure');
  });

  it('warns of what to be wary of in the runs, each once', async () => {
    const validation = {
      source: 'a table',
      points: 2,
      meanErrorPercent: 40,
      worst: { load: '8 clients', measuredPerS: 200, predictedPerS: 90 },
    };
    mkdirSync(path('doubtful'));
    write('doubtful/cats.profile.json', serializeProfile({ ...profile('cats', 4, 0.5), validation }));
    write('doubtful/dogs.profile.json', serializeProfile(profile('dogs', 4, 0.5)));
    const doubtful = write(
      'doubtful.yaml',
      scenarioText().replace('profiles: [profiles]', 'profiles: [doubtful]'),
    );
    for (const words of [
      [doubtful, doubtful],
      [doubtful, '--without', 'dogs-people'],
    ]) {
      const { stdout } = await compare(...words, '--runs', '2');
      expect(stdout.match(/doubtful-profile/g)).toHaveLength(1);
      const { warnings } = JSON.parse((await compare(...words, '--runs', '2', '--json')).stdout);
      expect(warnings.map(({ code }: { code: string }) => code)).toContain('doubtful-profile');
    }
  });

  it('warns of a model that runs by another profile in the other placement', async () => {
    mkdirSync(path('others'));
    write('others/cats-trt.profile.json', serializeProfile(profile('cats-trt', 2, 0.5)));
    write('others/dogs.profile.json', serializeProfile(profile('dogs', 4, 0.5)));
    const text = scenarioText().replace('profiles: [profiles]', 'profiles: [others]');
    const other = write(
      'other-profiles.yaml',
      text.replace('{name: cats,', '{name: cats, profile: cats-trt,'),
    );
    const { stdout } = await compare(file, other, '--runs', '2', '-v');
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'cats (doubtful-profile): It runs by the profile cats in small.yaml and by cats-trt in other-profiles.yaml',
    );
    expect(stdout).not.toContain('dogs (doubtful-profile)');
  });

  it('compares closed loops run by run, since their requests are not the same ones', async () => {
    const closed = (name: string, servers: 1 | 2) =>
      write(name, scenarioText({ servers }).replace(/\{process: .*\}\}/g, '{closedLoop: {concurrency: 4}}'));
    const [together, separate] = [closed('loop.yaml', 1), closed('loop-apart.yaml', 2)];
    const { code, stdout } = await compare(together, separate, '--runs', '3', '--json');
    expect(code).toBe(0);
    const means = JSON.parse(stdout).metrics.filter(({ metric }: MetricChange) => metric === 'mean latency');
    for (const { basis, difference, verdict } of means) {
      expect(basis).toBe('seeds');
      expect(difference.value).toBeLessThan(0);
      expect(verdict).toBe('better');
    }
    const itself = JSON.parse((await compare(together, together, '--runs', '2', '--json')).stdout);
    for (const { verdict } of itself.metrics) expect(verdict).toBe('equal');
  });

  it('says the same difference as simulate where latency counts from when requests were sent', async () => {
    const capped = (name: string, servers: 1 | 2, from = 'sent') =>
      write(
        name,
        scenarioText({ servers, ratePerS: 500 }).replace(
          /ratePerS: 500\}\}/g,
          `ratePerS: 500}, maxInFlight: 2, latencyFrom: ${from}}`,
        ),
      );
    const [together, separate] = [capped('capped.yaml', 1), capped('capped-apart.yaml', 2)];
    const { metrics } = JSON.parse((await compare(together, separate, '--runs', '1', '--json')).stdout);
    const means = metrics.filter(({ metric }: MetricChange) => metric === 'mean latency');
    const [before, after] = await Promise.all(
      [together, separate].map(async (path) => {
        const { report } = await runScenario(path, { bounds: false });
        return report.summary.tenants.map(({ latencyMs }) => latencyMs.mean.value);
      }),
    );
    // Requests that only one of the two answered before its end are in its mean alone.
    for (const [i, { basis, difference }] of means.entries()) {
      expect(basis).toBe('requests');
      expect(difference.value / (after![i]! - before![i]!)).toBeCloseTo(1, 1);
    }
    const planned = await compare(together, capped('planned.yaml', 2, 'planned'), '--runs', '1');
    expect(planned.code).toBe(2);
    expect(planned.stderr).toContain('write the same latencyFrom in both');
  });

  it('tells the mistakes of both scenarios at once, and other tenants before it simulates', async () => {
    const wrong = (name: string, model: string) =>
      write(name, scenarioText().replace('model: dogs\n', `model: ${model}\n`));
    const { stderr } = await compare(wrong('a.yaml', 'birds'), wrong('b.yaml', 'cows'), '--runs', '0');
    for (const said of ['"birds"', '"cows"', '--runs: 0']) expect(stderr).toContain(said);
    // Simulated, they would take longer than a test may.
    const endless = (name: string, tenant: string) =>
      write(name, scenarioText({ durationS: 20_000 }).replace('dogs-people', tenant));
    const others = await compare(endless('c.yaml', 'dogs'), endless('d.yaml', 'cows'), '--runs', '100');
    expect(others.stderr).toContain('the tenants differ: cats-people, dogs against cats-people, cows');
    expect(others.stderr).not.toContain('simulated');
  });

  it('does not compare runs of different arrivals', async () => {
    const busier = write('busier.yaml', scenarioText({ ratePerS: 90 }));
    const { code, stderr } = await compare(file, busier, '--runs', '1');
    expect(code).toBe(2);
    expect(stderr).toContain('run both with the same trace and seed');
  });

  it('gives the same bytes every time', async () => {
    const [once, twice] = [
      await compare(file, apart, '--runs', '2', '--json'),
      await compare(file, apart, '--runs', '2', '--json'),
    ];
    expect(twice.stdout).toBe(once.stdout);
  });

  it('says what one tenant adds: a machine where it has one of its own, nothing where it shares', async () => {
    const alone = JSON.parse(
      (await compare(apart, '--without', 'dogs-people', '--runs', '2', '--json')).stdout,
    );
    expect(alone.usdPerHour).toBeCloseTo(1.5, 6);
    const shared = JSON.parse(
      (await compare(file, '--without', 'dogs-people', '--runs', '2', '--json')).stdout,
    );
    expect(shared.usdPerHour).toBeCloseTo(0, 6);
    expect((await compare(file, '--without', 'dogs-people', '--runs', '2')).stdout).toMatch(
      /^dogs-people adds /,
    );
    const unpriced = write('unpriced.yaml', scenarioText().replace(/^.*usdPerHour.*\n/gm, ''));
    const said = await compare(unpriced, '--without', 'dogs-people', '--runs', '1');
    expect(said.stdout).toContain('What dogs-people adds to the cost is not known: no machine has a price');
    expect((await compare(unpriced, unpriced, '--runs', '1')).stdout).toContain('No machine has a price.');
    expect((await compare(file, unpriced, '--runs', '1')).stdout).toContain(
      'Machines of unpriced.yaml cost an unknown amount',
    );
  });

  it.each([
    ['one scenario alone', [file], 'second scenario or --without'],
    ['two scenarios and --without', [file, apart, '--without', 'cats-people'], 'give one of the two'],
    ['a tenant that does not exist', [file, '--without', 'birds-people'], 'cats-people, dogs-people'],
    ['the only tenant', [alone, '--without', 'cats-people'], '"cats-people" is the only tenant'],
    [
      'more runs than anybody waits for',
      [file, apart, '--runs', '20000'],
      'write a whole number from 1 to 10000',
    ],
    ['no runs', [file, apart, '--runs', '0'], 'runs'],
  ])('does not guess what %s means', async (_, words, said) => {
    const { code, stdout, stderr } = await compare(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
  });

  it('does not compare placements of different tenants', async () => {
    const other = write('other.yaml', scenarioText().replace('name: cats-people', 'name: kittens'));
    const { code, stderr } = await compare(file, other, '--runs', '1');
    expect(code).toBe(2);
    expect(stderr).toContain('the tenants differ');
  });
});
