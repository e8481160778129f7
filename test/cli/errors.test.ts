import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandModule } from 'yargs';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { loadCommands } from '../../src/cli/commands/index.js';
import { simulateCommand } from '../../src/cli/commands/simulate.js';
import { examplesIn, runCommand, runCommands } from './in-process.js';
import { scenarioText, smallScenario } from './small-scenario.js';

const { file, folder, path, write } = smallScenario();
const simulate = (...words: string[]) => runCommand(simulateCommand as CommandModule, ['simulate', ...words]);

describe('a scenario with mistakes', () => {
  const broken = write(
    'broken.yaml',
    scenarioText()
      .replace('durationS: 4', 'durationS: -4')
      .replace('percentile: 99', 'percentil: 99')
      .replace('model: dogs\n', 'model: birds\n'),
  );

  it('exits with 2 and says all of them, with file, line and column and what to write instead', async () => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await simulate(broken, '--out', path('run'), '--html', path('run.html'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const problems = stderr.split('\n').filter((line) => line.startsWith(`${broken}:`));
    for (const line of problems) expect(line.slice(broken.length)).toMatch(/^:\d+:\d+: \S+: .+/);
    for (const word of ['durationS', 'percentil', 'birds'])
      expect(problems.some((line) => line.includes(word))).toBe(true);
    expect(stderr).toContain(`perseus: ${problems.length} problems; nothing was written`);
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each([
    ['a file that is missing', () => 'nowhere.yaml', 'nowhere.yaml: there is no such file; check the path\n'],
    [
      'a folder',
      () => folder,
      'this is a folder; name a scenario file in it; perseus init --repository makes',
    ],
    [
      'a trace',
      () => write('log.csv', 'arrival_us,tenant\n0,a\n'),
      'log.csv: by its name this is a trace, not a scenario; name a scenario, and this file in it as load:',
    ],
    ['an empty file', () => write('empty.yaml', ''), 'empty.yaml'],
    ['a file that is no YAML', () => write('odd.yaml', '{a: ['), 'odd.yaml:1:'],
    [
      'a profile that is missing',
      () => write('lost.yaml', scenarioText().replace('[profiles]', '[profils]')),
      'profils',
    ],
  ])('that is %s is a mistake of the user too', async (_, make, said) => {
    const { code, stdout, stderr } = await simulate(make());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr).not.toContain(`${said}${said}`);
    expect(stderr).not.toContain('this is a bug');
  });
});

describe('that nothing was written', () => {
  it('is told only where something was to be', async () => {
    const place = path('never.html');
    expect((await simulate('nowhere.yaml')).stderr).toMatch(/\nperseus: one problem\n$/);
    expect((await simulate('nowhere.yaml', '--html', place)).stderr).toMatch(/; nothing was written\n$/);
    const explained = await runCommand(explainCommand as CommandModule, ['explain', 'nowhere.yaml']);
    expect(explained.stderr).toMatch(/\nperseus: one problem\n$/);
  });
});

describe('a command line with mistakes', () => {
  it('and a scenario with others are told at once', async () => {
    const wrong = write('wrong.yaml', scenarioText().replace('model: dogs\n', 'model: birds\n'));
    const { code, stderr } = await simulate(wrong, '--runs', '0');
    expect(code).toBe(2);
    expect(stderr).toContain('--runs: 0 is out of range');
    expect(stderr).toContain('"birds"');
  });

  it('with an empty word in place of a file names what it stands for', async () => {
    expect((await simulate('')).stderr).toMatch(/^<scenario>: is empty/);
  });

  it('with an unknown command exits with 2 and says where to look', async () => {
    const { code, stdout, stderr } = await runCommands(commands, ['simulat', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/simulat/);
    expect(stderr).toContain('perseus --help');
  });

  it.each([
    ['an unknown option', ['--jsn'], /jsn/],
    ['an option without its value', ['--out'], /--out/],
    ['a word where a number belongs', ['--runs', 'many'], /--runs/],
    ['no runs at all', ['--runs', '0'], /runs/],
    ['half a run', ['--runs', '2.5'], /^--runs: 2.5 is out of range; write a whole number from 1 to 10000/],
    ['an option without its value at the end', ['--json', '--runs'], /^--runs: has no value/],
    ['an option without its value before another', ['--threads', '--json'], /^--threads: has no value/],
    ['a length below zero', ['--duration', '-1'], /duration/],
    ['an empty text where a number belongs', ['--warm-up', ''], /^--warm-up: has no value/],
    ['a blank after the = of a number', ['--warm-up= '], /^--warm-up: has no value/],
    ['a number given twice, which yargs adds up', ['--runs', '5', '--runs', '1'], /^--runs: is given more/],
    [
      'a time with an unknown unit',
      ['--duration', '5mins'],
      /^--duration: "5mins" is no length of time; write for example 90s/,
    ],
    ['a value that is switched off', ['--no-seed', '--no-warm-up'], /^--no-seed: .*\n--no-warm-up: /],
    ['a field of an option', ['--out.x', 'y'], /out\.x/],
    ['a flag that is neither on nor off', ['--json=yes'], /^--json: "yes" is neither true nor false/],
    [
      'more threads than a process bears',
      ['--threads', '10000'],
      /^--threads: 10000 is out of range; write a whole number from 1 to/,
    ],
    ['a seed that no file takes', ['--seed', 'x'.repeat(201)], /^--seed: is too long/],
    ['a log of an unknown kind', ['--log', path('log.txt')], /log\.txt/],
  ])('with %s exits with 2 and names it', async (_, words, named) => {
    const { code, stdout, stderr } = await simulate(file, ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(named);
    expect(existsSync(path('log.txt'))).toBe(false);
  });
});

const commands = await loadCommands();

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout } = await runCommands(commands, ['--help']);
    expect(code).toBe(0);
    for (const { command } of commands) expect(stdout).toContain(`perseus ${String(command).split(' ')[0]}`);
  });

  it.each(
    commands
      .filter(({ describe: text }) => text)
      .map((command) => [String(command.command).split(' ')[0]!, command]),
  )('of %s has an example that begins with its name', async (name, command) => {
    const { code, stdout } = await runCommand(command as CommandModule, [name as string, '--help']);
    expect(code).toBe(0);
    const subcommands = /Commands:\n/.test(stdout);
    const examples = examplesIn(stdout);
    if (!subcommands) expect(examples.length).toBeGreaterThan(0);
    for (const [first] of examples) expect(first).toBe(name);
    for (const words of examples) requireShipped(words);
  });
});

/** Files of the repository that an example names are there, and so is the tenant that it names. */
function requireShipped(words: readonly string[]): void {
  const files = words.filter((word) => /^(scenarios|sweeps|plans|expectations|traces)\//.test(word));
  for (const shipped of files) expect(existsSync(shipped), words.join(' ')).toBe(true);
  const tenant = words[words.findIndex((word) => word === '--tenant' || word === '--without') + 1]!;
  const scenario = files.find((shipped) => shipped.startsWith('examples/scenarios/'));
  if (scenario === undefined || tenant === words[0]) return;
  expect(readFileSync(scenario, 'utf8')).toMatch(new RegExp(`- name: ${tenant}$`, 'm'));
}
