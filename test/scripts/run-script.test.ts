import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runScript } from '../../scripts/support/run-script.js';
import { TritonFailure } from '../../scripts/triton/failure.js';
import { InputError } from '../../src/base/problem.js';
import { LiveError } from '../../src/live/inference-client.js';

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

async function outcomeOf(main: () => unknown) {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  await runScript(main);
  return { code: process.exitCode, said: said.join('') };
}

describe('a script', () => {
  it.each([
    ['an option that it does not know', () => parseArgs({ args: ['--foo'], options: {} }), 2, '--foo'],
    ['a file that is not there', () => readFileSync('/no/such.csv'), 2, '/no/such.csv'],
    ['a file that is wrong', () => Promise.reject(InputError.of('is empty')), 2, 'is empty\n'],
    ['what Triton lacks', () => Promise.reject(new TritonFailure('no Triton here')), 1, 'no Triton here\n'],
    ['what a live server did', () => Promise.reject(new LiveError('server', 'no', 'ask')), 1, 'no; ask\n'],
  ])('tells %s in a line', async (_, main, code, said) => {
    const outcome = await outcomeOf(main);
    expect(outcome.code).toBe(code);
    expect(outcome.said).toContain(said);
    expect(outcome.said.trim().split('\n')).toHaveLength(1);
  });

  it('ends with the code that it gives, and hides no fault of ours', async () => {
    expect((await outcomeOf(() => 3)).code).toBe(3);
    await expect(runScript(() => Promise.reject(new TypeError('x is not a function')))).rejects.toThrow(
      TypeError,
    );
  });
});
