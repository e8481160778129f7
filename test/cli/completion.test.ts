import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadCommands } from '../../src/cli/commands/index.js';
import { createParser } from '../../src/cli/parser.js';

afterEach(() => vi.unstubAllEnvs());

/** What a command line prints in a shell, line by line. */
async function printed(shell: string, ...words: string[]): Promise<readonly string[]> {
  vi.stubEnv('SHELL', shell);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await createParser(words, await loadCommands(words)).parseAsync();
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  return lines;
}

/** What a shell is offered when the Tab key is hit after these words; the last is what has been begun. */
const offered = (...words: string[]) => printed('/bin/bash', '--get-yargs-completions', 'perseus', ...words);

describe('perseus completion', () => {
  it.each([
    ['bash', 'complete -o bashdefault -o default -F _perseus_yargs_completions perseus'],
    ['zsh', '#compdef perseus'],
  ])('prints a script for %s, whichever the shell is', async (shell, line) => {
    expect((await printed(`/bin/${shell}`, 'completion')).join('\n').split('\n')).toContain(line);
  });

  it('prints the script of the shell that is named, and of no other than bash and zsh', async () => {
    expect((await printed('/bin/bash', 'completion', 'zsh')).join('\n')).toContain('#compdef perseus');
    expect((await printed('/bin/zsh', 'completion', 'bash')).join('\n')).toContain('complete -o bashdefault');
    await expect(printed('/bin/bash', 'completion', 'tcsh')).rejects.toThrow('bash or zsh');
  });

  it('is among the commands of --help, with an example', async () => {
    const help = (await printed('/bin/bash', '--help')).join('\n');
    expect(help).toMatch(/^ {2}perseus completion {2,}Print what makes bash or zsh complete/m);
    expect(help).toContain('perseus completion >> ~/.bashrc');
  });

  it('offers commands, subcommands, options and their values', async () => {
    expect(await offered('si')).toContain('simulate');
    expect(await offered('trace', '')).toContain('describe');
    expect(await offered('simulate', 'a.yaml', '--th')).toContain('--threads');
    expect(await offered('trace', 'import', '--spread', '')).toEqual(['even', 'uniform']);
  });

  it('does not offer the name that yargs has for a command without one', async () => {
    expect(await offered('sweep', '')).toEqual(['merge']);
  });
});
