import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withCommit } from '../../bench/against/worktree.js';
import { spreadOf } from '../../bench/spread.js';
import { InputError } from '../../src/base/problem.js';
import { commit } from '../../src/node/runs/package-facts.js';

describe('npm run bench', () => {
  it('tells the median of repeats with the smallest and the largest', () => {
    expect(spreadOf([3, 1, 9, 4])).toEqual({ median: 3.5, min: 1, max: 9, repeats: 4 });
  });

  it.skipIf(commit() === undefined)(
    'compares with a worktree that has our packages and is removed, also after a failure',
    { timeout: 60_000 },
    async () => {
      let folder = '';
      const use = withCommit('HEAD', async (other) => {
        folder = other.folder;
        expect(existsSync(join(folder, 'bench/measure.ts'))).toBe(true);
        expect(lstatSync(join(folder, 'node_modules')).isSymbolicLink()).toBe(true);
        throw new Error('the case failed');
      });
      await expect(use).rejects.toThrow('the case failed');
      expect(existsSync(folder)).toBe(false);
      expect(execFileSync('git', ['worktree', 'list'], { encoding: 'utf8' })).not.toContain(folder);
    },
  );

  it.skipIf(commit() === undefined)('refuses a commit that git does not know', async () => {
    await expect(withCommit('no-such-commit', async () => {})).rejects.toThrow(InputError);
  });
});
