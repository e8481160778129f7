import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { InputError } from '../../src/base/problem.js';
import { diffCommand } from '../../src/cli/commands/diff.js';
import type { SweepDiff } from '../../src/diff/diff-sweeps.js';
import { diffSweeps } from '../../src/diff/diff-sweeps.js';
import type { SweepSnapshot } from '../../src/diff/sweep-points.js';
import { readSweeps } from '../../src/node/diff/diff-sweeps.js';
import type { SweepCell } from '../../src/sweep/row.js';
import { runCommand } from '../cli/in-process.js';
import { scenarioText } from '../cli/small-scenario.js';
import { runInline, smallSweep } from '../node/sweep/small-sweep.js';

const { path, write } = smallSweep();
const diff = (...words: string[]) => runCommand(diffCommand as CommandModule, ['diff', ...words]);
const jsonOf = async (...words: string[]): Promise<SweepDiff> =>
  JSON.parse((await diff(...words, '--json')).stdout);

const SEEDS = '  - {name: draw, vary: seed, values: [1, 2, 3, 4]}';

/** A sweep over load and what else is asked for; gives its folder. */
async function sweep(
  name: string,
  { scenario = 'small.yaml', axes = '', loads = '0.5, 1, 1.5', seeds = SEEDS },
) {
  const file = write(
    `${name}-sweep.yaml`,
    `perseus: 1\nname: ${name}\nscenario: ${scenario}\naxes:\n  - {name: load, vary: loadScale, values: [${loads}]}\n${axes}\n${seeds}\n`,
  );
  await runInline(file, path(name));
  return path(name);
}

write('two-servers.yaml', scenarioText({ servers: 2 }));
const shared = await sweep('shared', {});
const apart = await sweep('apart', { scenario: 'two-servers.yaml' });

afterEach(() => {
  process.exitCode = undefined;
});

