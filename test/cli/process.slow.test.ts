import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { runCommand, withoutProgress } from './in-process.js';
import { PERSEUS, perseus, scenarioText, smallScenario } from './small-scenario.js';

const { file, folder, path, write } = smallScenario();

describe('a process of perseus', () => {
  it('prints a table of the tenants on stdout and nothing on stderr; JSON is the same bytes in any process', async () => {
    const table = perseus(['simulate', file, '-v']);
    expect([table.code, withoutProgress(table.stderr)]).toEqual([0, '']);
    for (const word of ['cats-people', 'dogs-people', 'p99', 'gpu0']) expect(table.stdout).toContain(word);
    expect(table.stdout).not.toContain('\u001b');
    const json = perseus(['simulate', file, '--json']);
    expect([json.code, withoutProgress(json.stderr)]).toEqual([0, '']);
    const here = await runCommand(simulateCommand as CommandModule, ['simulate', file, '--json']);
    expect(here.stdout).toBe(json.stdout);
  });

  it('reads a scenario from standard input, whose paths are those of the folder that it runs in', () => {
    const input = readFileSync(file, 'utf8');
    const given = (...words: string[]) =>
      spawnSync(process.execPath, [...PERSEUS, ...words], { encoding: 'utf8', cwd: folder, input });
    const piped = given('simulate', '--json', '-', '--runs', '2', '--out', path('piped'));
    expect([piped.status, readFileSync(path('piped/source/scenario.yaml'), 'utf8')]).toEqual([0, input]);
    const named = perseus(['simulate', 'small.yaml', '--json', '--runs', '2'], folder);
    expect(piped.stdout.replace('(stdin)', 'small.yaml')).toBe(named.stdout);
    const wrong = spawnSync(process.execPath, [...PERSEUS, 'simulate', '-'], {
      encoding: 'utf8',
      input: 'name: 1',
    });
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('(stdin):1:7: name: ')]);
  });

  it('is silent when the reader of its output has gone', async () => {
    const child = spawn(process.execPath, [...PERSEUS, 'simulate', file, '--json']);
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
  });

  it('does its work to the end where nobody reads what it says of it', async () => {
    const words = ['simulate', file, '--log', path('unsaid.csv'), '--html', path('unsaid.html')];
    const child = spawn(process.execPath, [...PERSEUS, ...words]);
    child.stdout.resume();
    child.stderr.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    expect(existsSync(path('unsaid.html'))).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('says in a line that the disk its output goes to is full', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, ...PERSEUS, 'simulate', file],
      { encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^perseus: write: no space is left on the disk[^\n]*\n$/);
  });

  it('that is interrupted leaves nothing half-written', async () => {
    const long = write('long.yaml', scenarioText({ durationS: 600, ratePerS: 300 }));
    const child = spawn(process.execPath, [...PERSEUS, 'simulate', long, '--out', path('cut')]);
    const ended = new Promise((resolve) => child.on('close', resolve));
    const before = readdirSync(folder);
    const fresh = () => readdirSync(folder).filter((name) => !before.includes(name));
    let running = true;
    ended.then(() => {
      running = false;
    });
    while (running && fresh().length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGINT');
    await ended;
    // Either nothing, or, if it was faster than the signal, the whole folder.
    expect([[], ['cut']]).toContainEqual(fresh());
    if (existsSync(path('cut'))) expect(existsSync(path('cut/source/long.yaml'))).toBe(true);
  });

  it('exits with 2 where the scenario or the command line has mistakes, and says all of them', () => {
    const broken = write(
      'broken.yaml',
      scenarioText().replace('durationS: 4', 'durationS: -4').replace('percentile: 99', 'percentil: 99'),
    );
    const before = readdirSync(folder);
    const { code, stdout, stderr } = perseus(['simulate', broken, '--out', path('run')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const problems = stderr.split('\n').filter((line) => line.startsWith(`${broken}:`));
    expect(problems.length).toBeGreaterThan(1);
    expect(stderr).toContain(`perseus: ${problems.length} problems; nothing was written`);
    expect(readdirSync(folder)).toEqual(before);
    const unknown = perseus(['simulat', file]);
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain('perseus --help');
  });

  it('fails a build also where nobody reads what it says', async () => {
    const expectations = write(
      'expectations.yaml',
      'perseus-expectations: 1\nruns: 3\ncases:\n  - scenario: small.yaml\n    expect: [{metric: p99Ms, atMost: 0.1}]\n',
    );
    const child = spawn(process.execPath, [...PERSEUS, 'check', expectations, '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
  });
});
