import { describe, expect, it } from 'vitest';
import { formatPath } from '../../src/base/path.js';
import { formatProblem } from '../../src/base/problem.js';

describe('a problem as text', () => {
  it('is file, line, column, path, what and remedy, without the parts that are not known', () => {
    const problem = { file: 'a.yaml', line: 2, column: 3, path: 'x', what: 'is wrong', remedy: 'mend it' };
    expect(formatProblem(problem)).toBe('a.yaml:2:3: x: is wrong; mend it');
    expect(formatProblem({ what: 'is wrong' })).toBe('is wrong');
  });

  it('is one line that moves no cursor, whatever of the input it quotes', () => {
    expect(formatProblem({ what: 'found "a\r\n  b\tc"' })).toBe('found "a b c"');
    expect(formatProblem({ path: '["\u001b[2J"]', what: 'is \u202e unknown' })).toBe(
      '["�[2J"]: is � unknown',
    );
  });
});

describe('a path as text', () => {
  it('quotes keys that are no plain words, and cuts those that are long', () => {
    expect(formatPath(['tenants', 0, 'slo', 'a b'])).toBe('tenants[0].slo["a b"]');
    const long = formatPath(['models', 'x'.repeat(1_000_000), 'name']);
    expect(long).toMatch(/^models\["x{77}\.\.\."\]\.name$/);
  });
});