describe('perseus diff of two sweeps', () => {
  it('finds a sweep equal to itself', async () => {
    const { code, stdout } = await diff(shared, shared, '--fail-on-worse');
    expect(code).toBe(0);
    expect(process.exitCode).toBeUndefined();
    expect(stdout.replaceAll('\n', ' ')).toContain('3 settings in both. They are equal in every figure.');
  });

  it('says at which points which figures changed, paired by seed, and what lies behind it', async () => {
    const { axes, settings, overview, behind, isWorse } = await jsonOf(apart, shared);
    expect(axes).toEqual(['load']);
    expect(settings.map(({ values }) => values)).toEqual([[0.5], [1], [1.5]]);
    for (const { seeds, metrics, isSame } of settings) {
      expect(seeds).toEqual({ both: 4, onlyA: [], onlyB: [] });
      expect(isSame).toBe(false);
      expect(new Set(metrics.map(({ basis }) => basis))).toEqual(new Set(['seeds']));
    }
    const mean = settings.at(-1)!.metrics.filter(({ metric }) => metric === 'mean latency');
    expect(mean.map(({ tenant, verdict }) => [tenant, verdict])).toEqual([
      ['cats-people', 'worse'],
      ['dogs-people', 'worse'],
    ]);
    expect(overview.find(({ metric }) => metric === 'mean latency')!.counts.worse).toBeGreaterThan(0);
    expect(isWorse).toBe(true);
    expect(behind.map((change) => change.path)).toContain('scenario.servers.b');
    expect(settings[0]!.facts).toContainEqual({ path: 'usdPerHour', a: 3, b: 1.5 });
  });

  it('is better the other way round, and fails a build only where something is worse', async () => {
    const { stdout } = await diff(shared, apart, '--fail-on-worse', '-v');
    expect(process.exitCode).toBeUndefined();
    expect(stdout).toContain('Means over 4 seeds, paired');
    expect(stdout).toMatch(/within 12 ms % +9\d\.\d+ +(100|99\.\d+) /);
    await diff(apart, shared, '--fail-on-worse');
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;
    await diff(apart, shared, '--fail-on-worse', '--tolerance', '10000');
    expect(process.exitCode).toBe(1); // an SLO is no longer met
  });

  it('says which points are on one side only', async () => {
    const more = await sweep('more', { loads: '1, 1.5, 2' });
    const { settings, onlyIn } = await jsonOf(shared, more);
    expect(settings.map(({ values, isSame }) => [values, isSame])).toEqual([
      [[1], true],
      [[1.5], true],
    ]);
    expect(onlyIn.a.map(({ values }) => values)).toEqual([[0.5]]);
    expect(onlyIn.b.map(({ values }) => values)).toEqual([[2]]);
    const { stdout } = await diff(shared, more, '-v');
    expect(stdout).toContain('2 settings in both; 2 are in one of them only.');
    expect(stdout).toMatch(/Only in shared\nload 0.5/);
    expect(stdout).toMatch(/Only in more\nload 2/);
  });

  it('pairs the seeds that both have and names the others', async () => {
    const fewer = await sweep('fewer', {
      scenario: 'two-servers.yaml',
      seeds: '  - {name: draw, vary: seed, values: [3, 4, 5]}',
    });
    const { settings } = await jsonOf(shared, fewer);
    expect(settings[0]!.seeds).toEqual({ both: 2, onlyA: ['1', '2'], onlyB: ['5'] });
    expect(settings[0]!.points).toEqual({ a: [1, 2, 3, 4], b: [1, 2, 3] });
  });

  it('judges by intervals where each point is one run, and finds nothing between two draws of one load', async () => {
    const loads = '0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1';
    const one = await sweep('one', { loads, seeds: '  - {name: seed, vary: seed, values: [1]}' });
    const two = await sweep('two', { loads, seeds: '  - {name: seed, vary: seed, values: [2]}' });
    const { settings, isWorse } = await jsonOf(one, two);
    expect(settings).toHaveLength(8);
    for (const { metrics } of settings) {
      for (const { basis, verdict } of metrics) {
        expect(basis).toBe('intervals');
        expect(['better', 'worse']).not.toContain(verdict);
      }
    }
    expect(isWorse).toBe(false);
  });

  it('reads the table alone, too', async () => {
    const table = join(shared, 'results.parquet');
    expect((await diff(table, table)).stdout).toContain('equal in every figure');
    // It has neither the sweep file nor scenarios beside it, which is no difference.
    for (const pair of [
      [shared, table],
      [table, shared],
    ]) {
      const { stdout } = await diff(...pair);
      expect(stdout.replaceAll('\n', ' ')).toContain('3 settings in both. They are equal in every figure.');
      expect(stdout).not.toContain('Behind it');
    }
  });

  it('matches over axes that both have, and refuses others that do not stand still', async () => {
    const wide = await sweep('wide', { axes: '  - {name: batch, vary: maxBatchSize, values: [2, 8]}' });
    const { code, stderr } = await diff(shared, wide);
    expect(code).toBe(2);
    expect(stderr).toContain('its axis "batch" has 2 values');
    const still = await sweep('still', { axes: '  - {name: batch, vary: maxBatchSize, values: [8]}' });
    expect((await jsonOf(shared, still)).settings).toHaveLength(3);
  });

  it('compares what an axis of one value in each is about, and says so', async () => {
    const axis = (batch: number) => ({ axes: `  - {name: batch, vary: maxBatchSize, values: [${batch}]}` });
    const [small, large] = [await sweep('batch-1', axis(1)), await sweep('batch-8', axis(8))];
    const { axes, settings, onlyIn, behind } = await jsonOf(small, large);
    expect(axes).toEqual(['load']);
    expect(settings).toHaveLength(3);
    expect(onlyIn).toEqual({ a: [], b: [] });
    expect(behind).toContainEqual({ path: 'batch', a: 1, b: 8 });
  });

  it('says what is wrong with either: unfinished, a run beside a sweep, no results at all', async () => {
    mkdirSync(path('begun/points'), { recursive: true });
    expect((await diff(path('begun'), shared)).stderr).toContain('this sweep has no results yet');
    expect((await diff(write('report.json', '{}'), shared)).stderr).toContain('it is no sweep');
    expect((await diff(path('nowhere'), shared)).code).toBe(2);
    expect((await diff(write('trace.parquet', 'PAR1'), shared)).stderr).toContain('trace.parquet');
  });

  it('throws nothing but problems of the input at broken tables', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perseus-diff-'));
    const whole = readFileSync(join(shared, 'results.parquet'));
    copyFileSync(join(shared, 'results.parquet'), join(folder, 'good.parquet'));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const broken = Uint8Array.from(whole);
        broken[at] = (broken[at]! + change) % 256;
        writeFileSync(join(folder, 'bad.parquet'), broken);
        await readSweeps(join(folder, 'bad.parquet'), join(folder, 'good.parquet')).catch(
          (error: unknown) => {
            expect(error).toBeInstanceOf(InputError);
          },
        );
      }),
      { numRuns: 60 },
    );
  });
});

