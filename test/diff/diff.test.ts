import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { InputError } from '../../src/base/problem.js';
import { diffCommand } from '../../src/cli/commands/diff.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { changesBetween } from '../../src/diff/changes.js';
import { diffRuns } from '../../src/diff/diff-runs.js';
import { metricTable } from '../../src/diff/diff-text.js';
import { pairedBySeed } from '../../src/diff/paired-seeds.js';
import type { RunSnapshot } from '../../src/diff/snapshot.js';
import { unpairedDifference } from '../../src/diff/unpaired.js';
import { type Compared, holm, judgeAll } from '../../src/diff/verdicts.js';
import { readSnapshots } from '../../src/node/diff/diff-files.js';
import { runCommand } from '../cli/in-process.js';
import { scenarioText, smallScenario } from '../cli/small-scenario.js';

const { file, path, write } = smallScenario();
const diff = (...words: string[]) => runCommand(diffCommand as CommandModule, ['diff', ...words]);

async function run(scenario: string, name: string, ...words: string[]): Promise<string> {
  const out = path(name);
  const command = ['simulate', scenario, '--out', out, '--no-bounds', ...words];
  await runCommand(simulateCommand as CommandModule, command);
  return out;
}

const apart = write('apart.yaml', scenarioText({ servers: 2 }));
const [shared, separate] = [await run(file, 'shared'), await run(apart, 'separate')];

afterEach(() => {
  process.exitCode = undefined;
});

