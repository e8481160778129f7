import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadCommands } from '../../src/cli/commands/index.js';
import { createParser } from '../../src/cli/parser.js';
import { UsageError } from '../../src/cli/usage-mistake.js';

/** What is said of a command line with a mistake in its words. */
async function said(...words: string[]): Promise<readonly (string | undefined)[]> {
  try {
    await createParser(words, await loadCommands(words)).parseAsync();
  } catch (error) {
    if (error instanceof UsageError) return [error.message, error.remedy];
    throw error;
  }
  return [];
}

afterEach(() => vi.unstubAllEnvs());

describe('a mistake in the words of a command line', () => {
  it.each([
    [['simulat', 'a'], 'there is no command simulat; did you mean simulate?', 'perseus'],
    [['trace', 'slise', 'a'], 'there is no command slise; did you mean slice?', 'perseus trace'],
    [['upgrade'], 'there is no command upgrade', 'perseus'],
    [
      ['simulate', 'a', '--thread', '2'],
      'there is no option --thread; did you mean --threads?',
      'perseus simulate',
    ],
    [
      ['diff', 'a', 'b', '--fail-on-wors'],
      'there is no option --fail-on-wors; did you mean --fail-on-worse?',
      'perseus diff',
    ],
    [
      ['simulate', 'a', '--no-bunds'],
      'there is no option --no-bunds; did you mean --bounds?',
      'perseus simulate',
    ],
    [['simulate', 'a', '-x'], 'there is no option -x', 'perseus simulate'],
    [
      ['export', 'a', '--format', 'jaeger', '--out', 'b'],
      '--format: "jaeger" is none of "perfetto", "otel", "prometheus"',
      'perseus export',
    ],
    [['simulate', 'a', 'b'], '"b" is one word too many', 'perseus simulate'],
    [['simulate', 'a', '-1', '-'], '"-1" is one word too many; "-" is one word too many', 'perseus simulate'],
    [['simulate', 'a', '---'], '"---" is one word too many', 'perseus simulate'],
    [['simulate'], 'perseus simulate needs <scenario>', 'perseus simulate'],
    [['diff', 'a'], 'perseus diff needs <b>', 'perseus diff'],
    [['trace', 'rename'], 'perseus trace rename needs <file> and <names>', 'perseus trace rename'],
    [['emit', 'a'], 'perseus emit needs --out', 'perseus emit'],
    [
      ['simulate', '--hlep'],
      'perseus simulate needs <scenario>; there is no option --hlep; did you mean --help?',
      'perseus simulate',
    ],
    [
      ['emit', 'a', '--otu=b', '--copy', '--warmUp'],
      'perseus emit needs --out; there is no option --otu; did you mean --out?; there is no option --warmUp; did you mean --warm-up?',
      'perseus emit',
    ],
    [['--hlep'], 'there is no option --hlep; did you mean --help?', 'perseus'],
    [['trace', '--hlep'], 'there is no option --hlep; did you mean --help?', 'perseus trace'],
  ])('%j: names it, and what may have been meant', async (words, message, command) => {
    const [what, remedy] = await said(...words);
    expect(what).toBe(message);
    expect(remedy).toMatch(new RegExp(`^${command} --help lists `));
  });

  it('names a command that is missing, and says once where they are listed', async () => {
    expect(await said()).toEqual(['Name a command; perseus --help lists them.', undefined]);
  });

  it('is told in English wherever the machine is, as is the help', async () => {
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
    expect(await said('simulate')).toContain('perseus simulate needs <scenario>');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await createParser(['simulate', '--help'], await loadCommands()).parseAsync();
    expect(log.mock.calls.join('\n')).toContain('Options:');
    log.mockRestore();
  });
});
