import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { sweepCommand } from '../../../src/cli/commands/sweep.js';
import { workerCommand } from '../../../src/cli/commands/worker.js';
import { progressLine } from '../../../src/cli/point-progress.js';
import { examplesIn, runCommand } from '../../cli/in-process.js';
import { smallSweep } from './small-sweep.js';

const small = smallSweep();
const run = (...words: string[]) => runCommand(sweepCommand, ['sweep', ...words, '--threads', '1']);

describe('perseus sweep', () => {
  it('prints a table and writes a folder', async () => {
    const { code, stdout, stderr } = await run(small.sweep, '--out', small.path('table'));
    expect(code).toBe(0);
    expect(stdout).not.toContain('12 points');
    expect((await run(small.sweep, '--out', small.path('table'), '-v')).stdout).toContain(
      'small: 12 points, best first',
    );
    expect(stdout).toContain('$/M inferences');
    expect(stderr).toContain(`wrote ${small.path('table')}/`);
  });

  it('prints the results as JSON, the same bytes as in the folder, and as CSV', async () => {
    const out = small.path('table');
    const json = await run(small.sweep, '--out', out, '--json');
    expect(json.stdout).toBe(readFileSync(join(out, 'results.json'), 'utf8'));
    const csv = await run(small.sweep, '--out', out, '--csv');
    expect(csv.stdout).toBe(readFileSync(join(out, 'results.csv'), 'utf8'));
  });

  it('refuses to print two forms, of which one would be lost', async () => {
    const refused = await run(small.sweep, '--out', small.path('table'), '--json', '--csv');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('--csv: cannot be printed beside --json');
  });

  it('shows no cost where nothing has a price', async () => {
    const base = readFileSync(small.path('small.yaml'), 'utf8').replaceAll(
      'usdPerHour: 1.5, ',
      'usdPerHour: 0, ',
    );
    small.write('free.yaml', base);
    const file = small.write(
      'free-sweep.yaml',
      readFileSync(small.sweep, 'utf8').replace('small.yaml', 'free.yaml'),
    );
    const { code, stdout } = await run(file, '--out', small.path('free'));
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/\$|USD/);
    const page = readFileSync(small.path('free/report.html'), 'utf8');
    expect(page).toContain('cats-people: p99 latency, ms over load and sharing');
    expect(page).not.toMatch(/USD|Cost against/);
  });

  it('draws any figure over any two axes', async () => {
    const chart = small.path('chart.svg');
    const words = ['--x', 'load', '--y', 'batch', '--figure', 'latency_p99_ms', '--tenant', 'cats-people'];
    expect(await run(small.sweep, '--out', small.path('table'), '--chart', chart, ...words)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(chart, 'utf8')).toContain(
      'aria-label="cats-people: p99 latency, ms over load, times that of the scenario"',
    );
    // The third axis is the one that the sweep asks about: nothing is averaged over it.
    const noteOf = async (...axes: string[]) =>
      (await run(small.sweep, '--out', small.path('table'), '--chart', chart, ...axes)).stderr;
    expect(await noteOf(...words)).toContain(`wrote ${chart} (At sharing exclusive, the best.)`);
    // Of several loads none is the best.
    expect(await noteOf('--x', 'batch')).toContain('Mean over up to 3 points of each place on these axes.');
    expect(await noteOf('--x', 'load')).toContain('The best setting of each place.');
  });

  it('answers for the axis that the file asks about, else for the first of words', async () => {
    const { stdout } = await run(small.sweep, '--out', small.path('table'));
    expect(stdout).toContain('The cheapest sharing that meets every SLO: ');
    expect(stdout).toContain('By sharing: the best setting of each, at the highest load that it holds');
    const text = readFileSync(small.sweep, 'utf8');
    const asking = (axis: string) => small.write('asking.yaml', `${text}ask: ${axis}\n`);
    const asked = await run(asking('batch'), '--out', small.path('table'));
    expect(asked.stdout).toContain('The cheapest batch that meets every SLO: ');
    const wrong = await run(asking('gpu'), '--out', small.path('table'));
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('ask: names no axis; write one of batch, sharing, load, or leave it out'),
    ]);
  });

  it.each(['../../outside', '..', 'a/b', 'a\\\\b'])(
    'writes nothing outside of results/ for a sweep of the name %s, which --out gives a place',
    async (name) => {
      const file = small.write(
        'outside.yaml',
        readFileSync(small.sweep, 'utf8').replace('small\n', `"${name}"\n`),
      );
      const refused = await run(file);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toMatch(/outside.yaml: name: ".*" cannot be the name of a folder in results\//);
      expect((await run(file, '--out', small.path('table'))).code).toBe(0);
    },
  );

  it('refuses a chart of what is not there before anything is simulated', async () => {
    const out = small.path('never');
    const { code, stderr } = await run(
      small.sweep,
      '--out',
      out,
      '--chart',
      'c.svg',
      '--x',
      'laod',
      '--figure',
      'p99',
      '--tenant',
      'cat-people',
    );
    expect(code).toBe(2);
    expect((await run(small.sweep, '--out', out, '--chart', 'c.png')).stderr).toContain(
      '--chart: a chart is no .png file; end its name in .svg',
    );
    expect(stderr).toContain('--x: there is no axis or figure "laod"; did you mean "load"?');
    expect(stderr).toContain(
      '--figure: there is no figure "p99"; write one of latency_p99_ms, latency_p99_9_ms',
    );
    const figureOf = async (figure: string) =>
      (await run(small.sweep, '--out', out, '--chart', 'c.svg', '--figure', figure)).stderr;
    expect(await figureOf('attainment')).toContain('did you mean "slo_attainment"?');
    expect(await figureOf('joules')).toMatch(/write one of offered, .*slo_attainment, .*usd_per_hour/);
    expect(stderr).toContain('--tenant: there is no tenant "cat-people"; did you mean "cats-people"?');
    const text =
      'perseus: 1\nname: one\nscenario: small.yaml\naxes: [{name: s, vary: seed, values: [1, 2]}]\n';
    const seeds = await run(small.write('seeds.yaml', text), '--out', out, '--chart', 'c.svg');
    expect([seeds.code, seeds.stderr]).toEqual([
      2,
      expect.stringContaining('--chart: no axis has several values; name one with --x'),
    ]);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a chart of a tenant that is not there before anything is simulated', async () => {
    const out = small.path('never');
    const chartOf = (tenant: string) =>
      run(small.sweep, '--out', out, '--chart', 'c.svg', '--tenant', tenant);
    const { code, stderr } = await chartOf('birds');
    expect(code).toBe(2);
    expect(stderr).toContain('--tenant: there is no tenant "birds"; write one of cats-people, dogs-people');
    expect((await chartOf('cats')).stderr).toContain('did you mean "cats-people"?');
    expect(existsSync(out)).toBe(false);
  });

  it('tells every mistake in its options at once', async () => {
    const words = ['--shard', '4/3', '--engine', 'gearman', '--chart', small.folder];
    const { code, stderr } = await run(small.sweep, ...words, '--out', `${small.sweep}/inside`);
    expect(code).toBe(2);
    expect(stderr.match(/^--[a-z]+/gm)!.sort()).toEqual(['--chart', '--engine', '--out', '--shard']);
  });

  it('refuses to write into a folder of something else', async () => {
    mkdirSync(small.path('mine'));
    writeFileSync(small.path('mine/thesis.txt'), 'words');
    const { code, stderr } = await run(small.sweep, '--out', small.path('mine'));
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('mine holds thesis.txt, which perseus sweep did not write'),
    ]);
  });

  it('ends with 2 and names the place when the file is wrong', async () => {
    const file = small.write(
      'wrong.yaml',
      'perseus: 1\nname: x\nscenario: small.yaml\naxes:\n  - {name: a, vray: seed}\n',
    );
    const { code, stderr } = await run(file);
    expect(code).toBe(2);
    expect(stderr).toMatch(/wrong\.yaml:5:\d+: axes\[0\]/);
    expect((await run(small.sweep, '--engine', 'gearman')).stderr).toContain('"gearman" is no engine');
    const slip = await run(small.sweep, '--engine', 'redi://:geheim@box');
    expect(slip.stderr).toContain('--engine: this is no engine');
    expect(slip.stderr).not.toContain('geheim');
    expect((await run(small.sweep, '--shard', '4/3')).code).toBe(2);
  });

  it('runs shards, says what is missing, and merges them', async () => {
    for (const index of [1, 2]) {
      const part = await run(
        small.sweep,
        '--out',
        small.path(`s${index}`),
        '--shard',
        `${index}/2`,
        '--json',
        '--chart',
        small.path('part.svg'),
      );
      expect(part.stderr).toContain('ask perseus sweep merge for them');
      expect(JSON.parse(part.stdout)).toMatchObject({ isComplete: false, scenarios: 6, done: 6, points: 12 });
    }
    const merge = (...words: string[]) => runCommand(sweepCommand, ['sweep', 'merge', small.sweep, ...words]);
    const half = await merge(small.path('s1'), '--out', small.path('merged'));
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('6 of 12 points')]);
    const whole = await merge(small.path('s1'), small.path('s2'), '--out', small.path('merged'), '--json');
    expect(JSON.parse(whole.stdout).rows).toHaveLength(36);
  });

  it('has examples in its help that parse', async () => {
    for (const [command, word] of [
      [sweepCommand, 'sweep'],
      [workerCommand as CommandModule, 'worker'],
    ] as const) {
      const { stdout } = await runCommand(command, [word, '--help']);
      expect(examplesIn(stdout).length).toBeGreaterThan(1);
    }
  });
});

describe('progress', () => {
  it('says how far it is and how long it will take, from what this run has done', () => {
    expect(progressLine({ done: 0, found: 0, total: 42 }, 'scenarios', 3)).toBe('0 of 42 scenarios');
    expect(progressLine({ done: 12, found: 2, total: 42 }, 'scenarios', 10)).toBe(
      '12 of 42 scenarios (2 from earlier), 30s to go',
    );
    expect(progressLine({ done: 1, found: 0, total: 100 }, 'points', 60)).toBe(
      '1 of 100 points, 1h 39m to go',
    );
    expect(progressLine({ done: 42, found: 42, total: 42 }, 'scenarios', 1)).toBe(
      '42 of 42 scenarios (42 from earlier)',
    );
  });
});