describe('perseus diff', () => {
  it('finds a run equal to itself', async () => {
    const { code, stdout } = await diff(shared, shared, '--fail-on-worse');
    expect(code).toBe(0);
    expect(process.exitCode).toBeUndefined();
    expect(stdout).toContain('equal in every figure');
  });

  it('sees no difference in what only one of them kept', async () => {
    const { stdout } = await diff(shared, join(shared, 'report.json'));
    expect(stdout).toMatch(/^report\.json and shared are equal in every figure\.\n/);
    expect(stdout).not.toContain('Behind it');
  });

  it('finds runs of the same content equal, wherever their folders, profiles and traces lie', async () => {
    const trace = 'arrival_us\n0\n2000000\n';
    const replayed = scenarioText().replace(/\{process.*\}/, '{trace: {file: trace.csv}}');
    for (const place of ['here', 'there/deeper']) {
      mkdirSync(path(place), { recursive: true });
      cpSync(path('profiles'), path(`${place}/profiles`), { recursive: true });
      write(`${place}/trace.csv`, trace);
      await run(write(`${place}/replayed.yaml`, replayed), `${place}/run`);
    }
    await run(path('here/replayed.yaml'), 'elsewhere');
    for (const other of ['there/deeper/run', 'elsewhere']) {
      const { behind } = JSON.parse((await diff(path('here/run'), path(other), '--json')).stdout);
      expect(behind).toEqual([]);
    }
    write('there/deeper/trace.csv', trace.replace('2000000', '3000000'));
    await run(path('there/deeper/replayed.yaml'), 'there/deeper/run');
    const { behind } = JSON.parse((await diff(path('here/run'), path('there/deeper/run'), '--json')).stdout);
    expect(behind).toEqual([
      {
        path: 'scenario.tenants.cats-people.load.trace.file',
        a: path('here/run/inputs/traces/trace.csv'),
        b: path('there/deeper/run/inputs/traces/trace.csv'),
      },
    ]);
  });

  it('says which figures of which tenant changed, which way, and what lies behind it', async () => {
    const { metrics, behind, isWorse } = JSON.parse((await diff(separate, shared, '--json')).stdout);
    const p99 = metrics.filter(({ metric }: { metric: string }) => metric === 'p99 latency');
    expect(p99.map(({ tenant, verdict, basis }: Record<string, string>) => [tenant, verdict, basis])).toEqual(
      [
        ['cats-people', 'worse', 'requests'],
        ['dogs-people', 'worse', 'requests'],
      ],
    );
    expect(isWorse).toBe(true);
    expect(behind.map((change: { path: string }) => change.path)).toContain('scenario.servers.b');
  });

  it('counts what is equal by itself, and leaves it out of the table', async () => {
    const more = scenarioText({ servers: 2 }).replace(/(dogs-people\n.*\n.*)ratePerS: 80/, '$1ratePerS: 120');
    const { stdout } = await diff(separate, await run(write('more.yaml', more), 'more'));
    expect(stdout).toMatch(/of 12 figures .* 7 are equal and /s);
    expect(stdout).toContain('dogs-people');
    expect(stdout).not.toMatch(/cats-people +throughput/);
  });

  it('shows no name in a way that rearranges what stands around it', async () => {
    const renamed = write('renamed.yaml', scenarioText().replaceAll('dogs-people', 'dogs\u202epeople'));
    const { stdout } = await diff(shared, await run(renamed, 'renamed'));
    expect(stdout).toContain('dogs\ufffdpeople is a tenant of renamed only');
    expect(stdout).not.toContain('\u202e');
  });

  it('says so where the runs have no tenant in common', async () => {
    const others = write('others.yaml', scenarioText().replaceAll('-people', '-fans'));
    const { stdout } = await diff(shared, await run(others, 'others'));
    expect(stdout).toMatch(/^others and shared have no tenant in common/);
    expect(stdout).toContain('cats-fans is a tenant of others only');
  });

  it('is better the other way round, and fails a build only where something is worse', async () => {
    await diff(shared, separate, '--fail-on-worse');
    expect(process.exitCode).toBeUndefined();
    await diff(separate, shared, '--fail-on-worse');
    expect(process.exitCode).toBe(1);
  });

  it('does not take a change within the tolerance for one', async () => {
    const { metrics } = JSON.parse((await diff(separate, shared, '--json', '--tolerance', '1000')).stdout);
    expect(metrics.every(({ verdict }: { verdict: string }) => verdict !== 'worse')).toBe(true);
  });

  it('compares bare reports by their intervals', async () => {
    const words = [join(separate, 'report.json'), join(shared, 'report.json'), '--json'];
    const { metrics } = JSON.parse((await diff(...words)).stdout);
    expect(new Set(metrics.map(({ basis }: { basis: string }) => basis))).toEqual(new Set(['intervals']));
    const mean = metrics.find(({ metric }: { metric: string }) => metric === 'mean latency');
    expect(mean.verdict).toBe('worse');
  });

  it('pairs replications under the same seeds, and says so; the difference is that of the means over all', async () => {
    const words = ['--runs', '2'];
    const replicated = [await run(file, 'shared-3', ...words), await run(apart, 'separate-3', ...words)];
    const other = await run(apart, 'separate-other', ...words, '--seed', 'other');
    for (const [names, expected] of [
      [replicated, 'seeds'],
      [[replicated[0]!, other], 'intervals'],
      [[shared, replicated[1]!], 'intervals'],
    ] as const) {
      const { metrics } = JSON.parse((await diff(...names, '--json')).stdout);
      for (const { basis, a, b, difference } of metrics) {
        expect(basis).toBe(expected);
        expect(difference.value).toBeCloseTo(b.value - a.value, 9);
      }
    }
    const { stdout } = await diff(...replicated);
    expect(stdout).toContain('Replications under the same seeds are paired.');
    const told = (await diff(replicated[0]!, other)).stdout.replaceAll(/\s+/g, ' ');
    expect(told).toContain(
      'or are those of one replication of several, which are not all under the same seeds',
    );
    expect((await diff(replicated[0]!, replicated[0]!)).stdout).toContain('equal in every figure');
  });

  it('tells a difference that replications vary too much to show, where all of them have it under the same seed', async () => {
    const [one] = await readSnapshots(shared, shared);
    const means = [10, 14, 18, 22, 26, 30];
    const replicatedBy = (factor: number): RunSnapshot => {
      const { report } = one;
      const mean = { value: 20 * factor, low: 12 * factor, high: 28 * factor };
      const tenants = report.summary.tenants.map((tenant) => ({
        ...tenant,
        latencyMs: { ...tenant.latencyMs, mean },
      }));
      const replications = {
        seeds: means.map(String),
        tenants: tenants.map(({ tenant }) => ({
          tenant,
          throughputPerS: [],
          meanMs: means.map((ms, i) => ms * factor + (i % 2) * 0.01),
          percentiles: [],
        })),
      };
      const summary = { ...report.summary, runs: means.length, tenants };
      return { ...one, report: { ...report, summary, replications } };
    };
    const judged = (a: RunSnapshot, b: RunSnapshot) =>
      diffRuns(a, b)
        .metrics.filter(({ metric }) => metric === 'mean latency')
        .map(({ verdict }) => verdict);
    const [before, after] = [replicatedBy(1), replicatedBy(1.1)];
    expect(judged(before, after)).toEqual(['worse', 'worse']);
    const without = ({ report, ...rest }: RunSnapshot): RunSnapshot => {
      const { replications: _, ...single } = report;
      return { ...rest, report: single };
    };
    expect(judged(without(before), without(after))).toEqual(['no clear difference', 'no clear difference']);
  });

  it('never says that a figure is worse whose mean over all replications is better', async () => {
    const [better, worse] = await readSnapshots(separate, shared);
    const withRuns = (snapshot: RunSnapshot, meanMs: number): RunSnapshot => {
      const { report } = snapshot;
      const mean = { value: meanMs, low: meanMs - 0.1, high: meanMs + 0.1 };
      const tenants = report.summary.tenants.map((tenant) => ({
        ...tenant,
        latencyMs: { ...tenant.latencyMs, mean },
      }));
      return { ...snapshot, report: { ...report, summary: { ...report.summary, runs: 10, tenants } } };
    };
    // The logs are those of the first replications, in which the second run is the slower one.
    const { metrics } = diffRuns(withRuns(better, 9), withRuns(worse, 7));
    const means = metrics.filter(({ metric }) => metric === 'mean latency');
    expect(means.map(({ verdict, relativePercent }) => [verdict, Math.round(relativePercent)])).toEqual([
      ['better', -22],
      ['better', -22],
    ]);
  });

  it('pairs requests only where both runs measured the same time, and latency from the same start', async () => {
    const [one, two] = await readSnapshots(shared, separate);
    const basesOf = (b: RunSnapshot) =>
      new Map(diffRuns(one, b).metrics.map((each) => [each.tenant, each.basis]));
    expect([...basesOf(two).values()]).toEqual(['requests', 'requests']);
    const summary = { ...two.report.summary, warmUpS: 1 };
    const later = { ...two, report: { ...two.report, summary } };
    expect([...basesOf(later).values()]).toEqual(['intervals', 'intervals']);
    const { tenants } = two.scenario as { tenants: { name: string; load: object }[] };
    const sent = tenants.map(({ load, ...tenant }) =>
      tenant.name === 'cats-people'
        ? { ...tenant, load: { ...load, latencyFrom: 'sent' } }
        : { ...tenant, load },
    );
    expect(basesOf({ ...two, scenario: { tenants: sent } })).toEqual(
      new Map([
        ['cats-people', 'intervals'],
        ['dogs-people', 'requests'],
      ]),
    );
  });

  it('is worse where an SLO is violated that was met, although no figure differs clearly', async () => {
    const [one, two] = await readSnapshots(shared, shared);
    const withMet = (snapshot: RunSnapshot, met: boolean): RunSnapshot => {
      const { summary } = snapshot.report;
      const tenants = summary.tenants.map((tenant) => ({ ...tenant, slo: { ...tenant.slo!, met } }));
      return { ...snapshot, report: { ...snapshot.report, summary: { ...summary, tenants } } };
    };
    expect(diffRuns(withMet(one, true), withMet(two, false)).isWorse).toBe(true);
    expect(diffRuns(withMet(one, false), withMet(two, true)).isWorse).toBe(false);
  });

  it('says first whose SLO is missed now, and which figures have no interval to judge by', async () => {
    const more = write(
      'more.yaml',
      scenarioText({ servers: 2 }).replaceAll(/ratePerS: \d+/g, 'ratePerS: 4000'),
    );
    const { stdout } = await diff(separate, await run(more, 'overloaded'));
    const [first] = stdout.split('\n');
    expect(first).toMatch(/^cats-people misses its SLO in \S*overloaded, and meets it in \S*\.$/);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/is overloaded in .* have no interval to judge by\./);
  });

  it('names what is wrong with both runs at once', async () => {
    const { code, stderr } = await diff(path('nothing'), write('broken.json', '{'));
    expect(code).toBe(2);
    expect(stderr).toContain('nothing');
    expect(stderr).toContain('broken.json');
  });

  it('throws nothing but problems of the input at whatever it is given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perseus-diff-'));
    const good = join(shared, 'report.json');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const bad = join(folder, 'report.json');
        writeFileSync(bad, text);
        await expect(readSnapshots(bad, good)).rejects.toBeInstanceOf(InputError);
      }),
      { numRuns: 40 },
    );
  });
});