/** A sweep of one tenant over an axis and seeds, whose mean latency is given. */
function snapshot(
  name: string,
  latencyMs: (setting: number, seed: number) => number,
  { settings, seeds, halfWidth = 5 }: { settings: number; seeds: number; halfWidth?: number },
): SweepSnapshot {
  const rows = Array.from({ length: settings * seeds }, (_, i) => {
    const [setting, seed] = [Math.floor(i / seeds), i % seeds];
    return { setting, seed, ms: latencyMs(setting, seed) };
  });
  const column = (of: (row: (typeof rows)[number], i: number) => SweepCell) => rows.map(of);
  return {
    name,
    axes: ['x', 'seed'],
    seedAxis: 'seed',
    engine: 'test',
    columns: new Map([
      ['point', column((_, i) => i + 1)],
      ['key', column((_, i) => `${name} ${i}`)],
      ['x', column(({ setting }) => setting)],
      ['seed', column(({ seed }) => seed)],
      ['tenant', column(() => 't')],
      ['is_total', column(() => false)],
      ['latency_mean_ms', column(({ ms }) => ms)],
      ['latency_mean_ms_low', column(({ ms }) => ms - halfWidth)],
      ['latency_mean_ms_high', column(({ ms }) => ms + halfWidth)],
    ]),
  };
}

describe('significance over many points', () => {
  const noise = (setting: number, seed: number) => ((setting * 7919 + seed * 104_729) % 1000) / 100;

  it('finds a small change that all seeds share, which single runs would hide', () => {
    const size = { settings: 3, seeds: 8 };
    const before = snapshot('before', noise, size);
    const after = snapshot('after', (x, seed) => noise(x, seed) + 0.5 + 0.02 * (seed % 3), size);
    const { settings, isWorse } = diffSweeps(before, after);
    expect(settings.map(({ metrics }) => metrics[0]!.verdict)).toEqual(['worse', 'worse', 'worse']);
    expect(settings[0]!.metrics[0]!.difference.value).toBeCloseTo(0.5175, 3);
    expect(isWorse).toBe(true);
  });

  it('calls hardly any of a thousand points different that differ by chance', () => {
    const size = { settings: 1000, seeds: 4, halfWidth: 4 };
    const random = (salt: number) => (x: number, seed: number) => {
      const hash = Math.sin(x * 12.9898 + seed * 78.233 + salt) * 43_758.5453;
      return 50 + 6 * (hash - Math.floor(hash) - 0.5);
    };
    const { overview } = diffSweeps(snapshot('a', random(1), size), snapshot('b', random(2), size));
    const { better, worse } = overview[0]!.counts;
    expect(better + worse).toBeLessThanOrEqual(1);
  });

  it('with few seeds asks the intervals of the runs too', () => {
    const size = { settings: 20, seeds: 2, halfWidth: 0.1 };
    const before = snapshot('before', noise, size);
    const after = snapshot('after', (x, seed) => noise(x, seed) + 3 + 0.1 * seed, size);
    const { overview } = diffSweeps(before, after);
    expect(overview[0]!.counts.worse).toBe(20);
  });
});
