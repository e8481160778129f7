import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { pageCommand } from '../../src/cli/commands/page.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { runCommand, withoutProgress } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, folder, path, write } = smallScenario();
const simulate = (...words: string[]) => runCommand(simulateCommand as CommandModule, ['simulate', ...words]);

describe('perseus simulate', () => {
  it('refuses to print two forms, of which one would be lost', async () => {
    expect(await simulate(file, '--json', '--csv')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--csv: cannot be printed beside --json; keep one of them'),
    });
  });

  it('prints a table of the tenants on stdout and nothing on stderr; JSON is the same bytes on every run', async () => {
    const table = await simulate(file, '-v');
    expect([table.code, withoutProgress(table.stderr)]).toEqual([0, '']);
    for (const word of ['cats-people', 'dogs-people', 'p99', 'gpu0']) expect(table.stdout).toContain(word);
    expect(table.stdout).not.toContain('\u001b');
    const json = await simulate(file, '--json');
    expect([json.code, withoutProgress(json.stderr)]).toEqual([0, '']);
    expect((await simulate(file, '--json')).stdout).toBe(json.stdout);
    const report = JSON.parse(json.stdout);
    expect(report.summary.tenants.map(({ tenant }: { tenant: string }) => tenant)).toEqual([
      'cats-people',
      'dogs-people',
    ]);
  });

  it('does not call an SLO met of which no request was counted', async () => {
    write('early.csv', 'arrival_us,tenant\n0,early\n100000,early\n');
    const early = scenarioText().replace(/\{process.*\}/, '{trace: {file: early.csv}}');
    const { stdout } = await simulate(write('early.yaml', early));
    expect(stdout).toContain('No request of cats-people was counted: whether its SLO is met is not known.');
    expect(stdout).toMatch(/^cats-people +p99 ≤ 12 ms +– /m);
    expect(stdout).toMatch(/^The SLO is (met|missed)\.$/m);
  });

  it('draws again under another seed, and simulates as long as it is told', async () => {
    const as = await simulate(file, '--json');
    expect((await simulate(file, '--json', '--seed', '3')).stdout).toBe(as.stdout);
    expect((await simulate(file, '--json', '--seed', '4')).stdout).not.toBe(as.stdout);
    const longer = await simulate(file, '--json', '--duration', '8s', '--warm-up', '1000ms');
    expect(JSON.parse(longer.stdout).summary).toMatchObject({ measuredS: 7, warmUpS: 1 });
    expect(offered(longer)).toBeGreaterThan(1.5 * offered(as));
  });

  it('prints the tenants as CSV, a row each under one header', async () => {
    const { code, stdout } = await simulate(file, '--csv');
    expect(code).toBe(0);
    const [header, ...rows] = stdout.trimEnd().split(/\r?\n/);
    expect(header).toMatch(/^tenant,/);
    expect(rows).toHaveLength(2);
    expect(new Set([header, ...rows].map((line) => line!.split(',').length)).size).toBe(1);
  });

  it('gives an interval beside its figures when it has several runs', async () => {
    const { stdout } = await simulate(file, '--json', '--runs', '3');
    const { latencyMs } = JSON.parse(stdout).summary.tenants[0];
    expect(latencyMs.mean.low).toBeLessThan(latencyMs.mean.value);
    expect(latencyMs.mean.high).toBeGreaterThan(latencyMs.mean.value);
    expect((await simulate(file, '--runs', '3')).stdout).toMatch(/\d \(\d.*–\d/);
  });

  it('gives the same with more threads', async () => {
    const apart = write('apart.yaml', scenarioText({ servers: 2 }));
    const [one, two] = [await simulate(apart, '--json'), await simulate(apart, '--json', '--threads', '2')];
    expect(two.stdout).toBe(one.stdout);
  });

  it('writes the log of every request in each format that its help names', async () => {
    const { stdout } = await simulate('--help');
    const [, formats] = /Write every request to a (.*) file/.exec(stdout)!;
    for (const format of formats!.match(/\.\w+/g)!)
      expect((await simulate(file, '--log', path(`each${format}`))).code, format).toBe(0);
  });

  it('says of which of several runs the log is', async () => {
    const { stderr } = await simulate(file, '--log', path('first.csv'), '--runs', '2');
    expect(stderr).toContain(
      `wrote ${path('first.csv')} and ${path('first.calls.csv')} (the first of 2 runs)`,
    );
  });

  it('writes one self-contained HTML file, and the log of every request, and says so on stderr', async () => {
    const { code, stderr, stdout } = await simulate(file, '--html', path('r.html'), '--log', path('r.csv'));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `wrote ${path('r.csv')} and ${path('r.calls.csv')}\nwrote ${path('r.html')}\n`,
    });
    expect(stdout).toContain('cats-people');
    const html = readFileSync(path('r.html'), 'utf8');
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    const rows = readFileSync(path('r.csv'), 'utf8').trimEnd().split('\n');
    expect(rows.length - 1).toBe(offered(await simulate(file, '--json', '--warm-up', '0')));
    expect(readFileSync(path('r.calls.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(rows.length);
  });

  it('writes a run folder that a second run replaces, and leaves no other file behind', async () => {
    const out = path('run');
    expect((await simulate(file, '--out', out)).code).toBe(0);
    const files = [
      'devices.csv',
      'inputs',
      'perseus-folder.json',
      'report.html',
      'report.json',
      'report.txt',
      'requests.arrow',
      'requests.calls.arrow',
      'scenario.json',
      'source',
      'tenants.csv',
    ];
    expect(readdirSync(out).sort()).toEqual(files);
    expect(readFileSync(path('run/source/small.yaml'), 'utf8')).toBe(readFileSync(file, 'utf8'));
    const first = readFileSync(path('run/report.json'), 'utf8');
    expect((await simulate(file, '--out', out, '--seed', '9')).code).toBe(0);
    expect(readFileSync(path('run/report.json'), 'utf8')).not.toBe(first);
    expect((await simulate(file, '--out', out)).code).toBe(0);
    expect(readFileSync(path('run/report.json'), 'utf8')).toBe(first);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('takes the run folder that it wrote as a scenario, and gives the same figures from there', async () => {
    write('trace.csv', 'arrival_us\n0\n700000\n3999999\n');
    const replayed = scenarioText().replace(/\{process.*\}/, '{trace: {file: trace.csv}}');
    const scenario = write('replayed.yaml', replayed);
    const out = path('deep/er/run');
    expect((await simulate(scenario, '--out', out)).code).toBe(0);
    const again = await simulate(out, '--json');
    expect(again.code).toBe(0);
    const { summary } = JSON.parse(readFileSync(`${out}/report.json`, 'utf8'));
    expect(JSON.parse(again.stdout).summary).toEqual(summary);
  });

  it('refuses to overwrite a folder that is no run, before anything is written', async () => {
    mkdirSync(path('mine'));
    writeFileSync(path('mine/notes.txt'), 'mine');
    const { code, stdout, stderr } = await simulate(
      file,
      '--out',
      path('mine'),
      '--html',
      path('never.html'),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      'mine holds notes.txt, which perseus simulate did not write; name another folder',
    );
    expect(readdirSync(path('mine'))).toEqual(['notes.txt']);
    expect(existsSync(path('never.html'))).toBe(false);
  });

  it('says with --headroom how far all loads may grow, the load as it is among them', async () => {
    const { code, stdout } = await simulate(file, '--headroom', '--json', '--no-bounds');
    expect(code).toBe(0);
    const { headroom, summary } = JSON.parse(stdout);
    const asItIs = headroom.points.find(({ factor }: { factor: number }) => factor === 1);
    for (const [i, { ms }] of asItIs.tenants.entries()) {
      const { percentiles } = summary.tenants[i].latencyMs;
      expect(ms).toEqual(percentiles.find((row: { percentile: number }) => row.percentile === 99).ms);
    }
    expect(headroom.failsAt).toBeGreaterThan(headroom.factor);
    expect((await simulate(file, '--headroom')).stdout).toMatch(
      /^(Every SLO holds up to|Even at) [\d.]+ times this load/m,
    );
    const unasked = write('unasked.yaml', scenarioText().replace(/ +slo: .*\n/g, ''));
    const refused = await simulate(unasked, '--headroom');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('--headroom: no tenant has an SLO that a larger load could miss');
  });

  it('tells at once which options are wrong and which results have no place, before anything is simulated', async () => {
    mkdirSync(path('page'));
    const numbers = ['--duration', '-1', '--warm-up', '-3', '--runs', '0'];
    const places = ['--html', path('page'), '--log', path('all.csv'), '--out', path('small.yaml/run')];
    const { code, stderr } = await simulate(file, ...numbers, ...places);
    expect(code).toBe(2);
    expect(stderr.match(/^--[a-z-]+/gm)).toEqual(['--duration', '--warm-up', '--runs', '--html', '--out']);
    expect(stderr).toContain('page is a folder; name a file');
    expect(existsSync(path('all.csv'))).toBe(false);
    const { code: alone } = await simulate(file, '--html', path('page'), '--log', path('all.csv'));
    expect(alone).toBe(2);
    expect(existsSync(path('all.csv'))).toBe(false);
    const page = ['page', path('none.yaml'), '--out', path('page')];
    const { stderr: both } = await runCommand(pageCommand as CommandModule, page);
    expect(both).toContain('none.yaml: there is no such file');
    expect(both).toContain('--out: ');
  });
});

function offered({ stdout }: { stdout: string }): number {
  return JSON.parse(stdout).summary.total.counts.offered;
}