describe('differences of values', () => {
  it('are none exactly between equal values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(changesBetween(a, structuredClone(a))).toEqual([]);
        if (JSON.stringify(a) !== JSON.stringify(b)) {
          const isEqual = changesBetween(a, b).length === 0;
          if (isEqual) expect(a).toEqual(b);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('match entries of lists by their names, not by their places', () => {
    const a = {
      servers: [
        { name: 'x', cores: 2 },
        { name: 'y', cores: 4 },
      ],
    };
    const b = { servers: [{ name: 'y', cores: 4 }, { name: 'x', cores: 3 }, { name: 'z' }] };
    expect(changesBetween(a, b)).toEqual([
      { path: 'servers.x.cores', a: 2, b: 3 },
      { path: 'servers.z', a: undefined, b: { name: 'z' } },
    ]);
  });

  it('hide none of several entries of one name, which their places tell apart', () => {
    const groups = (count: number) => [
      { name: 'g', count: 1 },
      { name: 'g', count },
    ];
    expect(changesBetween(groups(2), groups(3))).toEqual([{ path: '[1].count', a: 2, b: 3 }]);
  });
});

describe('significance', () => {
  it('counts twice under the same seeds where the intervals of the runs were asked as well', () => {
    const a = [10, 14, 18, 22];
    const b = a.map((value, i) => value + 1 + 0.1 * i);
    const overall = (half: number) => ({
      a: { value: 16, low: 16 - half, high: 16 + half },
      b: { value: 17.15, low: 17.15 - half, high: 17.15 + half },
    });
    const alone = pairedBySeed({ a, b, overall: overall(Number.NaN) }).pValue;
    expect(alone).toBeLessThan(0.01);
    expect(pairedBySeed({ a, b, overall: overall(50) }).pValue).toBeCloseTo(2 * alone, 12);
  });

  it('is none of one request more in each of two runs, however well they agree', () => {
    const [a, step] = [[98.2, 101.4], 0.04];
    const pairs = (requests: number) => {
      const b = a.map((value) => value + requests * step);
      const wide = (value: number) => ({ value, low: value - 20, high: value + 20 });
      return { a, b, overall: { a: wide(99.8), b: wide(99.8 + requests * step) } };
    };
    expect(pairedBySeed(pairs(1)).pValue).toBeLessThan(0.001);
    expect(pairedBySeed({ ...pairs(1), step }).pValue).toBeGreaterThan(0.5);
    expect(pairedBySeed({ ...pairs(60), step }).pValue).toBeLessThan(0.05);
    expect(pairedBySeed({ ...pairs(0), step }).pValue).toBe(1);
  });

  it('is none of a change of just so many percent as are tolerated', () => {
    const change = (relativePercent: number): Compared => ({
      tenant: 't',
      metric: 'mean latency',
      unit: 'ms',
      lowerIsBetter: true,
      a: { value: 100, low: 99, high: 101 },
      b: { value: 100 + relativePercent, low: 99, high: 101 },
      difference: { value: relativePercent, low: 1, high: 9 },
      relativePercent,
      pValue: 1e-6,
      basis: 'intervals',
    });
    const metrics = judgeAll([change(5), change(5.1), change(-5.1)], 5);
    expect(metrics.map(({ verdict }) => verdict)).toEqual(['no clear difference', 'worse', 'better']);
    const notes = (some: typeof metrics) => metricTable({ a: 'a', b: 'b', metrics: some } as never).notes;
    const explained = expect.stringContaining('Not clear beside an interval without 0');
    expect(notes(metrics)).toContainEqual(explained);
    expect(notes(metrics.slice(1))).not.toContainEqual(explained);
    // What few runs leave unclear looks like no difference to who does not know it.
    const moreRuns = 'Not clear is no proof that they are equal: more --runs tell smaller differences.';
    const paired = metrics.map((metric) => ({ ...metric, basis: 'seeds' as const }));
    expect([notes(paired), notes(paired.slice(1))].map((all) => all.includes(moreRuns))).toEqual([
      true,
      false,
    ]);
  });

  it('of two independent estimates is that of the z test', () => {
    const estimate = (value: number) => ({ value, low: value - 1.959964, high: value + 1.959964 });
    // Standard error of the difference is the square root of 2.
    expect(unpairedDifference(estimate(10), estimate(10 + 1.959964 * Math.SQRT2)).pValue).toBeCloseTo(
      0.05,
      5,
    );
    expect(unpairedDifference(estimate(10), estimate(10 + 1e-12)).pValue).toBeLessThanOrEqual(1);
  });

  it('of two equal estimates is none, whether or not their intervals are known', () => {
    const known = { value: 3, low: 2, high: 4 };
    expect(unpairedDifference(known, known).pValue).toBe(1);
    const unknown = { value: 3, low: Number.NaN, high: Number.NaN };
    expect(unpairedDifference(unknown, known).pValue).toBe(1);
  });

  it('takes an interval that is cut at the end of what is possible for as wide as it was', () => {
    const cut = { value: 0.9, low: 0.7, high: 1 };
    const whole = { value: 0.9, low: 0.7, high: 1.1 };
    const better = { value: 0.99, low: 0.985, high: 0.995 };
    expect(unpairedDifference(cut, better).pValue).toBe(unpairedDifference(whole, better).pValue);
  });

  it('is not known without an interval', () => {
    const unknown = { value: 1, low: Number.NaN, high: Number.NaN };
    expect(unpairedDifference(unknown, { value: 9, low: 8, high: 10 }).pValue).toBeNaN();
  });

  it("of many figures is judged by Holm's procedure", () => {
    // Holm (1979): 0.01 <= 0.05/4, 0.013 <= 0.05/3 hold, 0.03 <= 0.05/2 does not, and stops it.
    expect(holm([0.03, 0.01, 0.04, 0.013])).toEqual([false, true, false, true]);
    expect(holm([Number.NaN, 0.04])).toEqual([false, true]);
    expect(holm([])).toEqual([]);
  });
});
